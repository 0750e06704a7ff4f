/** Sends batches. The verdict on each response ends rows or sends them again: refused ones in halves, throttled ones later. */
import * as Delivery from "@mammoth-effect/core/Delivery"
import * as Verdict from "@mammoth-effect/core/Verdict"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Bisection from "../../Bisection.js"
import type { End } from "../../IngestReport.js"
import type { AddDataError } from "../../WebhooksService.js"
import type { Batch, Ledger } from "./ledger.js"
import type { Pace } from "./pace.js"
import type { Stop } from "./stop.js"

/** Makes a part of an uninterruptible effect interruptible. */
export type Restore = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>

export interface Options {
  /** Sends one body, which is a document or an array of documents. */
  readonly send: (body: string) => Effect.Effect<void, AddDataError>
  /** Whether a batch is sent as an array. */
  readonly arrays: boolean
  /** Whether the ingestion goes on when rows cannot be delivered, as an ingestor does. A run ends. */
  readonly goesOn: boolean
  /**
   * Ends the retries of throttled requests after this time, counted from the start of a run, or from the first 429 of each
   * request of an ingestion that goes on.
   */
  readonly deadline: Option.Option<Duration.Duration>
}

export interface Sender<A> {
  /** Sends a batch, and ends each of its rows. Only the requests can be interrupted. */
  readonly deliver: (batch: Batch<A>, restore: Restore) => Effect.Effect<void>
  /** `requests` counts each request once. `retries` counts how often throttled requests were sent again. */
  readonly requests: () => { readonly requests: number; readonly retries: number }
}

/** The end of rows that are not sent again, by verdict. */
const endOf: Readonly<Record<Verdict.Verdict, End>> = {
  delivered: "accepted",
  refused: "dead",
  blocked: "undelivered",
  throttled: "undelivered",
  notSent: "undelivered",
  unknown: "unknown"
}

/**
 * Returns `true` if the same request can be sent again later. A 429 after an attempt without a response counts, too: a
 * retry policy sends a second attempt only if it accepts duplicates.
 */
const isThrottled = (error: AddDataError): boolean => error._tag === "RateLimited" || Verdict.of(error) === "throttled"

export const make = <A>(options: Options, ledger: Ledger<A>, pace: Pace, stop: Stop): Effect.Effect<Sender<A>> =>
  Effect.map(Clock.currentTimeMillis, (startedAt) => {
    const { arrays, deadline, goesOn } = options
    const streak = Bisection.makeStreak()
    let requests = 0
    let retries = 0

    const bodyOf = ({ ended, texts }: Batch<A>, to: number): string => {
      const text = to - ended === 1 ? (texts[ended] ?? "") : texts.slice(ended, to).join(",")
      return arrays ? `[${text}]` : text
    }

    /** Sends the next rows of a batch, up to the row at a position. Returns `false`, and sends nothing, after a halt. */
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

    /** The time at which the last pause of a throttled request may end. */
    const latestEnd = (since: number): number =>
      Option.match(deadline, {
        onNone: () => Number.POSITIVE_INFINITY,
        onSome: (deadline) => since + Duration.toMillis(deadline)
      })

    /** Sends the next rows of a batch, and sends them again after each pause that throttling asks for. */
    const send = (batch: Batch<A>, to: number, times = 0, since = startedAt): Effect.Effect<boolean, AddDataError> =>
      Effect.catchIf(pace.run(sendOnce(batch, to, times > 0)), isThrottled, (error) =>
        Effect.flatMap(Clock.currentTimeMillis, (now) => {
          const from = goesOn && times === 0 ? now : since
          const asked = Option.match(Verdict.retryAfter(error), { onNone: () => 0, onSome: Duration.toMillis })
          return Effect.flatMap(pace.slowDown(asked, times, latestEnd(from)), (isInTime) =>
            isInTime ? send(batch, to, times + 1, from) : Effect.fail(error)
          )
        })
      )

    /** Returns `true` if the ingestion stops because of this error. */
    const stopsAt = (verdict: Verdict.Verdict, error: AddDataError): boolean => {
      switch (verdict) {
        case "refused":
          return !streak.isRowToBlame(error)
        case "blocked":
          return true
        case "throttled":
        case "notSent":
          return !goesOn
        case "unknown":
          return !goesOn && streak.isServerDown()
        case "delivered":
          return false
      }
    }

    /** Ends the next rows of a batch after their request failed. Returns the rows if they are to be sent in halves. */
    const failed = (batch: Batch<A>, rows: ReadonlyArray<A>, error: AddDataError): Effect.Effect<ReadonlyArray<A>> => {
      const to = batch.ended + rows.length
      const own = Verdict.of(error)
      const verdict = own !== "delivered" && batch.sent > batch.ended ? "unknown" : own
      if (verdict === "refused" && rows.length > 1) return Effect.succeed(rows)
      streak.note(verdict, rows.length, error)
      const ending = ledger.end(batch, to, endOf[verdict], verdict === "delivered" ? undefined : error)
      return Effect.as(stopsAt(verdict, error) ? Effect.zipRight(stop.fail(error), ending) : ending, [])
    }

    /** Sends the next rows of a batch, and ends them unless they are to be sent in halves: then returns them. */
    const request = (batch: Batch<A>, rows: ReadonlyArray<A>, restore: Restore): Effect.Effect<ReadonlyArray<A>> =>
      // the request for the first half may have abandoned the whole batch
      batch.ended === batch.rows.length
        ? Effect.succeed([])
        : Effect.flatMap(Effect.exit(restore(send(batch, batch.ended + rows.length))), (exit) => {
            if (Exit.isSuccess(exit)) {
              if (!exit.value) return Effect.as(ledger.abandon(batch), [])
              streak.note("delivered", rows.length)
              const ending = ledger.end(batch, batch.ended + rows.length, "accepted")
              return Effect.as(Effect.zipRight(ending, pace.speedUp), [])
            }
            return Either.match(Cause.failureOrCause(exit.cause), {
              onLeft: (error) => failed(batch, rows, error),
              onRight: (cause) => {
                // a transport that dies may interrupt its other fibers: the defect counts
                if (Cause.isInterruptedOnly(cause)) return Effect.as(ledger.abandon(batch), [])
                return Effect.as(Effect.zipRight(stop.die(cause), ledger.abandon(batch)), [])
              }
            })
          })

    return {
      deliver: (batch, restore) =>
        // `request` reads where the batch is, so suspend it until the rows before have ended
        Bisection.run(batch.rows, (rows) => Effect.suspend(() => request(batch, rows, restore))),
      requests: () => ({ requests, retries })
    }
  })
