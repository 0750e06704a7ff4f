/** Compiles the sides and servers of a benchmark, and runs each in its own process. */
import { rm } from "node:fs/promises"
import { fileURLToPath } from "node:url"
import { Command } from "@effect/platform"
import { Effect, Mailbox, Queue, Schema, Stream } from "effect"
import { build as bundle } from "esbuild"
import { because, Failed } from "./Failed.js"

const dist = new URL("../../dist/", import.meta.url)

/** The output folder. Its name contains the process id, so that two runs at the same time do not share files. */
const output = new URL(`${process.pid}/`, dist)

export const fileOf = (entry: string): string => fileURLToPath(new URL(`${entry}.js`, output))

/** Returns the flags that make Node write a CPU profile of a side. */
export const cpuProf = (side: string): ReadonlyArray<string> => [
  "--cpu-prof",
  `--cpu-prof-dir=${fileURLToPath(new URL(`profiles/${side}`, dist))}`
]

export interface Entries {
  /** The paths of the entries in `src`, without extension. */
  readonly names: ReadonlyArray<string>
  /** The files of generated modules, by module name. */
  readonly alias?: Readonly<Record<string, string>>
  /** If true, keeps the compiled files, because CPU profiles refer to their lines. */
  readonly keep: boolean
}

/**
 * Compiles entries, and removes the output when the scope closes. Our packages are bundled. All other packages are loaded
 * from `node_modules`, as in an app.
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
      catch: because("Could not compile the sides")
    })
  )

const failed = (name: string) => (error: { readonly _tag?: string; readonly message: string }) =>
  new Failed({
    message: `${name} failed: ${error._tag === "NoSuchElementException" ? "its process ended" : error.message}`
  })

/** Starts Node, and returns its process, its input, and an effect that reads a line of output. The scope stops Node. */
const start = (name: string, args: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const input = yield* Queue.unbounded<string>()
    const child = yield* Command.make(process.execPath, ...args).pipe(
      Command.stdin(Stream.encodeText(Stream.fromQueue(input))),
      Command.stderr("inherit"),
      Command.start
    )
    const output = yield* Mailbox.fromStream(child.stdout.pipe(Stream.decodeText(), Stream.splitLines))
    return { child, input, line: Effect.mapError(output.take, failed(name)) }
  })

/** Starts a side, and stops it when the scope closes. The side replies to each line of JSON with a line of JSON. */
export const open = (entry: string, job: unknown, flags: ReadonlyArray<string> = []) =>
  Effect.gen(function* () {
    const name = `The side ${entry}`
    const { child, input, line } = yield* start(name, [...flags, fileOf(entry), JSON.stringify(job)])
    // Stop the side by ending its input, so that it can write its profile. Wait for at most 10 seconds.
    yield* Effect.addFinalizer(() =>
      Effect.zipRight(Queue.shutdown(input), child.exitCode.pipe(Effect.timeout("10 seconds"), Effect.ignore))
    )
    const take = <A, I>(schema: Schema.Schema<A, I>) =>
      Effect.flatMap(line, (text) => Effect.mapError(Schema.decode(Schema.parseJson(schema))(text), failed(name)))
    return {
      take,
      ask: <A, I>(question: unknown, answer: Schema.Schema<A, I>) =>
        Effect.zipRight(Queue.offer(input, `${JSON.stringify(question)}\n`), take(answer))
    }
  })

/** Runs a side that prints one line of JSON, and returns the decoded line. */
export const run = <A, I>(
  entry: string,
  job: unknown,
  answer: Schema.Schema<A, I>,
  flags: ReadonlyArray<string> = []
) => Effect.scoped(Effect.flatMap(open(entry, job, flags), ({ take }) => take(answer)))

/** Starts a server, and returns the base URL that it prints. Stops the server when the scope closes. */
export const serve = (name: string, args: ReadonlyArray<string> = [fileOf(name)]) =>
  Effect.flatMap(start(`The server ${name}`, args), ({ line }) =>
    Effect.repeat(
      Effect.map(line, (text) => /MAMMOTH_BASE_URL=(\S+)/.exec(text)?.[1]),
      { until: (baseUrl): baseUrl is string => baseUrl !== undefined }
    )
  )
