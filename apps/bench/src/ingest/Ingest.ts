/** The ingestion benchmark. It compares `WebhookSink.append` with a loop over undici's `Pool`, for growing numbers of rows. */
import { Console, Effect } from "effect"
import type { Options } from "../harness/Options.js"
import * as Processes from "../harness/Processes.js"
import { type Job, Measurement } from "./Job.js"
import * as Target from "./Target.js"

export type SideName = "sdk" | "undici"

/** One comparison: the server, the form of the requests, and the number of rows. */
export interface Case {
  readonly target: Target.Name
  /** The form of the requests: one document for each row, or arrays of rows. */
  readonly sends: "one" | "batches"
  readonly rows: number
  readonly warmUp: number
  readonly passes: number
  readonly repeats: number
}

/** A comparison with the measurements of each side. Measurements with the same index were made shortly after each other. */
export interface Result extends Case {
  readonly measured: Readonly<Record<SideName, ReadonlyArray<Measurement>>>
}

export const batchSize = 500

/** The maximum number of requests in flight. It equals the default of `WebhookSink`. */
export const concurrency = 8

/**
 * The minimum number of timed rows in a run. If a case has fewer rows, the run sends the rows several times, because a very
 * short time is not exact.
 */
const atLeast = { one: 10_000, batches: 100_000 } as const

const warmUp = { one: 5000, batches: 100_000 } as const

/** Returns the numbers of rows to measure, in ascending order. */
export const sizes = ({ rows, smoke }: Options): ReadonlyArray<number> =>
  (smoke ? [100, 1] : [100, 10, 1]).map((part) => Math.max(1, Math.round(rows / part)))

const cases = (options: Options): ReadonlyArray<Case> => {
  const all = sizes(options)
  return (["sink", "emulator"] as const).flatMap((target) =>
    (["one", "batches"] as const).flatMap((sends) => {
      const isWhole = sends === "batches" || options.smoke || (options.full && target === "sink")
      return (isWhole ? all : all.slice(0, -1)).map((rows) => ({
        target,
        sends,
        rows,
        warmUp: options.smoke ? 10 : warmUp[sends],
        passes: options.smoke ? 1 : Math.max(1, Math.ceil(atLeast[sends] / rows)),
        repeats: options.repeats ?? (options.smoke || rows === all.at(-1) ? 1 : 3)
      }))
    })
  )
}

const run = (
  { apiKey, apiSecret, baseUrl, webhook }: Target.Target,
  { passes, rows, sends, warmUp }: Case,
  side: SideName,
  cpuProf: boolean
) =>
  Effect.gen(function* () {
    const { key, verify } = yield* webhook
    const batch = sends === "batches" ? batchSize : null
    const job = { baseUrl, apiKey, apiSecret, key, userAgent: "mammoth-effect-bench", batch, concurrency }
    const measurement = yield* Processes.run(
      `ingest/sides/${side}`,
      { ...job, warmUp, rows, passes } satisfies Job,
      Measurement,
      cpuProf ? Processes.cpuProf(side) : []
    )
    const requests = (count: number) => Math.ceil(count / (batch ?? 1))
    yield* verify(warmUp + passes * rows, requests(warmUp) + passes * requests(rows))
    return measurement
  }).pipe(Effect.scoped)

/** Runs one comparison on a new server. The sides take turns, and their order changes with each repeat. */
const compare = (each: Case, { cpuProf }: Options) =>
  Effect.gen(function* () {
    const target = yield* Target.make(each.target)
    const measured: Record<SideName, Array<Measurement>> = { sdk: [], undici: [] }
    for (let repeat = 0; repeat < each.repeats; repeat++) {
      for (const side of repeat % 2 === 0 ? (["sdk", "undici"] as const) : (["undici", "sdk"] as const)) {
        measured[side].push(yield* run(target, each, side, cpuProf))
      }
    }
    return { ...each, measured }
  }).pipe(Effect.scoped)

/** Runs every comparison, and prints the progress to stderr. */
export const measure = (options: Options) =>
  Effect.gen(function* () {
    yield* Processes.build({
      names: ["ingest/sides/sdk", "ingest/sides/undici", "harness/sink"],
      keep: options.cpuProf
    })
    const all = cases(options)
    return yield* Effect.forEach(all, (each, index) => {
      const place = `${index + 1}/${all.length}: ${each.target}, ${each.sends}, ${each.rows.toLocaleString("en")} rows`
      return Effect.zipRight(Console.error(place), compare(each, options))
    })
  }).pipe(Effect.scoped)
