import { assert, describe, it } from "@effect/vitest"
import { Clock, Deferred, Effect, Fiber, Random, TestClock } from "effect"
import * as Pace from "../../src/internal/ingest/pace.js"
import * as Stop from "../../src/internal/ingest/stop.js"

const make = (concurrency: number) =>
  Effect.gen(function* () {
    const stop = yield* Stop.make(() => undefined)
    return { stop, pace: yield* Pace.make(concurrency, stop) }
  })

/** Starts `wanted` requests. Returns the number of requests that run at the same time. */
const countAtOnce = (pace: Pace.Pace, wanted: number) =>
  Effect.gen(function* () {
    let running = 0
    const gate = yield* Deferred.make<void>()
    const fibers = yield* Effect.forEach(Array.from({ length: wanted }), () =>
      Effect.fork(
        pace.run(
          Effect.zipRight(
            Effect.sync(() => void running++),
            Deferred.await(gate)
          )
        )
      )
    )
    yield* TestClock.adjust(0)
    const atOnce = running
    yield* Deferred.succeed(gate, undefined)
    yield* Fiber.joinAll(fibers)
    return atOnce
  })

describe("The pace of an ingestion", () => {
  it.effect(
    "halves the concurrency once for requests that are throttled together, and then slowly raises the concurrency",
    () =>
      Effect.gen(function* () {
        const { pace } = yield* make(8)
        assert.strictEqual(yield* countAtOnce(pace, 10), 8)
        for (let i = 0; i < 3; i++) assert.isTrue(yield* pace.slowDown(1000, 0, Number.POSITIVE_INFINITY))
        yield* TestClock.adjust("1 minute")
        assert.strictEqual(yield* countAtOnce(pace, 10), 4)
        // Expect five successes to raise the limit by one.
        for (let i = 0; i < 5; i++) yield* pace.speedUp
        assert.strictEqual(yield* countAtOnce(pace, 10), 5)
        for (let i = 0; i < 100; i++) yield* pace.speedUp
        assert.strictEqual(yield* countAtOnce(pace, 10), 8)
      })
  )

  it.effect("pauses for the wait of the server or for the backoff, whichever is longer", () =>
    Effect.gen(function* () {
      const { pace } = yield* make(1)
      const pause = (asked: number, times: number) =>
        Effect.gen(function* () {
          const from = yield* Clock.currentTimeMillis
          yield* Effect.withRandom(pace.slowDown(asked, times, Number.POSITIVE_INFINITY), Random.fixed([0.5]))
          const fiber = yield* Effect.fork(pace.run(Clock.currentTimeMillis))
          yield* TestClock.adjust("10 minutes")
          return (yield* Fiber.join(fiber)) - from
        })
      assert.strictEqual(yield* pause(5000, 0), 5000)
      assert.strictEqual(yield* pause(0, 0), 250)
      assert.strictEqual(yield* pause(0, 3), 2000)
      assert.strictEqual(yield* pause(0, 50), 30_000)
    })
  )

  it.effect("refuses a pause that would end after the deadline", () =>
    Effect.gen(function* () {
      const { pace } = yield* make(1)
      assert.isFalse(yield* pace.slowDown(5000, 0, 4999))
      assert.strictEqual(yield* pace.run(Clock.currentTimeMillis), 0)
    })
  )

  it.effect("ends its pauses when the ingestion halts", () =>
    Effect.gen(function* () {
      const { pace, stop } = yield* make(1)
      yield* pace.slowDown(3_600_000, 0, Number.POSITIVE_INFINITY)
      const fiber = yield* Effect.fork(pace.run(Effect.void))
      yield* TestClock.adjust("1 minute")
      assert.isNull(fiber.unsafePoll())
      yield* stop.halt
      yield* Fiber.join(fiber)
    })
  )
})
