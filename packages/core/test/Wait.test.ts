import { assert, describe, it } from "@effect/vitest"
import { Clock, Duration, Effect, Fiber, TestClock } from "effect"
import { afterEach, beforeEach, vi } from "vitest"
import { Wait } from "../src/index.js"

const days = (count: number) => Duration.toMillis(Duration.days(count))

describe("sleep on JavaScript's timers", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] }))
  afterEach(() => void vi.useRealTimers())

  for (const length of [0, 1, 24, 25, 30, 60]) {
    it(`keeps the process alive, and ends on time after ${length} days`, async () => {
      let isOver = false
      const ended = Effect.runPromise(Wait.sleep(Duration.days(length))).finally(() => {
        isOver = true
      })
      for (let day = 0; day < length; day++) {
        await vi.advanceTimersByTimeAsync(days(1) - 1)
        assert.isFalse(isOver, `after ${day} days`)
        assert.strictEqual(vi.getTimerCount(), 1)
        await vi.advanceTimersByTimeAsync(1)
      }
      await vi.advanceTimersByTimeAsync(0)
      assert.isTrue(isOver)
      await ended
    })
  }

  it("keeps the process alive during an infinite wait, which can be interrupted", async () => {
    const fiber = Effect.runFork(Wait.sleep(Duration.infinity))
    await vi.advanceTimersByTimeAsync(days(100))
    assert.strictEqual(vi.getTimerCount(), 1)
    await Effect.runPromise(Fiber.interrupt(fiber))
    assert.strictEqual(vi.getTimerCount(), 0)
  })
})

it.effect("sleep follows the clock of the program to the millisecond", () =>
  Effect.gen(function* () {
    const fiber = yield* Effect.fork(Wait.sleep("40 days"))
    yield* TestClock.adjust(days(40) - 1)
    assert.isTrue(fiber.unsafePoll() === null)
    yield* TestClock.adjust(1)
    yield* Fiber.join(fiber)
  })
)

it.effect("A loop of sleeps ends on time, even if the time has a fraction of a millisecond", () =>
  Effect.gen(function* () {
    let waits = 0
    const untilTime = (end: number): Effect.Effect<void> =>
      Effect.flatMap(Clock.currentTimeMillis, (now) => {
        if (end <= now) return Effect.void
        waits += 1
        assert.isBelow(waits, 4)
        return Effect.zipRight(Wait.sleep(end - now), untilTime(end))
      })
    const fiber = yield* Effect.fork(Effect.forEach([0.1, 12_345.7, 61_728.4000000001], untilTime))
    yield* TestClock.adjust("2 minutes")
    yield* Fiber.join(fiber)
  })
)
