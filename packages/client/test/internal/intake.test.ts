import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Exit, Fiber, Option, Schema, TestClock } from "effect"
import { FileRow } from "../../src/index.js"
import * as Batcher from "../../src/internal/ingest/batcher.js"
import * as Intake from "../../src/internal/ingest/intake.js"
import * as Ledger from "../../src/internal/ingest/ledger.js"
import * as Stop from "../../src/internal/ingest/stop.js"
import { silent, unauthorized } from "../support/Batches.js"

/** A schema of integers, which refuses 0.5. The schema throws when it encodes 13. */
const Unlucky = Schema.transform(Schema.Int, Schema.Int, {
  strict: true,
  decode: (n) => n,
  encode: (n) => (n === 13 ? assert.fail("bad luck") : n)
})

const Row = Schema.Union(Unlucky, FileRow.schemaOf(Unlucky))

interface Options {
  readonly onBadRow?: "fail" | "continue"
  readonly maxRows?: number
  readonly maxWait?: Duration.Duration
  /** The number of rows that fit into one turn of the event loop. */
  readonly rowsInTurn?: number
  readonly awaitWorker?: Effect.Effect<void>
}

const make = ({
  awaitWorker = Effect.void,
  maxRows = 100,
  maxWait,
  onBadRow = "fail",
  rowsInTurn = Number.POSITIVE_INFINITY
}: Options = {}) =>
  Effect.gen(function* () {
    const sent: Array<ReadonlyArray<typeof Row.Type>> = []
    const refused: Array<unknown> = []
    const stop = yield* Stop.make(() => undefined)
    const ledger = yield* Ledger.make<typeof Row.Type>({
      ...silent,
      onRefusal: ({ error, row }) => Effect.sync(() => void refused.push([row, error]))
    })
    const batcher = yield* Batcher.make(
      { schema: Row, maxRows, maxBytes: 1000, maxWait: Option.fromNullable(maxWait) },
      {
        offer: ledger.offer,
        begin: ledger.add,
        send: ({ rows }) => void sent.push(rows),
        isStuck: () => false,
        awaitTurn: Effect.void
      }
    )
    // End a turn when the given number of rows has been offered since the turn began.
    let startedAt = 0
    const nextTurn = yield* Effect.makeLatch(false)
    const turns = {
      isOver: () => ledger.offered() - startedAt >= rowsInTurn,
      available: nextTurn.await
    }
    const intake = Intake.make<typeof Row.Type>(
      { onBadRow },
      { awaitWorker, batcher, failStopped: Effect.suspend(() => stop.reason() ?? Effect.void), ledger, stop, turns }
    )
    const takeAll = (rows: Iterable<typeof Row.Type>) =>
      Effect.uninterruptibleMask((restore) => intake.takeAll(rows, restore))
    const take = (row: typeof Row.Type) => Effect.uninterruptibleMask((restore) => intake.take(row, restore))
    return {
      batcher,
      ledger,
      refused,
      sent,
      stop,
      takeAll,
      endTurn: Effect.suspend(() => {
        startedAt = ledger.offered()
        return Effect.zipRight(nextTurn.release, TestClock.adjust(0))
      }),
      /** The two ways to take rows: one by one, and all together. */
      ways: {
        "one by one": (rows: ReadonlyArray<typeof Row.Type>) => Effect.forEach(rows, take, { discard: true }),
        "all together": takeAll
      }
    }
  })

const ways = ["one by one", "all together"] as const

