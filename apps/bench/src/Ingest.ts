/** The ingestion benchmark: `WebhookSink.append` beside a loop over undici's `Pool`, at growing numbers of rows. */
import type { CommandExecutor, HttpClient } from "@effect/platform"
import type { PlatformError } from "@effect/platform/Error"
import { Console, Effect } from "effect"
import type { Options } from "./Options.js"
import * as Sides from "./Sides.js"
import type { Measurement } from "./sides/Job.js"
import * as Target from "./Target.js"

/** One document each, or arrays. */
export type Sends = "one" | "batches"

/** One comparison: a server, a way to send, a number of rows. */
export interface Case {
  readonly target: Target.Name
  readonly sends: Sends
  readonly rows: number
  readonly warmUp: number
  readonly passes: number
  readonly repeats: number
}

/** What the sides measured, run after run; the figures of one position were measured one after the other. */
export interface Result extends Case {
  readonly measured: Readonly<Record<Sides.Name, ReadonlyArray<Measurement>>>
}

/** How many rows a batch has. */
export const batchSize = 500

/** How many requests are under way at once; the default of `WebhookSink`. */
export const concurrency = 8

const userAgent = "mammoth-effect-bench"

/** Short runs are repeated in one process until so many rows are sent, as a pass of some milliseconds says little. */
const atLeast: Readonly<Record<Sends, number>> = { one: 10_000, batches: 100_000 }

const warmUp: Readonly<Record<Sends, number>> = { one: 5000, batches: 100_000 }

/** The numbers of rows, from the smallest. */
export const sizes = ({ rows, smoke }: Options): ReadonlyArray<number> =>
  (smoke ? [100, 1] : [100, 10, 1]).map((part) => Math.max(1, Math.round(rows / part)))

const sizesOf = (options: Options, target: Target.Name, sends: Sends): ReadonlyArray<number> =>
  sends === "batches" || options.smoke || (options.full && target === "sink")
    ? sizes(options)
    : sizes(options).slice(0, -1)

/** What is compared, in order. */
export const cases = (options: Options): ReadonlyArray<Case> =>
  (["sink", "emulator"] as const).flatMap((target) =>
    (["one", "batches"] as const).flatMap((sends) =>
      sizesOf(options, target, sends).map((rows) => ({
        target,
        sends,
        rows,
        warmUp: options.smoke ? 10 : warmUp[sends],
        passes: options.smoke ? 1 : Math.max(1, Math.ceil(atLeast[sends] / rows)),
        repeats: options.repeats ?? (options.smoke || rows === sizes(options).at(-1) ? 1 : 3)
      }))
    )
  )

const side = (target: Target.Target, { passes, rows, sends, warmUp }: Case, name: Sides.Name, cpuProf: boolean) =>
  Effect.scoped(
    Effect.gen(function* () {
      const webhook = yield* target.webhook
      const { apiKey, apiSecret, baseUrl } = target
      const batch = sends === "batches" ? batchSize : null
      const measurement = yield* Sides.run(
        name,
        { baseUrl, apiKey, apiSecret, userAgent, key: webhook.key, batch, concurrency, warmUp, rows, passes },
        cpuProf ? Sides.cpuProf(name) : []
      )
      const requests = (count: number) => Math.ceil(count / (batch ?? 1))
      yield* webhook.verify(warmUp + passes * rows, requests(warmUp) + passes * requests(rows))
      return measurement
    })
  )

type Failure = Target.TargetFailed | Target.NotTheSame | Sides.SideFailed | PlatformError

/** Runs one comparison on a fresh server, the sides in turns, now the one first and now the other. */
const compare = (
  each: Case,
  options: Options
): Effect.Effect<Result, Failure, CommandExecutor.CommandExecutor | HttpClient.HttpClient> =>
  Effect.scoped(
    Effect.gen(function* () {
      const target = yield* Target.make(each.target)
      const measured: Record<Sides.Name, Array<Measurement>> = { sdk: [], undici: [] }
      for (let repeat = 0; repeat < each.repeats; repeat++) {
        for (const name of repeat % 2 === 0 ? (["sdk", "undici"] as const) : (["undici", "sdk"] as const)) {
          measured[name].push(yield* side(target, each, name, options.cpuProf))
        }
      }
      return { ...each, measured }
    })
  )

/** Runs every comparison, and tells on stderr how far it has come. */
export const run = (
  options: Options
): Effect.Effect<
  ReadonlyArray<Result>,
  Failure | Sides.BuildFailed,
  CommandExecutor.CommandExecutor | HttpClient.HttpClient
> =>
  Effect.gen(function* () {
    yield* Sides.build({ names: ["sdk", "undici", "sink"], keep: options.cpuProf })
    const all = cases(options)
    return yield* Effect.forEach(all, (each, index) =>
      Effect.zipRight(
        Console.error(
          `${index + 1}/${all.length}: ${each.target}, ${each.sends}, ${each.rows.toLocaleString("en")} rows`
        ),
        compare(each, options)
      )
    )
  }).pipe(Effect.scoped)
