/** Runs effects in virtual time while other work needs real time, such as requests over a socket. */
import { Clock, Duration, Effect, Fiber, Option, TestClock } from "effect"

/** Runs an effect, and moves the test clock by 100 ms for every few real milliseconds. */
export const passing = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.gen(function* () {
    const fiber = yield* Effect.fork(self)
    while (Option.isNone(yield* Fiber.poll(fiber))) {
      yield* TestClock.adjust("100 millis")
      yield* Effect.promise(() => new Promise((resolve) => setTimeout(resolve, 4)))
    }
    return yield* Fiber.join(fiber)
  })

/**
 * Runs an effect in virtual time. When all fibers sleep, the time jumps to the end of the next sleep. This function is
 * for simulations with thousands of sleeps, because a `TestClock` takes a few real milliseconds for each sleep.
 */
export const leaping = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.gen(function* () {
    const sleeps = new Set<{ readonly until: number; readonly wake: () => void }>()
    let now = 0
    const clock: Clock.Clock = {
      ...Clock.make(),
      unsafeCurrentTimeMillis: () => now,
      unsafeCurrentTimeNanos: () => BigInt(Math.round(now * 1e6)),
      currentTimeMillis: Effect.sync(() => now),
      currentTimeNanos: Effect.sync(() => BigInt(Math.round(now * 1e6))),
      sleep: (duration) =>
        Effect.async<void>((resume) => {
          const sleep = { until: now + Duration.toMillis(duration), wake: () => resume(Effect.void) }
          sleeps.add(sleep)
          return Effect.sync(() => sleeps.delete(sleep))
        })
    }
    const fiber = yield* Effect.fork(Effect.withClock(self, clock))
    while (Option.isNone(yield* Fiber.poll(fiber))) {
      yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
      const [next] = [...sleeps].toSorted((a, b) => a.until - b.until)
      if (next === undefined) continue
      sleeps.delete(next)
      now = next.until
      next.wake()
    }
    return yield* Fiber.join(fiber)
  })
