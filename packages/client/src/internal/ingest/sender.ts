/**
 * Sends batches. The verdict on a response decides what happens to the rows of the request: they get an outcome, or
 * they are sent again. Refused rows are sent again in halves, and throttled rows are sent again later.
 */
import * as Verdict from "@mammoth-effect/core/Verdict"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Bisection from "../../Bisection.js"
import type { End } from "../../IngestReport.js"
import type { AddDataError } from "../../WebhooksService.js"
import type { Batch, Ledger } from "./ledger.js"
import type { Pace } from "./pace.js"
import * as Requests from "./requests.js"
import type { Stop } from "./stop.js"

/** Makes a part of an uninterruptible effect interruptible. */
export type Restore = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>

export interface Options extends Requests.Options {}

export interface Sender<A> {
  /** Sends a batch, and records an outcome for each of its rows. Only the requests can be interrupted. */
  readonly deliver: (batch: Batch<A>, restore: Restore) => Effect.Effect<void>
  /**
   * Returns the counts of requests. `requests` counts each request once. `retries` counts the retries of throttled
   * requests.
   */
  readonly requests: () => { readonly requests: number; readonly retries: number }
}

/** The outcome of rows for each verdict, if the rows are not sent again. */
const endOf: Readonly<Record<Verdict.Verdict, End>> = {
  delivered: "accepted",
  refused: "dead",
  blocked: "undelivered",
  throttled: "undelivered",
  notSent: "undelivered",
  unknown: "unknown"
}

export const make = <A>(options: Options, ledger: Ledger<A>, pace: Pace, stop: Stop): Effect.Effect<Sender<A>> =>
  Effect.map(Requests.make<A>(options, pace, stop), ({ counts, send }) => {
    const { goesOn } = options
    const streak = Bisection.makeStreak()

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

    /**
     * Records the outcome of rows whose request failed. These rows are the first rows of the batch that have no outcome
     * yet. If they have to be sent again in halves, returns them and records nothing.
     */
    const failed = (batch: Batch<A>, rows: ReadonlyArray<A>, error: AddDataError): Effect.Effect<ReadonlyArray<A>> => {
      const to = batch.ended + rows.length
      const own = Verdict.of(error)
      const verdict = own !== "delivered" && batch.sent > batch.ended ? "unknown" : own
      if (verdict === "refused" && rows.length > 1) return Effect.succeed(rows)
      streak.note(verdict, rows.length, error)
      const ending = ledger.end(batch, to, endOf[verdict], verdict === "delivered" ? undefined : error)
      return Effect.as(stopsAt(verdict, error) ? Effect.zipRight(stop.fail(error), ending) : ending, [])
    }

    /**
     * Sends the next rows of a batch, and records an outcome for them. If the rows have to be sent again in halves,
     * returns the rows and records no outcome.
     */
    const request = (batch: Batch<A>, rows: ReadonlyArray<A>, restore: Restore): Effect.Effect<ReadonlyArray<A>> =>
      // Skip the second half if the request for the first half has abandoned the whole batch.
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
                // Check that the cause contains only interruptions. If a transport fails with a defect, it may also
                // interrupt its fibers. The cause then contains both, and the defect must be reported.
                if (Cause.isInterruptedOnly(cause)) return Effect.as(ledger.abandon(batch), [])
                return Effect.as(Effect.zipRight(stop.die(cause), ledger.abandon(batch)), [])
              }
            })
          })

    return {
      deliver: (batch, restore) =>
        // Suspend each request, because `request` reads the current position in the batch. This position is correct only
        // after the rows before it have an outcome.
        Bisection.run(batch.rows, (rows) => Effect.suspend(() => request(batch, rows, restore))),
      requests: counts
    }
  })
