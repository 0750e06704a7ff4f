/** Claims rows and starts their deliveries. Limits the number of requests in flight. */
import * as Wait from "@mammoth-effect/core/Wait"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as FiberSet from "effect/FiberSet"
import type * as Scope from "effect/Scope"
import type { ClaimedRow, Failure } from "../../OutboxStoreService.js"
import * as Time from "../time.js"
import * as Trace from "../trace.js"
import * as Batches from "./batches.js"
import type { Deliver } from "./delivery.js"
import type { Leases } from "./leases.js"
import type { Outage } from "./outage.js"
import type { Log, Setup } from "./setup.js"

export interface Claiming {
  /** Claims rows, and returns when the delivery of each row has started. Waits if no row is due. */
  readonly round: Effect.Effect<void, Failure>
  /** The claimed rows that no delivery has taken yet. */
  readonly waiting: () => ReadonlyArray<ClaimedRow>
  /** Waits until all deliveries have ended. */
  readonly awaitDeliveries: Effect.Effect<void>
}

/** The other parts of the worker that claiming needs. */
interface Dependencies {
  readonly deliver: Deliver
  readonly leases: Leases
  readonly log: Log
  readonly outage: Outage
  /** Completes when the worker must stop sending requests. */
  readonly stopping: Deferred.Deferred<void>
}

/**
 * The minimum row limit of a claim. Each claim writes to the disk, and a low limit would cause many claims with few rows.
 */
const leastClaim = 100

/** Makes the part of a worker that claims rows. Deliveries that still run at the end of the scope are interrupted. */
export const make = (
  setup: Pick<
    Setup,
    "concurrency" | "lease" | "maxBytes" | "maxRows" | "offered" | "outbox" | "owner" | "poll" | "store"
  >,
  { deliver, leases, log, outage, stopping }: Dependencies
): Effect.Effect<Claiming, never, Scope.Scope> =>
  Effect.gen(function* () {
    const inFlight = yield* Effect.makeSemaphore(setup.concurrency)
    const deliveries = yield* FiberSet.make<void>()
    let waiting: ReadonlyArray<ClaimedRow> = []

    /**
     * Starts the delivery of the next waiting rows. If the maximum number of deliveries is running, first waits until
     * one of them has ended.
     */
    const dispatch = (rows: ReadonlyArray<ClaimedRow>): Effect.Effect<void> => {
      const delivery = Effect.interruptible(deliver(rows)).pipe(
        Effect.catchAllCause((cause) => {
          // Stop renewing these leases, so that they end and the rows are sent again.
          leases.release(rows)
          return Effect.flatMap(Deferred.isDone(stopping), (isStopping) =>
            isStopping
              ? Effect.void
              : log(
                  Effect.logError(
                    "a delivery failed with a defect: its rows will be sent again when their leases have ended",
                    cause
                  )
                )
          )
        }),
        Effect.ensuring(inFlight.release(1))
      )
      return Effect.uninterruptibleMask((restore) =>
        Effect.zipRight(
          restore(inFlight.take(1)),
          Effect.suspend(() => {
            waiting = waiting.slice(rows.length)
            return FiberSet.run(deliveries, delivery)
          })
        )
      )
    }

    const claim = Effect.gen(function* () {
      const beganAt = yield* Time.now
      const claimed = yield* Trace.untraced(
        setup.store.claim(setup.outbox, {
          owner: setup.owner,
          limit: Math.max(leastClaim, setup.concurrency * setup.maxRows),
          leaseMillis: setup.lease
        })
      )
      waiting = leases.hold(claimed, beganAt)
      return claimed
    })

    const round = Effect.gen(function* () {
      yield* outage.wait
      setup.offered.unsafeClose()
      const claimed = yield* Effect.uninterruptible(claim)
      if (claimed.length === 0) return yield* Effect.raceFirst(setup.offered.await, Wait.sleep(setup.poll))
      yield* Effect.forEach(Batches.group(waiting, setup.maxRows, setup.maxBytes), dispatch, { discard: true })
    })

    return { round, waiting: () => waiting, awaitDeliveries: FiberSet.awaitEmpty(deliveries) }
  })
