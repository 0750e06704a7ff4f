/**
 * Sends claimed rows. The verdict on each response decides what happens to the rows. If the server refuses a batch,
 * sends its halves.
 */
import * as Bisection from "@mammoth-effect/client/Bisection"
import * as Arr from "effect/Array"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import type { ClaimedRow } from "../../OutboxStoreService.js"
import * as Time from "../time.js"
import * as Trace from "../trace.js"
import * as Batches from "./batches.js"
import type { Leases } from "./leases.js"
import type { Outage } from "./outage.js"
import type { Results } from "./results.js"
import type { Log, Setup } from "./setup.js"
import * as Verdict from "./verdict.js"

/** Delivers the rows of one request. If the effect is interrupted, the request is cancelled. */
export type Deliver = (rows: ReadonlyArray<ClaimedRow>) => Effect.Effect<void>

/** The other parts of the worker that a delivery needs. */
interface Dependencies {
  readonly leases: Leases
  readonly log: Log
  readonly outage: Outage
  readonly results: Results
  /** Completes when the worker must stop sending requests. */
  readonly stopping: Deferred.Deferred<void>
}

export const make = (
  setup: Pick<Setup, "outbox" | "send" | "isArray" | "timeout" | "rateLimit">,
  { leases, log, outage, results, stopping }: Dependencies
): Deliver => {
  const streak = Bisection.makeStreak()

  /** Waits until a request may be made. Returns `false` if the worker stops first. */
  const mayRequest: Effect.Effect<boolean> = Effect.gen(function* () {
    const left = yield* outage.left
    if (yield* Deferred.isDone(stopping)) return false
    if (left <= 0 && Option.isNone(setup.rateLimit)) return true
    return yield* Effect.raceFirst(
      outage.wait.pipe(Effect.zipRight(Option.getOrElse(setup.rateLimit, () => Effect.void)), Effect.as(true)),
      Effect.as(Deferred.await(stopping), false)
    )
  })

  /**
   * Returns the rows whose lease lasts for at least the timeout of a request. Gives up the other rows: a worker
   * claims and sends them after their lease has ended.
   */
  const stillHeld = (claimed: ReadonlyArray<ClaimedRow>, now: number): Effect.Effect<ReadonlyArray<ClaimedRow>> =>
    Effect.gen(function* () {
      const [left, held] = Arr.partition(claimed, (row) => leases.lasts(row, now, setup.timeout))
      if (left.length > 0) {
        leases.release(left)
        yield* log(Effect.logDebug(`${left.length} rows were not sent, because their lease was not renewed in time`))
      }
      return held
    })

  /** Ends the deliveries of rows whose request failed. If the rows must be sent in halves, returns the rows instead. */
  const failed = (
    rows: Arr.NonEmptyReadonlyArray<ClaimedRow>,
    error: Verdict.Failure,
    beganAt: number
  ): Effect.Effect<ReadonlyArray<ClaimedRow>> =>
    Effect.gen(function* () {
      if (Verdict.of(error) === "refused") {
        if (rows.length > 1) return rows
        const isToBlame = streak.isRowToBlame(error)
        streak.note("refused", 1, error)
        if (isToBlame) {
          yield* results.dead(rows[0], error)
          return []
        }
      }
      yield* log(Effect.logDebug(`${rows.length} rows will be sent again: ${error.message}`))
      yield* results.retry(rows, error, beganAt)
      return []
    })

  /** Sends rows in one request. Returns the rows if they were refused together, so that their halves are sent. */
  const request = (claimed: ReadonlyArray<ClaimedRow>): Effect.Effect<ReadonlyArray<ClaimedRow>> =>
    Effect.gen(function* () {
      if (!(yield* mayRequest)) {
        yield* results.giveBack(claimed)
        return []
      }
      const beganAt = yield* Time.now
      const rows = yield* stillHeld(claimed, beganAt)
      if (!Arr.isNonEmptyReadonlyArray(rows)) return []
      const response = yield* Effect.either(
        Trace.delivering(setup.outbox, rows)(setup.send(Batches.body(rows, setup.isArray)))
      )
      if (Either.isLeft(response) && Verdict.of(response.left) !== "delivered") {
        return yield* failed(rows, response.left, beganAt)
      }
      streak.note("delivered", rows.length)
      yield* results.delivered(rows)
      return []
    })

  return (rows) => Bisection.run(rows, request)
}
