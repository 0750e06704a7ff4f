import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Fiber, Logger } from "effect"
import * as fc from "effect/FastCheck"
import { RowRefused } from "../../src/IngestError.js"
import * as Ledger from "../../src/internal/ingest/ledger.js"
import { enter, silent } from "../support/Batches.js"

const report = (ledger: Ledger.Ledger<number>) => ledger.report({ requests: 0, retries: 0 })

describe("A ledger", () => {
  it.effect("counts each row once, with the first outcome of the row", () =>
    Effect.gen(function* () {
      const heard: Array<readonly [number, string]> = []
      const ledger = yield* Ledger.make<number>({
        ...silent,
        onOutcome: ({ end, index }) => Effect.sync(() => void heard.push([index, end]))
      })
      const batch = enter(ledger, 5)
      yield* ledger.end(batch, 2, "accepted")
      // Mark the third row as sent without a response, so that the row's outcome is unknown.
      batch.sent = 3
      yield* ledger.abandon(batch)
      yield* ledger.abandon(batch)
      yield* ledger.close
      const { accepted, offered, pending, undelivered, unknown } = yield* report(ledger)
      assert.deepStrictEqual([offered, pending], [5, 0])
      assert.deepStrictEqual(
        [accepted, unknown, undelivered],
        [
          { rows: 2, bytes: 20 },
          { rows: 1, bytes: 10 },
          { rows: 2, bytes: 20 }
        ]
      )
      assert.deepStrictEqual(heard, [
        [0, "accepted"],
        [1, "accepted"],
        [2, "unknown"],
        [3, "undelivered"],
        [4, "undelivered"]
      ])
    })
  )

  it.effect("reports the index of the first open or undelivered row as `resumeAt`", () =>
    Effect.gen(function* () {
      const ledger = yield* Ledger.make<number>(silent)
      const [first, second] = [enter(ledger, 2), enter(ledger, 2)]
      const resumeAt = () => Effect.map(report(ledger), (report) => report.resumeAt)
      assert.strictEqual(yield* resumeAt(), 0)
      yield* ledger.end(second, 2, "accepted")
      assert.strictEqual(yield* resumeAt(), 0)
      yield* ledger.end(first, 1, "accepted")
      assert.strictEqual(yield* resumeAt(), 1)
      yield* ledger.end(first, 2, "undelivered")
      assert.strictEqual(yield* resumeAt(), 1)
    })
  )

  it.effect(
    "wakes a waiting fiber when all rows before the fiber's index have an outcome, or when the ledger closes",
    () =>
      Effect.gen(function* () {
        const ledger = yield* Ledger.make<number>(silent)
        const [first, second] = [enter(ledger, 1), enter(ledger, 1)]
        const waiting = yield* Effect.fork(ledger.awaitBefore(2))
        const later = yield* Effect.fork(ledger.awaitBefore(9))
        yield* Effect.yieldNow()
        yield* ledger.end(second, 1, "accepted")
        assert.isNull(waiting.unsafePoll())
        yield* ledger.end(first, 1, "accepted")
        yield* Fiber.join(waiting)
        enter(ledger, 1)
        yield* ledger.close
        yield* Fiber.join(later)
      })
  )

  it.effect("calls the other callbacks for a row even if one callback dies", () =>
    Effect.gen(function* () {
      const died: Array<unknown> = []
      const heard: Array<number> = []
      const ledger = yield* Ledger.make<number>({
        ...silent,
        onRefusal: () => Effect.die("first"),
        onOutcome: ({ index }) => Effect.sync(() => void heard.push(index)),
        onDefect: (cause) => void died.push(Cause.squash(cause))
      })
      const error = new RowRefused({ index: 0, issues: [], omitted: 0 })
      yield* ledger.refuse(7, ledger.offer(), error)
      assert.deepStrictEqual([died, heard], [["first"], [0]])
      assert.strictEqual((yield* report(ledger)).refused.rows, 1)
    }).pipe(Effect.provide(Logger.remove(Logger.defaultLogger)))
  )

  it.effect.prop(
    "has counts that add up to the number of offered rows, for any outcomes of batches",
    [fc.array(fc.record({ size: fc.integer({ min: 1, max: 9 }), ends: fc.array(fc.nat(9), { maxLength: 4 }) }))],
    ([batches]) =>
      Effect.gen(function* () {
        const ledger = yield* Ledger.make<number>(silent)
        for (const { ends, size } of batches) {
          const batch = enter(ledger, size)
          for (const [i, rows] of ends.entries()) {
            const to = Math.min(size, batch.ended + rows)
            if (to > batch.ended) yield* ledger.end(batch, to, i % 2 === 0 ? "accepted" : "dead")
          }
          batch.sent = Math.max(batch.sent, Math.floor((batch.ended + size) / 2))
        }
        const total = batches.reduce((sum, { size }) => sum + size, 0)
        const sum = Effect.map(report(ledger), ({ accepted, dead, pending, refused, undelivered, unknown }) =>
          [accepted, dead, refused, undelivered, unknown].reduce((sum, { rows }) => sum + rows, pending)
        )
        assert.strictEqual(yield* sum, total)
        yield* ledger.close
        assert.strictEqual(yield* sum, total)
        assert.strictEqual(ledger.pending(), 0)
      })
  )
})
