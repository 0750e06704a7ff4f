/**
 * Delivers the rows of an outbox: claims rows, renews their leases, sends the rows, and settles them. The code in this
 * folder uses no SQL and no HTTP.
 */
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import { prune } from "../prune.js"
import * as Trace from "../trace.js"
import * as Claiming from "./claiming.js"
import * as Delivery from "./delivery.js"
import * as Health from "./health.js"
import * as Leases from "./leases.js"
import * as Outage from "./outage.js"
import * as Renewal from "./renewal.js"
import * as Repeat from "./repeat.js"
import * as Results from "./results.js"
import * as Settle from "./settle.js"
import * as SettlementQueue from "./settlementQueue.js"
import type { Setup } from "./setup.js"

export type { Setup } from "./setup.js"

/** Counts the rows that a worker has handled since the worker started. */
export interface Report extends Results.Counts {
  /** The number of rows whose lease was lost before they were settled. */
  readonly lost: number
}

const pruneEvery = Duration.toMillis("1 hour")

/** Starts a worker, which ends with the scope. Returns a function that reads the counts of the worker's rows. */
export const make = (setup: Setup): Effect.Effect<() => Report, never, Scope.Scope> =>
  Effect.gen(function* () {
    const { keepDelivered, lease, outbox, owner, store } = setup
    const log = Effect.annotateLogs({ outbox, worker: owner })
    const stopping = yield* Deferred.make<void>()
    const leases = Leases.make(lease)
    const outage = Outage.make()
    const health = yield* Health.make(outbox)
    const { lost, settle } = Settle.make(setup, { leases, log })
    const queue = yield* SettlementQueue.make(settle)
    const results = Results.make(setup, { health, leases, log, outage, queue })
    const deliver = Delivery.make(setup, { leases, log, outage, results, stopping })
    const claiming = yield* Claiming.make(setup, { deliver, leases, log, outage, stopping })

    yield* Effect.forkScoped(Effect.interruptible(queue.run))
    const renewal = Renewal.make(setup, { leases, log })
    yield* Effect.forkScoped(Repeat.forever("renewing leases", renewal, lease / 3, log))
    if (Option.isSome(keepDelivered)) {
      const pruning = Effect.catchAll(Trace.untraced(prune(store, outbox, keepDelivered.value)), (error) =>
        log(Effect.logWarning("delivered rows could not be pruned; the worker will retry", error.message))
      )
      yield* Effect.forkScoped(Repeat.forever("pruning", pruning, Math.min(pruneEvery, keepDelivered.value), log))
    }
    // Start the claim loop last. The scope then ends this loop first, while leases are still renewed. Fork the loop as
    // a daemon, because the scope would wait for a child fiber even if the database never responds to the claim.
    yield* Effect.acquireRelease(Effect.forkDaemon(Repeat.forever("claiming rows", claiming.round, 0, log)), (rounds) =>
      Effect.gen(function* () {
        yield* Deferred.succeed(stopping, undefined)
        yield* Fiber.interrupt(rounds)
        yield* results.giveBack(claiming.waiting())
        yield* claiming.awaitDeliveries
        yield* queue.flush
      }).pipe(
        // Make the finalizer interruptible, because an uninterruptible finalizer would ignore its timeout.
        Effect.interruptible,
        Effect.timeoutOption(setup.shutdown)
      )
    )
    return () => ({ ...results.counts(), lost: lost() })
  })