for (const way of ways) {
  describe(`An intake that takes rows ${way}`, () => {
    it.scoped("puts the rows into batches, in order", () =>
      Effect.gen(function* () {
        const { batcher, ledger, sent, ways } = yield* make({ maxRows: 2 })
        yield* ways[way]([1, 2, 3, 4, 5])
        assert.deepStrictEqual(sent, [
          [1, 2],
          [3, 4]
        ])
        assert.deepStrictEqual([ledger.offered(), batcher.firstIndex()], [5, 4])
      })
    )

    it.scoped('refuses a row if the schema refuses it or throws, and continues if onBadRow is "continue"', () =>
      Effect.gen(function* () {
        const { batcher, ledger, refused, sent, stop, ways } = yield* make({ onBadRow: "continue" })
        yield* ways[way]([0.5, 1, 13, new FileRow.FileRow({ line: 42, row: 13 }), 2, 13])
        batcher.flush()
        assert.deepStrictEqual(sent, [[1, 2]])
        assert.deepStrictEqual(refused.length, 4)
        assert.deepStrictEqual([ledger.offered(), ledger.pending()], [6, 2])
        assert.strictEqual(stop.reason(), undefined)
      })
    )

    for (const [name, bad] of Object.entries({ "does not match the schema": 0.5, "makes the schema throw": 13 })) {
      it.scoped(`fails at a row that ${name}, and takes no more rows`, () =>
        Effect.gen(function* () {
          const { ledger, refused, stop, ways } = yield* make()
          const row = new FileRow.FileRow({ line: 42, row: bad })
          const error = yield* Effect.flip(ways[way]([1, row, 2]))
          assert.deepInclude(error, { _tag: "MammothRowRefused", index: 1, line: 42 })
          assert.deepStrictEqual(refused, [[row, error]])
          assert.isTrue(stop.isHalted())
          assert.deepStrictEqual([ledger.offered(), ledger.pending()], [2, 1])
          // Expect the same error if one more row is offered, and expect that the intake does not take this row.
          assert.strictEqual(yield* Effect.flip(ways[way]([3])), error)
          assert.strictEqual(ledger.offered(), 2)
        })
      )
    }

    it.scoped("waits for a free worker after each full batch", () =>
      Effect.gen(function* () {
        const worker = yield* Effect.makeLatch(false)
        const { ledger, sent, ways } = yield* make({ maxRows: 2, awaitWorker: worker.await })
        const fiber = yield* Effect.fork(ways[way]([1, 2, 3, 4, 5]))
        yield* TestClock.adjust(0)
        assert.deepStrictEqual([ledger.offered(), sent], [2, [[1, 2]]])
        yield* worker.release
        yield* TestClock.adjust(0)
        assert.strictEqual(ledger.offered(), 4)
        // Expect the interruption to end only the wait, because the intake has already taken the row.
        assert.isTrue(Exit.isInterrupted(yield* Fiber.interrupt(fiber)))
        assert.deepStrictEqual([ledger.offered(), ledger.pending()], [4, 4])
      })
    )

    it.scoped("measures maxWait from the first row of each batch", () =>
      Effect.gen(function* () {
        const { sent, ways } = yield* make({ maxRows: 3, maxWait: Duration.seconds(1) })
        yield* ways[way]([1, 2, 3, 4])
        yield* TestClock.adjust(999)
        assert.deepStrictEqual(sent, [[1, 2, 3]])
        yield* TestClock.adjust(1)
        assert.deepStrictEqual(sent.slice(1), [[4]])
      })
    )

    it.scoped("takes no row after the ingestion has stopped", () =>
      Effect.gen(function* () {
        const { ledger, stop, ways } = yield* make()
        yield* stop.fail(unauthorized)
        assert.strictEqual(yield* Effect.flip(ways[way]([1, 2])), unauthorized)
        assert.strictEqual(ledger.offered(), 0)
      })
    )
  })
}

describe("An intake of many rows", () => {
  it.scoped("gives the event loop a turn each time the intake's turn is over", () =>
    Effect.gen(function* () {
      const { endTurn, ledger, takeAll } = yield* make({ rowsInTurn: 2 })
      const fiber = yield* Effect.fork(takeAll([1, 2, 3, 4, 5]))
      yield* TestClock.adjust(0)
      assert.strictEqual(ledger.offered(), 2)
      yield* endTurn
      assert.strictEqual(ledger.offered(), 4)
      yield* endTurn
      yield* Fiber.join(fiber)
      assert.strictEqual(ledger.offered(), 5)
    })
  )

  it.scoped("gives the event loop a turn even if every row is refused", () =>
    Effect.gen(function* () {
      const { endTurn, ledger, takeAll } = yield* make({ rowsInTurn: 2, onBadRow: "continue" })
      const fiber = yield* Effect.fork(takeAll([13, 0.5, 13]))
      yield* TestClock.adjust(0)
      assert.strictEqual(ledger.offered(), 2)
      yield* endTurn
      yield* Fiber.join(fiber)
      assert.strictEqual(ledger.offered(), 3)
    })
  )

  it.scoped("can be interrupted while it waits for a turn, and keeps the rows that it took", () =>
    Effect.gen(function* () {
      const { ledger, takeAll } = yield* make({ rowsInTurn: 2 })
      const fiber = yield* Effect.fork(takeAll([1, 2, 3]))
      yield* TestClock.adjust(0)
      assert.isTrue(Exit.isInterrupted(yield* Fiber.interrupt(fiber)))
      assert.deepStrictEqual([ledger.offered(), ledger.pending()], [2, 2])
    })
  )

  it.scoped("takes no row from an empty list", () =>
    Effect.gen(function* () {
      const { ledger, takeAll } = yield* make()
      yield* takeAll([])
      assert.strictEqual(ledger.offered(), 0)
    })
  )

  it.scoped("takes many rows without overflowing the stack", () =>
    Effect.gen(function* () {
      const { ledger, takeAll } = yield* make({ maxRows: 1 })
      yield* takeAll(Array.from({ length: 50_000 }, (_, n) => n + 14))
      assert.strictEqual(ledger.offered(), 50_000)
    })
  )

  it.scoped("dies if the iterator of the rows throws, and counts each earlier row once", () =>
    Effect.gen(function* () {
      const { ledger, refused, takeAll } = yield* make({ onBadRow: "continue" })
      const rows = function* () {
        yield 1
        yield 0.5
        return assert.fail("no more")
      }
      const exit = yield* Effect.exit(takeAll(rows()))
      assert.isTrue(Exit.isFailure(exit))
      assert.deepStrictEqual([ledger.offered(), ledger.pending(), refused.length], [2, 1, 1])
    })
  )
})
