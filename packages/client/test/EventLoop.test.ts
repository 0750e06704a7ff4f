/** Tests that the event loop gets turns during long encoding. The clock moves by one millisecond for each row. */
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Fiber, Schema, Stream } from "effect"
import { EventLoop, Ingestor, Webhooks, WebhookSink } from "../src/index.js"
import * as Server from "./support/Server.js"

const rows = (count: number) => Array.from({ length: count }, (_, id) => ({ id }))

/** Makes a schema that encodes a row in one millisecond, and records the most rows encoded between two turns. */
const slowly = Effect.gen(function* () {
  const live = Clock.make()
  let encoded = 0
  let inTurn = 0
  let most = 0
  const clock: Clock.Clock = {
    [Clock.ClockTypeId]: Clock.ClockTypeId,
    unsafeCurrentTimeMillis: () => encoded,
    currentTimeMillis: Effect.sync(() => encoded),
    unsafeCurrentTimeNanos: () => BigInt(encoded) * 1_000_000n,
    currentTimeNanos: Effect.sync(() => BigInt(encoded) * 1_000_000n),
    sleep: (duration) => live.sleep(duration)
  }
  const Id = Schema.transform(Schema.Number, Schema.Number, {
    strict: true,
    decode: (id) => id,
    encode: (id) => {
      encoded += 1
      inTurn += 1
      most = Math.max(most, inTurn)
      return id
    }
  })
  let next: NodeJS.Immediate | undefined
  const count = () => {
    inTurn = 0
    next = setImmediate(count)
  }
  yield* Effect.acquireRelease(Effect.sync(count), () => Effect.sync(() => clearImmediate(next)))
  return { schema: Schema.Struct({ id: Id }), clock, most: () => most, encoded: () => encoded }
})

type Slowly = Effect.Effect.Success<typeof slowly>

/** Runs an effect that encodes rows. Checks that every row of a turn starts in the turn's first ten milliseconds. */
const inTurns = <A, E, R>(count: number, run: (given: Slowly["schema"]) => Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const { clock, encoded, most, schema } = yield* slowly
    const result = yield* Effect.withClock(run(schema), clock)
    assert.isAtLeast(encoded(), count)
    // Allow a turn the time of one more encoding: if a row is refused, the same turn encodes the row again to find the
    // issues.
    const perRow = encoded() / count
    assert.isAtMost(most(), 9 + perRow)
    return result
  })

const batching = Effect.provide(Server.layer({ emulator: { arraysAreRows: true } }))

describe("The event loop", () => {
  for (const [name, options] of Object.entries<Pick<WebhookSink.Options<unknown>, "batch" | "concurrency">>({
    "in the middle of a batch": { batch: { maxRows: 1000 } },
    "between batches": { batch: { maxRows: 7 }, concurrency: 64 },
    "between rows of separate requests": { concurrency: 100 }
  })) {
    it.scopedLive(`gets a turn after ten milliseconds of encoding in a sink, ${name}`, () =>
      Effect.gen(function* () {
        const webhook = yield* Server.api.create({ mode: "combine" })
        yield* inTurns(60, (schema) =>
          Stream.run(Stream.fromIterable(rows(60)), WebhookSink.append(webhook, { ...options, schema }))
        )
      }).pipe(batching)
    )
  }

  it.scopedLive("gets a turn every ten milliseconds while a sink encodes rows that the schema refuses", () =>
    Effect.gen(function* () {
      const webhook = yield* Server.api.create({ mode: "combine" })
      const report = yield* inTurns(60, (schema) =>
        Stream.run(
          Stream.fromIterable(rows(60).map((row) => ({ ...row, name: "" }))),
          WebhookSink.append(webhook, {
            schema: Schema.Struct({ ...schema.fields, name: Schema.NonEmptyString }),
            onBadRow: "continue"
          })
        )
      )
      assert.strictEqual(report.refused.rows, 60)
    }).pipe(batching)
  )

  for (const capacity of [20, 1000]) {
    it.scopedLive(`gets a turn after ten milliseconds of encoding in an ingestor with capacity ${capacity}`, () =>
      Effect.gen(function* () {
        const webhook = yield* Server.api.create({ mode: "combine" })
        yield* inTurns(60, (schema) =>
          Ingestor.use(webhook, { schema, capacity, batch: {}, onUndelivered: () => Effect.void }, ({ offer }) =>
            Effect.forEach(rows(60), offer, { concurrency: "unbounded" })
          )
        )
      }).pipe(batching)
    )
  }

  it.scopedLive("gets a turn after ten milliseconds of encoding in replaceAll", () =>
    Effect.gen(function* () {
      const webhook = yield* Server.api.create({ mode: "replace" })
      yield* inTurns(60, (schema) => Webhooks.replaceAll(webhook, rows(60), { schema }))
    }).pipe(batching)
  )
})

describe("An offer that waits for a turn", () => {
  it.scopedLive("keeps its place in the buffer until the offer is interrupted", () =>
    Effect.gen(function* () {
      const webhook = yield* Server.api.create({ mode: "combine" })
      const { clock, schema } = yield* slowly
      yield* Effect.gen(function* () {
        const { offer, report, tryOffer } = yield* Ingestor.make(webhook, {
          schema,
          capacity: 11,
          batch: {},
          onUndelivered: () => Effect.void
        })
        const offers = yield* Effect.forEach(rows(11), (row) => Effect.fork(offer(row)))
        yield* Effect.yieldNow()
        assert.strictEqual((yield* report).offered, 10)
        assert.isFalse(yield* tryOffer({ id: 11 }))
        yield* Effect.forEach(offers, Fiber.interrupt)
        assert.isTrue(yield* tryOffer({ id: 12 }))
        assert.strictEqual((yield* report).offered, 11)
      }).pipe(Effect.withClock(clock))
    }).pipe(batching)
  )
})

describe("The turns of the event loop", () => {
  it.live("resume waiting fibers in order, with ten milliseconds of work in each turn", () =>
    Effect.gen(function* () {
      let now = 0
      const clock: Clock.Clock = { ...Clock.make(), unsafeCurrentTimeMillis: () => now }
      const { available } = yield* Effect.withClock(EventLoop.makeTurns, clock)
      const done: Array<number> = []
      yield* Effect.forEach(
        [0, 1, 2, 3, 4],
        (id) =>
          Effect.map(available, () => {
            done.push(id)
            now += 10
          }),
        { concurrency: "unbounded" }
      )
      assert.deepStrictEqual(done, [0, 1, 2, 3, 4])
    })
  )
})
