/** Compiles the sides and servers of a benchmark, and runs each in a process of its own. */
import { rm } from "node:fs/promises"
import { fileURLToPath } from "node:url"
import { Command } from "@effect/platform"
import { Deferred, Effect, Mailbox, Queue, Schema, Stream } from "effect"
import { build as bundle } from "esbuild"
import { because, Failed } from "./Failed.js"

const dist = new URL("../../dist/", import.meta.url)

/** A folder for this process alone, so that a second run cannot replace the sides of the first. */
const output = new URL(`${process.pid}/`, dist)

/** The compiled file of an entry. */
export const fileOf = (entry: string): string => fileURLToPath(new URL(`${entry}.js`, output))

/** The flags with which Node writes a CPU profile of a side. */
export const cpuProf = (side: string): ReadonlyArray<string> => [
  "--cpu-prof",
  `--cpu-prof-dir=${fileURLToPath(new URL(`profiles/${side}`, dist))}`
]

export interface Entries {
  /** Paths in `src`, without extension. */
  readonly names: ReadonlyArray<string>
  /** Files that stand for modules which are generated for the benchmark. */
  readonly alias?: Readonly<Record<string, string>>
  /** Keeps the compiled files, because CPU profiles name their lines. */
  readonly keep: boolean
}

/**
 * Compiles entries, and removes them with the scope. Our packages are bundled, and all others are loaded from
 * `node_modules`, as in an app.
 */
export const build = ({ alias = {}, keep, names }: Entries) =>
  Effect.zipRight(
    Effect.addFinalizer(() =>
      keep ? Effect.void : Effect.ignore(Effect.tryPromise(() => rm(output, { recursive: true, force: true })))
    ),
    Effect.tryPromise({
      try: () =>
        bundle({
          entryPoints: names.map((name) => ({
            in: fileURLToPath(new URL(`../${name}.ts`, import.meta.url)),
            out: name
          })),
          outdir: fileURLToPath(output),
          bundle: true,
          platform: "node",
          format: "esm",
          target: "node20",
          external: ["effect", "@effect/*", "undici", "openapi-fetch", "zod"],
          alias: { ...alias },
          sourcemap: true,
          logLevel: "silent"
        }),
      catch: because("The sides cannot be compiled")
    })
  )

const failed = (side: string, reason: string) => new Failed({ message: `The side ${side} failed: ${reason}` })

const decode = <A, I>(side: string, schema: Schema.Schema<A, I>, line: string) =>
  Effect.mapError(Schema.decode(Schema.parseJson(schema))(line), ({ message }) => failed(side, message))

const node = (flags: ReadonlyArray<string>, entry: string, job: unknown) =>
  Command.make(process.execPath, ...flags, fileOf(entry), JSON.stringify(job)).pipe(Command.stderr("inherit"))

/** Runs an entry to its end, and decodes the JSON that it prints. */
export const run = <A, I>(
  entry: string,
  job: unknown,
  answer: Schema.Schema<A, I>,
  flags: ReadonlyArray<string> = []
) =>
  Effect.gen(function* () {
    const child = yield* Command.start(node(flags, entry, job))
    const [stdout, code] = yield* Effect.all([Stream.mkString(Stream.decodeText(child.stdout)), child.exitCode], {
      concurrency: "unbounded"
    })
    return yield* code === 0 ? decode(entry, answer, stdout) : failed(entry, `it exited with ${code}`)
  }).pipe(Effect.scoped)

/** Opens a process that answers each line of JSON with one; it ends with the scope. */
export const open = (side: string, entry: string, job: unknown, flags: ReadonlyArray<string> = []) =>
  Effect.gen(function* () {
    const questions = yield* Queue.unbounded<string>()
    const child = yield* node(flags, entry, job).pipe(
      Command.stdin(Stream.encodeText(Stream.fromQueue(questions))),
      Command.start
    )
    // the process ends by itself when its input does, so that it can write its profile
    yield* Effect.addFinalizer(() =>
      Effect.zipRight(Queue.shutdown(questions), child.exitCode.pipe(Effect.timeout("10 seconds"), Effect.ignore))
    )
    const answers = yield* Mailbox.fromStream(child.stdout.pipe(Stream.decodeText(), Stream.splitLines))
    const take = <A, I>(schema: Schema.Schema<A, I>) =>
      answers.take.pipe(
        Effect.mapError((error) => failed(side, error._tag === "NoSuchElementException" ? "it ended" : error.message)),
        Effect.flatMap((line) => decode(side, schema, line))
      )
    return {
      take,
      ask: <A, I>(question: object, answer: Schema.Schema<A, I>) =>
        Effect.zipRight(Queue.offer(questions, `${JSON.stringify(question)}\n`), take(answer))
    }
  })

/** Starts a server, stops it with the scope, and yields the base URL that it prints. */
export const serve = (name: string, command = Command.make(process.execPath, fileOf(name))) =>
  Effect.gen(function* () {
    const child = yield* command.pipe(Command.stderr("inherit"), Command.start)
    const started = yield* Deferred.make<string, Failed>()
    yield* child.stdout.pipe(
      Stream.decodeText(),
      Stream.splitLines,
      Stream.runForEach((line) => {
        const baseUrl = /MAMMOTH_BASE_URL=(\S+)/.exec(line)?.[1]
        return baseUrl === undefined ? Effect.void : Deferred.succeed(started, baseUrl)
      }),
      Effect.ensuring(Deferred.fail(started, new Failed({ message: `The server ${name} failed: it ended` }))),
      Effect.forkScoped
    )
    return yield* Deferred.await(started)
  })
