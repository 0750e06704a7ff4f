/** Ends the deliveries of rows after their requests, and counts the rows by result. */
import { shorten } from "@mammoth-effect/core/Issue"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import type { Claim, ClaimedRow, Settlement } from "../../OutboxStoreService.js"
import type { Health } from "./health.js"
import type { Leases } from "./leases.js"
import type { Outage } from "./outage.js"
import { notSent } from "./settle.js"
import type { SettlementQueue } from "./settlementQueue.js"
import type { Log, Setup } from "./setup.js"
import * as Verdict from "./verdict.js"

export interface Results {
  readonly delivered: (rows: ReadonlyArray<ClaimedRow>) => Effect.Effect<void>
  /** Keeps a row as a dead letter. */
  readonly dead: (row: ClaimedRow, error: Verdict.Failure) => Effect.Effect<void>
  /** Puts rows back, so that they are sent again after a wait. Their request began at `beganAt`. */
  readonly retry: (rows: ReadonlyArray<ClaimedRow>, error: Verdict.Failure, beganAt: number) => Effect.Effect<void>
  /** Puts rows back that were not sent, so that other workers can claim the rows before the leases end. */
  readonly giveBack: (rows: ReadonlyArray<ClaimedRow>) => Effect.Effect<void>
  readonly counts: () => Counts
}

/** The numbers of rows by result, since the worker started. */
export interface Counts {
  readonly delivered: number
  readonly dead: number
  /** The number of rows that were put back after a failed attempt. */
  readonly retried: number
}

/** The other parts of the worker that the results need. */
interface Dependencies {
  readonly health: Health
  readonly leases: Leases
  readonly log: Log
  readonly outage: Outage
  readonly queue: SettlementQueue
}

/**
 * Returns the start of an error's message, without control characters and lone surrogates. Every database can store the
 * result.
 */
const storable = (error: Verdict.Failure): string => shorten(error.message, 1000).replaceAll(/[\p{Cc}\p{Cs}]/gu, " ")

export const make = (
  { backoff }: Pick<Setup, "backoff">,
  { health, leases, log, outage, queue }: Dependencies
): Results => {
  let delivered = 0
  let dead = 0
  let retried = 0

  const end = (rows: ReadonlyArray<ClaimedRow>, how: Omit<Settlement, keyof Claim>): Effect.Effect<void> =>
    queue.add(rows.map((row) => ({ ...leases.claimToSettle(row), ...how })))

  /**
   * Returns the wait of a row: its backoff, or the wait that the server requested if that is longer. The backoff grows
   * with each attempt. Jitter subtracts up to half of the backoff, so that the retries of many rows spread out.
   */
  const delayOf = (row: ClaimedRow, asked: number): Effect.Effect<number> =>
    Effect.map(Random.next, (share) => {
      const own = Math.min(backoff.max, backoff.initial * backoff.exponent ** Math.min(row.attempts - 1, 64))
      return Math.max(own * (0.5 + share / 2), asked)
    })

  return {
    delivered: (rows) =>
      Effect.gen(function* () {
        delivered += rows.length
        yield* outage.succeeded
        yield* log(health.succeeded)
        yield* end(rows, { state: "delivered", delayMillis: null, error: null })
      }),
    dead: (row, error) =>
      Effect.gen(function* () {
        dead += 1
        yield* log(Effect.logWarning(`the server refused row ${row.id}, which is now a dead letter: ${error.message}`))
        yield* end([row], { state: "dead", delayMillis: null, error: storable(error) })
      }),
    retry: (rows, error, beganAt) =>
      Effect.gen(function* () {
        retried += rows.length
        const pause = Verdict.pauseAfter(error)
        yield* outage.failed(beganAt, pause)
        yield* log(health.failed(error))
        const asked = Duration.toMillis(pause ?? 0)
        for (const row of rows) {
          const delayMillis = yield* delayOf(row, asked)
          yield* end([row], { state: "pending", delayMillis, error: storable(error) })
        }
      }),
    giveBack: (rows) => end(rows, notSent),
    counts: () => ({ delivered, dead, retried })
  }
}
