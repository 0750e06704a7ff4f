/** The shell around the commands: checks the command line, runs the command, and tells how it ended. */
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as Path from "@effect/platform/Path"
import type * as Terminal from "@effect/platform/Terminal"
import * as Cause from "effect/Cause"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Option from "effect/Option"
import * as Argv from "./argv.js"
import type { Runnable } from "./command.js"
import type { UsageError } from "./errors.js"
import { type Ending, exitCodes } from "./exitCodes.js"
import * as Failure from "./failure.js"
import * as Help from "./help.js"
import * as Notices from "./notices.js"
import * as Output from "./output.js"
import * as Prompts from "./prompts.js"
import * as Signals from "./signals.js"

/** The name of the command. */
export const program = "mammoth-webhooks"

export const summary = "Lists, changes and feeds the webhooks of Mammoth Analytics."

interface Streams {
  readonly stdout: NodeJS.WriteStream
  readonly stderr: NodeJS.WriteStream
}

/** Is there a wish for no color? */
const noColor = Effect.map(
  Effect.orDie(
    Config.all([
      Config.string("NO_COLOR").pipe(Config.withDefault("")),
      Config.string("TERM").pipe(Config.withDefault(""))
    ])
  ),
  ([wish, terminal]) => wish !== "" || terminal === "dumb"
)

/** A parallel bundle of errors shows its first. */
const tell = (notices: Notices.Service, isJson: boolean, failure: Failure.Failure): Effect.Effect<Ending> =>
  Effect.as(
    isJson ? notices.raw(`${Failure.formatJson(failure)}\n`) : notices.line(Failure.format(program, failure)),
    failure.ending
  )

/** Runs a command line, and returns the exit code. */
export const main =
  (options: {
    readonly commands: ReadonlyArray<Runnable>
    readonly argv: ReadonlyArray<string>
    readonly version: string
    readonly streams: Streams
  }) =>
  (signals: Signals.Service): Effect.Effect<number, never, FileSystem.FileSystem | Path.Path | Terminal.Terminal> =>
    Effect.gen(function* () {
      const { argv, commands, streams, version } = options
      const { stderr, stdout } = streams
      // a listener for each stream: without one, a closed pipe would end the process in any state
      for (const stream of [stdout, stderr]) stream.on("error", () => {})
      const flags = Argv.shellFlags(argv)
      const isJson = flags.json || flags.ndjson
      const notices = Notices.make(stderr, flags)
      const write = Output.writeTo(stdout)

      const runMatched = (
        matched: Argv.Matched<Runnable>
      ): Effect.Effect<void, Failure.CliError, FileSystem.FileSystem | Path.Path | Terminal.Terminal> => {
        switch (matched._tag) {
          case "Version":
            return write(`${version}\n`)
          case "Help":
            return write(
              matched.path.length === 0
                ? Help.ofProgram(program, summary, commands)
                : Help.ofCommand(program, matched.path)
            )
          case "Run":
            return Effect.gen(function* () {
              const format = flags.ndjson ? "ndjson" : flags.json ? "json" : stdout.isTTY ? "table" : "tsv"
              const output = Output.make({
                command: matched.path.map(({ name }) => name).join(" "),
                format,
                hasColor: stdout.isTTY && !(yield* noColor),
                stdout
              })
              return yield* matched.command
                .run(matched.words)
                .pipe(
                  Effect.provideService(Output.Output, output),
                  Effect.provideServiceEffect(Prompts.Prompts, Prompts.make),
                  Effect.provideService(Notices.Notices, notices),
                  Effect.provideService(Signals.Signals, signals)
                )
            })
        }
      }

      const matched: Either.Either<Argv.Matched<Runnable>, UsageError> = Argv.match(
        program,
        commands,
        (command) => command.children,
        argv
      )
      const ending = yield* Effect.flatMap(matched, runMatched).pipe(
        Effect.as<Ending>("done"),
        Effect.catchAllCause((cause): Effect.Effect<Ending> => {
          const error = Cause.failureOption(cause)
          if (Option.isSome(error)) {
            const failure = Failure.describe(error.value)
            return failure === undefined ? Effect.succeed("done") : tell(notices, isJson, failure)
          }
          if (Cause.isInterruptedOnly(cause)) return Effect.succeed("interrupted")
          const details = flags.verbose ? notices.raw(`${Cause.pretty(cause)}\n`) : Effect.void
          return Effect.zipRight(details, tell(notices, isJson, Failure.defect))
        }),
        Effect.onInterrupt(() =>
          notices.line(
            `${program}: interrupted; delivery: unknown if a change was in flight; look before you repeat it`
          )
        ),
        Effect.provide(
          Logger.replace(
            Logger.defaultLogger,
            Logger.map(Logger.logfmtLogger, (text) => void stderr.write(`${text}\n`))
          )
        ),
        Logger.withMinimumLogLevel(flags.verbose ? LogLevel.Debug : flags.quiet ? LogLevel.Error : LogLevel.Warning)
      )
      return exitCodes[ending].code
    })
