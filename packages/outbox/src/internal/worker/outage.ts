/** Pauses a worker while no request succeeds, so that an outage causes a few attempts and not one for each row. */
import * as Wait from "@mammoth-effect/core/Wait"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import * as Time from "../time.js"

/** The number of failures, with no success between them, that counts as an outage. */
const isOutage = 5

const shortest = 250
const longest = 30_000

export interface Outage {
  /** The time until the next attempt, in milliseconds. The value is 0 or less if the next attempt is due. */
  readonly left: Effect.Effect<number>
  /** Waits until the next attempt is due. */
  readonly wait: Effect.Effect<void>
  readonly succeeded: Effect.Effect<void>
  /** Records that a request failed. The request began at `beganAt`. `after` is the pause that the server requested. */
  readonly failed: (beganAt: number, after: Duration.Duration | undefined) => Effect.Effect<void>
}

export const make = (): Outage => {
  let failures = 0
  let pauses = 0
  let pausedAt = Number.NEGATIVE_INFINITY
  let pausedUntil = Number.NEGATIVE_INFINITY

  const left = Effect.map(Time.now, (now) => pausedUntil - now)

  const wait: Effect.Effect<void> = Effect.flatMap(left, (millis) =>
    millis <= 0 ? Effect.void : Effect.zipRight(Wait.sleep(millis), wait)
  )

  return {
    left,
    wait,
    succeeded: Effect.sync(() => {
      failures = 0
      pauses = 0
    }),
    failed: (beganAt, after) =>
      Effect.zipWith(Time.now, Random.next, (now, share) => {
        // Count only requests that began after the last pause began. An earlier request belongs to the outage that
        // caused that pause.
        if (beganAt >= pausedAt) failures += 1
        const isDue = beganAt >= pausedAt && failures >= isOutage
        const own = isDue ? Math.min(longest, shortest * 2 ** pauses) * (0.5 + share / 2) : 0
        const pause = Math.max(own, Duration.toMillis(after ?? 0))
        if (isDue) pauses += 1
        if (pause === 0) return
        pausedAt = now
        pausedUntil = Math.max(pausedUntil, now + pause)
      })
  }
}
