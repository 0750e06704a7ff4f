/** Compiles the sides and servers of a benchmark, and runs each in a process of its own. */
import { rm } from "node:fs/promises"
import { fileURLToPath } from "node:url"
import { Command } from "@effect/platform"
import { Effect, Mailbox, Queue, Schema, Stream } from "effect"
import { build as bundle } from "esbuild"
import { because, Failed } from "./Failed.js"

const dist = new URL("../../dist/", import.meta.url)

/** A folder for this process only, so that a second run cannot replace the sides of the first. */
const output = new URL(`${process.pid}/`, dist)

export const fileOf = (entry: string): string => fileURLToPath(new URL(`${entry}.js`, output))

/** The flags with which Node writes a CPU profile of a side. */
export const cpuProf = (side: string): ReadonlyArray<string> => [
  "--cpu-prof",
  `--cpu-prof-dir=${fileURLToPath(new URL(`profiles/${side}`, dist))}`
]

export interface Entries {
  /** Paths in `src`, without extension. */
  readonly names: ReadonlyArray<string>
  /** The files of generated modules, by module name. */
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
      catch: because("Could not compile the sides")
    })
  )

const failed = (name: string) => (error: { readonly _tag?: string; readonly message: string }) =>
  new Failed({
    message: `${name} failed: ${error._tag === "NoSuchElementException" ? "its process ended" : error.message}`
  })

/** Starts Node, stops it with the scope, and returns its input and its output as lines. */
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

/** Starts a side, and stops it with the scope. A side responds to each line of JSON with a line of JSON. */
export const open = (entry: string, job: unknown, flags: ReadonlyArray<string> = []) =>
  Effect.gen(function* () {
    const name = `The side ${entry}`
    const { child, input, line } = yield* start(name, [...flags, fileOf(entry), JSON.stringify(job)])
    // a side ends after its input has ended, so that it can write its profile
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

/** Runs a side that prints one line of JSON and ends. */
export const run = <A, I>(
  entry: string,
  job: unknown,
  answer: Schema.Schema<A, I>,
  flags: ReadonlyArray<string> = []
) => Effect.scoped(Effect.flatMap(open(entry, job, flags), ({ take }) => take(answer)))

/** Starts a server, stops it with the scope, and returns the base URL that it prints. */
export const serve = (name: string, args: ReadonlyArray<string> = [fileOf(name)]) =>
  Effect.flatMap(start(`The server ${name}`, args), ({ line }) =>
    Effect.repeat(
      Effect.map(line, (text) => /MAMMOTH_BASE_URL=(\S+)/.exec(text)?.[1]),
      { until: (baseUrl): baseUrl is string => baseUrl !== undefined }
    )
  )
