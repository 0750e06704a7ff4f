/** Repeats work on a database, even if the database fails for some time. */
import * as Wait from "@mammoth-effect/core/Wait"
import * as Cause from "effect/Cause"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import type { Log } from "./setup.js"

/** The pauses between retries while the database fails. */
export const untilItReturns = Schedule.exponential("100 millis", 2).pipe(
  Schedule.union(Schedule.spaced("5 seconds")),
  Schedule.jittered
)

/** Returns the message of a failure in one line, or a defect with its stack. */
export const describe = (cause: Cause.Cause<Error>): string =>
  Option.match(Cause.failureOption(cause), { onNone: () => Cause.pretty(cause), onSome: ({ message }) => message })

/** Runs an effect forever, with a pause after each success. Logs each failure, and retries. */
export const forever = <E extends Error>(
  what: string,
  effect: Effect.Effect<unknown, E>,
  pause: Duration.DurationInput,
  log: Log
): Effect.Effect<never, Cause.Cause<E>> =>
  effect.pipe(
    Effect.sandbox,
    Effect.tapError((cause: Cause.Cause<E>) =>
      log(Effect.logWarning(`${what} failed and will be retried: ${describe(cause)}`))
    ),
    Effect.retry(untilItReturns),
    Effect.zipRight(Wait.sleep(pause)),
    Effect.forever,
    Effect.interruptible
  )
