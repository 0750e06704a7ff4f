import { assert, describe, it } from "@effect/vitest"
import { Effect, Logger, LogLevel } from "effect"
import * as SettlementQueue from "../../../src/internal/worker/settlementQueue.js"
import { StoreError } from "../../../src/OutboxError.js"
import type { Settlement } from "../../../src/OutboxStoreService.js"

const dead = (sequence: number, error: string | null): Settlement => ({
  sequence,
  claims: 1,
  state: "dead",
  delayMillis: null,
  error
})

/**
 * Settles rows in a database that cannot hold some messages. Returns the results that the database holds in the end.
 */
const written = (settlements: ReadonlyArray<Settlement>, isHeld: (settlement: Settlement) => boolean) =>
  Effect.gen(function* () {
    const rows = new Map<number, string | null>()
    const queue = yield* SettlementQueue.make((some) =>
      some.every(isHeld)
        ? Effect.sync(() => {
            for (const { error, sequence } of some) rows.set(sequence, error)
          })
        : new StoreError({ operation: "settle", reason: "data", code: "22P05", description: "no such character" })
    )
    yield* queue.add(settlements)
    yield* Effect.fork(queue.run)
    yield* queue.flush
    return Object.fromEntries(rows)
  }).pipe(Logger.withMinimumLogLevel(LogLevel.None))

describe("A result that the database cannot hold", () => {
  it.live("is recorded without its message, and does not delay other results", () =>
    Effect.gen(function* () {
      const settlements = ["a", "b–", "c", "d", "e–"].map((error, i) => dead(i, error))
      assert.deepStrictEqual(yield* written(settlements, ({ error }) => !error?.includes("–")), {
        0: "a",
        1: "the database cannot hold the message of this error",
        2: "c",
        3: "d",
        4: "the database cannot hold the message of this error"
      })
    })
  )

  it.live("is dropped if the database cannot hold the result even without its message", () =>
    Effect.gen(function* () {
      const settlements = [1, 2, 3].map((n) => dead(n, null))
      assert.deepStrictEqual(yield* written(settlements, ({ sequence }) => sequence !== 2), { 1: null, 3: null })
    })
  )
})
