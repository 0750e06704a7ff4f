/**
 * Settles rows: records how their deliveries ended. This worker may claim rows again while their request is in flight.
 * So each row is settled under its newest claim.
 */
import * as Effect from "effect/Effect"
import type { Claim, Failure, Settlement } from "../../OutboxStoreService.js"
import * as Trace from "../trace.js"
import type { Leases } from "./leases.js"
import type { Log, Setup } from "./setup.js"

export interface Settle {
  readonly settle: (settlements: ReadonlyArray<Settlement>) => Effect.Effect<void, Failure>
  /** The number of rows whose lease was lost before they were settled. Another worker delivers them, too. */
  readonly lost: () => number
}

/** The result of a row that was claimed and not sent. Another worker can claim the row immediately. */
export const notSent = { state: "pending", delayMillis: 0, uncounted: true, error: null } as const

/** The other parts of the worker that settling needs. */
interface Dependencies {
  readonly leases: Leases
  readonly log: Log
}

export const make = ({ owner, store }: Pick<Setup, "owner" | "store">, { leases, log }: Dependencies): Settle => {
  let lost = 0

  const settle = (settlements: ReadonlyArray<Settlement>): Effect.Effect<void, Failure> =>
    Effect.gen(function* () {
      const current = settlements.map((settlement) => ({ ...settlement, ...leases.claimToSettle(settlement) }))
      const settled = new Set(yield* Trace.untraced(store.settle(owner, current)))
      // Check if this worker claimed the row again while the statement ran.
      const isAnew = (row: Claim) => leases.claimToSettle(row).claims !== row.claims
      const again = current.filter((row) => !settled.has(row.sequence) && isAnew(row))
      const fresh = current.filter((row) => settled.has(row.sequence) && isAnew(row)).map(leases.claimToSettle)
      leases.release(current.filter((row) => !again.includes(row)))
      const missed = current.length - settled.size - again.length
      lost += missed
      if (missed > 0)
        yield* log(Effect.logWarning(`the leases of ${missed} rows were lost: these rows may be delivered twice`))
      const unfinished = [...again, ...fresh.map((row) => ({ ...row, ...notSent }))]
      if (unfinished.length > 0) yield* settle(unfinished)
    })

  return { settle, lost: () => lost }
}
