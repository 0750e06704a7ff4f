/**
 * The shell, which is the code around the commands. It checks the command line, runs the command, and reports how the
 * command ended.
 */
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as Path from "@effect/platform/Path"
import type * as Terminal from "@effect/platform/Terminal"
import * as Cause from "effect/Cause"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as FiberId from "effect/FiberId"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Option from "effect/Option"
import * as Argv from "./argv.js"
import { Catalog, type Entry } from "./entry.js"
import { UsageError } from "./errors.js"
import { type Ending, exitCodes } from "./exitCodes.js"
import type { CliError } from "./failure.js"
import * as Notices from "./notices.js"
import * as Output from "./output.js"
import { program } from "./overview.js"
import * as Prompts from "./prompts.js"
import type { Named } from "./select.js"
import * as Signals from "./signals.js"

/** The services that the shell provides. */
type Shell = Signals.Signals | Notices.Notices | Prompts.Prompts | Catalog

type Platform = FileSystem.FileSystem | Path.Path | Terminal.Terminal

/** The program's help or version could not be written. */
interface Unwritten {
  readonly _tag: "Unwritten"
  readonly error: Error
}

/** The command line, and the command that it selects. */
export interface Options {
  readonly commands: ReadonlyArray<Entry>
  readonly argv: ReadonlyArray<string>
  /** The selected command, or an error. */
  readonly selected: Named<Entry> | Unwritten
  readonly streams: { readonly stdout: NodeJS.WriteStream; readonly stderr: NodeJS.WriteStream }
}

const variable = (name: string) => Effect.orDie(Config.string(name).pipe(Config.withDefault("")))

/** Returns true if the environment allows colors. */
const wantsColor = Effect.map(
  Effect.all([variable("NO_COLOR"), variable("TERM")]),
  ([noColor, terminal]) => noColor === "" && terminal !== "dumb"
)

/** Makes the service with which a command writes its output. */
const makeOutput = (command: string, { json, ndjson }: Argv.ShellFlags, stdout: NodeJS.WriteStream) =>
  Effect.map(wantsColor, (wanted) =>
    Output.make({
      command,
      format: ndjson ? "ndjson" : json ? "json" : stdout.isTTY ? "table" : "tsv",
      hasColor: stdout.isTTY && wanted,
      stdout
    })
  )

/** Loads the selected command, checks its words, and runs it. */
const runSelected = (
  { selected, streams }: Options,
  flags: Argv.ShellFlags
): Effect.Effect<void, CliError, Platform | Shell> => {
  if (selected._tag === "Wrong") return new UsageError({ message: selected.message, hint: selected.hint })
  if (selected._tag === "Unwritten") return Output.writeError(selected.error)
  const { command, path, rest } = selected
  const name = path.map((entry) => entry.name).join(" ")
  const called = `${program} ${name}`
  return Effect.gen(function* () {
    const { grammar, help, run } = yield* Effect.promise(command.load)
    const words = yield* Argv.check(called, grammar, rest)
    if (words === undefined) return yield* Output.writeTo(streams.stdout)(help(called, command.summary))
    return yield* Effect.provideServiceEffect(
      run(called, words),
      Output.Output,
      makeOutput(name, flags, streams.stdout)
    )
  })
}

/** Writes an error, an interruption or a defect to stderr. */
const tell = (
  cause: Cause.Cause<CliError>,
  notices: Notices.Service,
  isJson: boolean,
  onlyReads: boolean
): Effect.Effect<Ending> =>
  Effect.gen(function* () {
    const Failure = yield* Effect.promise(() => import("./failure.js"))
    const error = Cause.failureOption(cause)
    const isInterrupted = Cause.isInterruptedOnly(cause)
    const failure = Option.isSome(error)
      ? Failure.describe(error.value)
      : isInterrupted
        ? Failure.interrupted(onlyReads)
        : Failure.defect
    // Report success if the reader of the output has closed the pipe, because the reader needs no more output.
    if (failure === undefined) return "done"
    if (failure === Failure.defect && notices.isVerbose) yield* notices.raw(`${Cause.pretty(cause)}\n`)
    yield* isJson ? notices.raw(`${Failure.formatJson(failure)}\n`) : notices.line(Failure.format(program, failure))
    return failure.ending
  })

const levelOf = ({ json, ndjson, quiet, verbose }: Argv.ShellFlags): LogLevel.LogLevel =>
  verbose ? LogLevel.Debug : quiet || json || ndjson ? LogLevel.Error : LogLevel.Warning

/** Runs a command line, and returns the exit code. */
export const main =
  (options: Options) =>
  (signals: Signals.Service): Effect.Effect<number, never, Platform> =>
    Effect.suspend(() => {
      const { stderr, stdout } = options.streams
      // Listen for errors: without a listener, a closed pipe would end the process.
      for (const stream of [stdout, stderr]) stream.on("error", () => {})
      const flags = Argv.shellFlags(options.argv)
      const isJson = flags.json || flags.ndjson
      const { selected } = options
      const onlyReads = selected._tag !== "Command" || selected.command.onlyReads(selected.rest)
      // If the output is JSON and stderr is not a terminal, write no notes, because a script does not read them.
      const notices = Notices.make(stderr, { ...flags, quiet: flags.quiet || (isJson && !stderr.isTTY) })
      const logger = Logger.map(Logger.logfmtLogger, (text) => void stderr.write(`${text}\n`))
      return runSelected(options, flags).pipe(
        Effect.as<Ending>("done"),
        Effect.catchAllCause((cause) =>
          Cause.isInterruptedOnly(cause) ? Effect.interrupt : tell(cause, notices, isJson, onlyReads)
        ),
        Effect.onInterrupt(() => tell(Cause.interrupt(FiberId.none), notices, isJson, onlyReads)),
        Effect.map((ending) => exitCodes[ending].code),
        Effect.provideService(Notices.Notices, notices),
        Effect.provideServiceEffect(Prompts.Prompts, Prompts.make),
        Effect.provideService(Signals.Signals, signals),
        Effect.provideService(Catalog, { program, commands: options.commands }),
        Effect.provide(Logger.replace(Logger.defaultLogger, logger)),
        Logger.withMinimumLogLevel(levelOf(flags))
      )
    })
