/** Hands batches to workers. Each worker delivers one batch at a time. */
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"
import type { Batch } from "./ledger.js"
import type { Sender } from "./sender.js"

export interface Workers<A> {
  /** Gives a batch to the next free worker. */
  readonly give: (batch: Batch<A>) => void
  /** Waits until workers have taken all batches. */
  readonly awaitTaken: Effect.Effect<void>
}

/**
 * Starts `count` workers, which stop when the scope closes. An interrupted worker first records an outcome for the rows
 * of its batch.
 */
export const make = <A>(count: number, { deliver }: Sender<A>): Effect.Effect<Workers<A>, never, Scope.Scope> =>
  Effect.gen(function* () {
    const ready = yield* Queue.unbounded<Batch<A>>()
    const allTaken = yield* Effect.makeLatch(true)
    let waiting = 0

    const work = Effect.uninterruptibleMask((restore) =>
      Effect.flatMap(restore(Queue.take(ready)), (batch) => {
        waiting -= 1
        if (waiting === 0) allTaken.unsafeOpen()
        return deliver(batch, restore)
      })
    )
    yield* Effect.replicateEffect(Effect.forkScoped(Effect.interruptible(Effect.forever(work))), count, {
      discard: true
    })

    return {
      give: (batch) => {
        waiting += 1
        allTaken.unsafeClose()
        ready.unsafeOffer(batch)
      },
      awaitTaken: allTaken.await
    }
  })
