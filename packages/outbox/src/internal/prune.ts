/** Deletes delivered rows in parts, so that no statement blocks other writers for long. */
import * as Effect from "effect/Effect"
import type { Failure, Service } from "../OutboxStoreService.js"

const mostAtOnce = 1000

/**
 * Deletes an outbox's rows that were delivered at least `ageMillis` milliseconds ago. Returns the number of deleted
 * rows.
 */
export const prune = (store: Service, outbox: string, ageMillis: number): Effect.Effect<number, Failure> =>
  Effect.map(
    Effect.iterate(
      { pruned: 0, last: mostAtOnce },
      {
        while: ({ last }) => last === mostAtOnce,
        body: ({ pruned }) =>
          Effect.map(store.prune(outbox, ageMillis, mostAtOnce), (last) => ({ pruned: pruned + last, last }))
      }
    ),
    ({ pruned }) => pruned
  )
