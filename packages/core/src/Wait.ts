/**
 * Waits for a time of any length, even longer than a JavaScript timer supports.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"

/**
 * The longest time that a JavaScript timer supports, in milliseconds: about 24.8 days. For a longer time,
 * `Effect.sleep` sets no timer. The sleep then never ends, and does not keep the process alive.
 *
 * @since 0.1.0
 * @category constants
 */
export const longestTimer = 2 ** 31 - 1

/**
 * Waits for a time of any length. `Effect.sleep` cannot wait longer than {@link longestTimer}. An infinite wait never
 * ends, and it keeps the process alive.
 *
 * The time is rounded up to whole milliseconds, so the clock advances with every wait above zero. A loop that
 * waits until a certain time therefore always finishes.
 *
 * Use this instead of `Effect.sleep` if a server or a user gives the time, as in a `Retry-After` header.
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

/** Waits until the clock shows `end`, in milliseconds. For a long wait, sets several timers, one after another. */
const until = (end: number): Effect.Effect<void> =>
  Effect.flatMap(Clock.currentTimeMillis, (now) =>
    end - now <= longestTimer
      ? Effect.sleep(Math.ceil(Math.max(0, end - now)))
      : Effect.zipRight(Effect.sleep(longestTimer), until(end))
  )
