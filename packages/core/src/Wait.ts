/**
 * Waits of any length.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"

/**
 * The longest time that a timer of JavaScript takes, in milliseconds: some 24.8 days. `Effect.sleep` sets no timer for a
 * longer one, never ends, and does not keep the process alive.
 *
 * @since 0.1.0
 * @category constants
 */
export const longestTimer = 2 ** 31 - 1

/**
 * Waits for a time of any length, as `Effect.sleep` does for up to {@link longestTimer}. An infinite time never ends, and
 * keeps the process alive.
 *
 * A part of a millisecond counts as a whole one, so the clock moves on with each wait that is not zero. A loop that
 * waits for the rest of a time therefore ends.
 *
 * Use this in place of `Effect.sleep` for a time that a server or a user gives, such as that of `Retry-After`.
 *
 * @example
 * import { Wait, type WebhooksError } from "@mammoth-effect/core"
 * import { Duration } from "effect"
 *
 * const pause = (error: WebhooksError.RateLimited) => Wait.sleep(error.retryAfter ?? Duration.seconds(1))
 *
 * @since 0.1.0
 * @category waiting
 */
export const sleep = (duration: Duration.DurationInput): Effect.Effect<void> => {
  const millis = Math.ceil(Duration.toMillis(duration))
  return millis <= longestTimer
    ? Effect.sleep(millis)
    : Effect.flatMap(Clock.currentTimeMillis, (now) => until(now + millis))
}

/** Waits until a time, in milliseconds, one timer after the other. */
const until = (end: number): Effect.Effect<void> =>
  Effect.flatMap(Clock.currentTimeMillis, (now) =>
    end - now <= longestTimer
      ? Effect.sleep(Math.ceil(Math.max(0, end - now)))
      : Effect.zipRight(Effect.sleep(longestTimer), until(end))
  )
