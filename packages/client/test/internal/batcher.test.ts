import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Option, Schema, TestClock } from "effect"
import * as Batcher from "../../src/internal/ingest/batcher.js"

interface Limits {
  readonly maxRows?: number
  readonly maxBytes?: number
  readonly maxWait?: "1 second"
}

const make = ({ maxBytes = 1000, maxRows = 100, maxWait }: Limits, isStuck = () => false) =>
  Effect.gen(function* () {
    const sent: Array<ReadonlyArray<number>> = []
    const begun: Array<number> = []
    let offered = 0
    const batcher = yield* Batcher.make(
      {
        schema: Schema.Struct({ n: Schema.Int }),
        maxRows,
        maxBytes,
        maxWait: Option.map(Option.fromNullable(maxWait), Duration.decode)
      },
      {
        offer: () => offered++,
        begin: ({ indexes }) => void begun.push(indexes[0] ?? -1),
        send: ({ rows }) => void sent.push(rows.map(({ n }) => n)),
        isStuck,
        awaitTurn: Effect.void
      }
    )
    const add = (n: number) => Effect.suspend(() => (batcher.add({ n }), batcher.startTimer() ?? Effect.void))
    return { add, batcher, begun, sent }
  })

describe("A batcher", () => {
  it.scoped("sends a batch as soon as the batch has the maximum number of rows", () =>
    Effect.gen(function* () {
      const { add, batcher, begun, sent } = yield* make({ maxRows: 2 })
      for (let n = 0; n < 5; n++) yield* add(n)
      assert.deepStrictEqual(sent, [
        [0, 1],
        [2, 3]
      ])
      assert.deepStrictEqual(begun, [0, 2, 4])
      assert.strictEqual(batcher.firstIndex(), 4)
      batcher.flush()
      batcher.flush()
      assert.deepStrictEqual(sent.at(-1), [4])
      assert.deepStrictEqual([batcher.sent(), batcher.firstIndex()], [3, undefined])
    })
  )

  it.scoped("sends batches of at most the maximum number of bytes, including commas and brackets", () =>
    Effect.gen(function* () {
      // Set the maximum to 17 bytes, which is the size of [{"n":1},{"n":2}].
      const { add, sent } = yield* make({ maxBytes: 17 })
      yield* Effect.forEach([1, 2, 3, 10, 4], add)
      assert.deepStrictEqual(sent, [[1, 2], [3], [10]])
    })
  )

  it.scoped("sends a batch when maxWait has passed since the batch's first row", () =>
    Effect.gen(function* () {
      const { add, sent } = yield* make({ maxRows: 3, maxWait: "1 second" })
      yield* add(1)
      yield* TestClock.adjust(999)
      yield* add(2)
      assert.deepStrictEqual(sent, [])
      yield* TestClock.adjust(1)
      assert.deepStrictEqual(sent, [[1, 2]])
      yield* Effect.forEach([3, 4, 5], add)
      yield* add(6)
      yield* TestClock.adjust(999)
      assert.deepStrictEqual(sent.slice(1), [[3, 4, 5]])
      yield* TestClock.adjust(1)
      assert.deepStrictEqual(sent.slice(2), [[6]])
    })
  )

  it.scoped("sends a partial batch if offers are waiting", () =>
    Effect.gen(function* () {
      const { add, sent } = yield* make({}, () => true)
      yield* add(1)
      assert.deepStrictEqual(sent, [[1]])
    })
  )

  it.scoped("returns the issues of an invalid row, and gives the row no index", () =>
    Effect.gen(function* () {
      const { batcher, begun } = yield* make({})
      const wrong = batcher.add({ n: 0.5 })
      assert.strictEqual(wrong?.issues[0]?.path.join(), "n")
      assert.deepStrictEqual([begun, batcher.firstIndex()], [[], undefined])
    })
  )
})
