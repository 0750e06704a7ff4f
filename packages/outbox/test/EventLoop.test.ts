/**
 * Tests that the event loop gets turns while rows are encoded. The tests count the rows that are encoded in one turn.
 * By the clock of these tests, each row takes a millisecond.
 */
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Schema } from "effect"
import { Outbox } from "../src/index.js"
import * as Databases from "./support/Databases.js"

const rows = Array.from({ length: 60 }, (_, n) => ({ n }))

/** Makes an outbox, and a function that returns the largest number of rows that were encoded in one turn. */
const make = Effect.gen(function* () {
  let encoded = 0
  let inTurn = 0
  let most = 0
  const clock: Clock.Clock = { ...Clock.make(), unsafeCurrentTimeMillis: () => encoded }
  const schema = Schema.Struct({
    n: Schema.transform(Schema.Number, Schema.Number, {
      strict: true,
      decode: (n) => n,
      encode: (n) => {
        encoded += 1
        most = Math.max(most, ++inTurn)
        return n
      }
    })
  })
  let next: NodeJS.Immediate | undefined
  const count = () => {
    inTurn = 0
    next = setImmediate(count)
  }
  yield* Effect.acquireRelease(Effect.sync(count), () => Effect.sync(() => clearImmediate(next)))
  const outbox = yield* Effect.withClock(Outbox.make("rows", { schema }), clock)
  return { outbox, most: () => most }
})

describe("The event loop", () => {
  it.scopedLive("gets a turn every ten milliseconds while offerAll encodes rows", () =>
    Effect.gen(function* () {
      const { most, outbox } = yield* make
      yield* outbox.offerAll(rows)
      assert.isAtMost(most(), 10)
      assert.strictEqual((yield* outbox.counts).pending, rows.length)
    }).pipe(Effect.provide(Databases.onSqlite))
  )

  it.scopedLive("gets a turn every ten milliseconds while concurrent offers encode rows", () =>
    Effect.gen(function* () {
      const { most, outbox } = yield* make
      yield* Effect.forEach(rows, (row) => outbox.offer(row), { concurrency: "unbounded" })
      assert.isAtMost(most(), 10)
      assert.strictEqual((yield* outbox.counts).pending, rows.length)
    }).pipe(Effect.provide(Databases.onSqlite))
  )
})
