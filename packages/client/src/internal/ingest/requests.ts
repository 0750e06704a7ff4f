/** Sends rows of batches in requests, and sends each throttled request again later. */
import * as Delivery from "@mammoth-effect/core/Delivery"
import * as Verdict from "@mammoth-effect/core/Verdict"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { AddDataError } from "../../WebhooksService.js"
import type { Batch } from "./ledger.js"
import type { Pace } from "./pace.js"
import type { Stop } from "./stop.js"

export interface Options {
  /** Sends one body, which is a document or an array of documents. */
  readonly send: (body: string) => Effect.Effect<void, AddDataError>
  /** `true` if a batch is sent as an array. */
  readonly arrays: boolean
  /** `true` for an ingestor, which continues when rows cannot be delivered. `false` for a run, which ends. */
  readonly goesOn: boolean
  /**
   * The time for which throttled requests are retried. For a run, this time begins at the start of the run. For an
   * ingestor, it begins at the first 429 of each request.
   */
  readonly deadline: Option.Option<Duration.Duration>
}

export interface Requests<A> {
  /**
   * Sends the next rows of a batch, up to but not including the position `to`. After a halt, sends nothing and returns
   * `false`.
   */
  readonly send: (batch: Batch<A>, to: number) => Effect.Effect<boolean, AddDataError>
  /** Returns the number of requests, and the number of retries after throttling. */
  readonly counts: () => { readonly requests: number; readonly retries: number }
}

/**
 * Returns `true` if the server throttled the request, so that it can be sent again later. This includes a 429 that
 * follows an attempt without a response. The SDK repeats an attempt without a response only if the retry policy accepts
 * duplicates. So in this case, too, the rows may be sent again.
 */
const isThrottled = (error: AddDataError): boolean =>
  error._tag === "MammothRateLimited" || Verdict.of(error) === "throttled"

/** Makes {@link Requests} for an ingestion that starts now. */
export const make = <A>(options: Options, pace: Pace, stop: Stop): Effect.Effect<Requests<A>> =>
  Effect.map(Clock.currentTimeMillis, (startedAt) => {
    const { arrays, deadline, goesOn } = options
    let requests = 0
    let retries = 0

    const bodyOf = ({ ended, ends, text }: Batch<A>, to: number): string => {
      const start = ended === 0 ? 0 : (ends[ended - 1] ?? 0) + 1
      const rows = text.slice(start, ends[to - 1])
      return arrays ? `[${rows}]` : rows
    }

    /** Sends the next rows of a batch in one request. After a halt, sends nothing and returns `false`. */
    const sendOnce = (batch: Batch<A>, to: number, isRetry: boolean): Effect.Effect<boolean, AddDataError> =>
      Effect.suspend(() => {
        if (stop.isHalted()) return Effect.succeed(false)
        if (isRetry) retries += 1
        else requests += 1
        const before = batch.sent
        batch.sent = to
        return Effect.mapBoth(options.send(bodyOf(batch, to)), {
          onFailure: (error) => {
            if (Delivery.max(error.delivery, "Rejected") === "Rejected") batch.sent = before
            return error
          },
          onSuccess: () => true
        })
      })

    /** Returns the latest time at which a pause of a throttled request may end. */
    const latestEnd = (since: number): number =>
      Option.match(deadline, {
        onNone: () => Number.POSITIVE_INFINITY,
        onSome: (deadline) => since + Duration.toMillis(deadline)
      })

    /** Sends the next rows of a batch. If the server throttles the request, waits and sends the rows again. */
    const send = (batch: Batch<A>, to: number, times: number, since: number): Effect.Effect<boolean, AddDataError> =>
      Effect.catchIf(pace.run(sendOnce(batch, to, times > 0)), isThrottled, (error) =>
        Effect.flatMap(Clock.currentTimeMillis, (now) => {
          const from = goesOn && times === 0 ? now : since
          const asked = Duration.toMillis(Verdict.retryAfter(error) ?? 0)
          return Effect.flatMap(pace.slowDown(asked, times, latestEnd(from)), (isInTime) =>
            isInTime ? send(batch, to, times + 1, from) : Effect.fail(error)
          )
        })
      )

    return {
      send: (batch, to) => send(batch, to, 0, startedAt),
      counts: () => ({ requests, retries })
    }
  })
