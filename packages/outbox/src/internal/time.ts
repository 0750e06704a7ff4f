/** Measures durations with a clock that does not jump when the system's time changes. */
import { format as formatTime } from "@mammoth-effect/core/Time"
import * as Clock from "effect/Clock"
import * as Console from "effect/Console"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"

/** The time in milliseconds since an arbitrary moment. */
export const now: Effect.Effect<number> = Effect.map(Clock.currentTimeNanos, (nanos) => Number(nanos / 1_000_000n))

/** Formats a duration in milliseconds, rounded to seconds. The result is at least one second. */
export const format = (millis: number): string => formatTime(Duration.seconds(Math.max(1, Math.round(millis / 1000))))

/**
 * Runs an effect that waits. If the effect uses a test clock and waits for more than a second, prints a warning, because
 * a test clock stands still. The warning goes to the console, because tests often have no logger.
 */
export const tellsOfTestClock = <A, E, R>(wait: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.flatMap(Effect.clock, (clock) =>
    Predicate.hasProperty(clock, "adjust")
      ? Effect.raceFirst(
          wait,
          Effect.sleep("1 second").pipe(
            Effect.withClock(Clock.make()),
            Effect.zipRight(
              Console.warn(
                "This test may hang: the outbox waits, but the test clock stands still. TestClock.adjust is not enough, "
                  + "because retries follow the database's clock. Run the test with it.live, or the effect with "
                  + "Effect.withClock(Clock.make())."
              )
            ),
            Effect.zipRight(Effect.never)
          )
        )
      : wait
  )
