/** The sides of a measurement, compiled, and each run as a process of its own. */
import { rm } from "node:fs/promises"
import { fileURLToPath } from "node:url"
import { Command, type CommandExecutor } from "@effect/platform"
import type { PlatformError } from "@effect/platform/Error"
import { Effect, Schema, type Scope, Stream } from "effect"
import { build as bundle } from "esbuild"
import type { Job, Measurement } from "./sides/Job.js"

/** The two that are compared. */
export type Name = "sdk" | "undici"

/** Of this process alone, so that a second run cannot exchange the sides of the first. */
const output = new URL(`../dist/${process.pid}/`, import.meta.url)

/** Where an entry of `src/sides` lies once it is compiled. */
export const fileOf = (name: string): string => fileURLToPath(new URL(`${name}.js`, output))

/** What makes Node write a CPU profile of a side. */
export const cpuProf = (side: string): ReadonlyArray<string> => [
  "--cpu-prof",
  `--cpu-prof-dir=${fileURLToPath(new URL(`../dist/profiles/${side}`, import.meta.url))}`
]

/** The sides could not be compiled. */
export class BuildFailed extends Schema.TaggedError<BuildFailed>()("BuildFailed", { reason: Schema.String }) {
  override get message(): string {
    return `The sides cannot be compiled: ${this.reason}`
  }
}

/** A side ended without having measured anything. */
export class SideFailed extends Schema.TaggedError<SideFailed>()("SideFailed", {
  side: Schema.String,
  reason: Schema.String
}) {
  override get message(): string {
    return `The side ${this.side} failed: ${this.reason}`
  }
}

/** What is compiled. */
export interface Entries {
  /** Entries of `src/sides`, without extension. */
  readonly names: ReadonlyArray<string>
  /** Files that stand for modules which are made for the benchmark. */
  readonly alias?: Readonly<Record<string, string>>
  /** Keeps what was compiled, for the profiles that name its lines. */
  readonly keep: boolean
}

const compile = ({ alias = {}, names }: Entries): Effect.Effect<void, BuildFailed> =>
  Effect.tryPromise({
    try: () =>
      bundle({
        entryPoints: names.map((name) => ({
          in: fileURLToPath(new URL(`sides/${name}.ts`, import.meta.url)),
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
    catch: (error) => new BuildFailed({ reason: error instanceof Error ? error.message : String(error) })
  })

/**
 * Compiles sides, and removes them with the scope. Our own packages are bundled into them; what users install beside
 * these is loaded from `node_modules`, as it is for them.
 */
export const build = (entries: Entries): Effect.Effect<void, BuildFailed, Scope.Scope> =>
  Effect.zipRight(
    Effect.addFinalizer(() =>
      entries.keep ? Effect.void : Effect.ignore(Effect.tryPromise(() => rm(output, { recursive: true, force: true })))
    ),
    compile(entries)
  )

const decode = Schema.decode(
  Schema.parseJson(
    Schema.Struct({
      rows: Schema.Number,
      millis: Schema.Array(Schema.Number),
      cpuMillis: Schema.Number,
      peakRss: Schema.Number,
      maxRss: Schema.Number
    })
  )
)

/** Runs a side to its end, and yields what it measured. */
export const run = (
  side: Name,
  job: Job,
  flags: ReadonlyArray<string> = []
): Effect.Effect<Measurement, SideFailed | PlatformError, CommandExecutor.CommandExecutor> =>
  Effect.scoped(
    Effect.gen(function* () {
      const child = yield* Command.make(process.execPath, ...flags, fileOf(side), JSON.stringify(job)).pipe(
        Command.stderr("inherit"),
        Command.start
      )
      const [stdout, code] = yield* Effect.all([Stream.mkString(Stream.decodeText(child.stdout)), child.exitCode], {
        concurrency: "unbounded"
      })
      if (code !== 0) return yield* new SideFailed({ side, reason: `it exited with ${code}` })
      return yield* Effect.mapError(decode(stdout), ({ message }) => new SideFailed({ side, reason: message }))
    })
  )
