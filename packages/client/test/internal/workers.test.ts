import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Scope, TestClock } from "effect"
import { type Batch, emptyBatch } from "../../src/internal/ingest/ledger.js"
import type { Sender } from "../../src/internal/ingest/sender.js"
import * as Workers from "../../src/internal/ingest/workers.js"

const batchOf = (row: number): Batch<number> => ({ ...emptyBatch<number>(), rows: [row] })

/** Makes workers over a sender that takes a second for each batch, and records the events. */
const make = (count: number) =>
  Effect.gen(function* () {
    const events: Array<string> = []
    const note = (event: string, { rows }: Batch<number>) =>
      Effect.sync(() => void events.push(`${event} ${rows.join()}`))
    const sender: Sender<number> = {
      deliver: (batch, restore) =>
        note("takes", batch).pipe(
          Effect.zipRight(restore(Effect.sleep("1 second"))),
          Effect.matchCauseEffect({ onFailure: () => note("abandons", batch), onSuccess: () => note("ends", batch) })
        ),
      requests: () => ({ requests: 0, retries: 0 })
    }
    const workers = yield* Workers.make(count, sender)
    const give = (...rows: ReadonlyArray<number>) =>
      Effect.suspend(() => {
        for (const row of rows) workers.give(batchOf(row))
        return TestClock.adjust(0)
      })
    return { events, give, workers }
  })

describe("Workers", () => {
  it.scoped("start batches in order, and deliver at most one batch per worker at the same time", () =>
    Effect.gen(function* () {
      const { events, give } = yield* make(2)
      yield* give(1, 2, 3, 4, 5)
      assert.deepStrictEqual(events, ["takes 1", "takes 2"])
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(events.slice(2).toSorted(), ["ends 1", "ends 2", "takes 3", "takes 4"])
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(events.slice(6).toSorted(), ["ends 3", "ends 4", "takes 5"])
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(events.slice(9), ["ends 5"])
    })
  )

  it.scoped("let awaitTaken return when all batches are taken, even if batches are still in flight", () =>
    Effect.gen(function* () {
      const { events, give, workers } = yield* make(1)
      yield* workers.awaitTaken
      workers.give(batchOf(1))
      const first = yield* Effect.fork(workers.awaitTaken)
      yield* TestClock.adjust(0)
      yield* Fiber.join(first)
      assert.deepStrictEqual(events, ["takes 1"])
      yield* give(2, 3)
      const second = yield* Effect.fork(workers.awaitTaken)
      yield* TestClock.adjust("1 second")
      // Expect awaitTaken to wait, because one of the two batches is not yet taken.
      assert.isNull(second.unsafePoll())
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(second)
      assert.deepStrictEqual(events, ["takes 1", "ends 1", "takes 2", "ends 2", "takes 3"])
    })
  )

  it.effect("abandon their batches when the scope closes, and take no more batches", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const { events, give } = yield* Scope.extend(make(2), scope)
      yield* give(1, 2, 3)
      yield* Scope.close(scope, Exit.void)
      assert.deepStrictEqual(events.toSorted(), ["abandons 1", "abandons 2", "takes 1", "takes 2"])
    })
  )
})
