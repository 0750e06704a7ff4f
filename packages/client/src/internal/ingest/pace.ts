/**
 * Controls how fast an ingestion sends. Pauses as long as the server asks, and halves the limit of requests in flight
 * after a 429. Raises the limit again while requests succeed (additive increase, multiplicative decrease).
 */
import * as Wait from "@mammoth-effect/core/Wait"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import type { Stop } from "./stop.js"

/**
 * The times of our own backoff, in milliseconds. A pause is a random part of a time that doubles with each throttled
 * attempt.
 */
const backoff = { first: 500, longest: 60_000 }

export interface Pace {
  /** Runs a request when the number in flight is below the limit and no pause is left. */
  readonly run: <A, E>(request: Effect.Effect<A, E>) => Effect.Effect<A, E>
  /**
   * Pauses all requests after a request was throttled for the `times`-th time, counted from 0. The pause is the time
   * that the server asked for, in milliseconds, or our backoff if that is longer. If the pause would end after
   * `latest`, does nothing and returns `false`.
   */
  readonly slowDown: (asked: number, times: number, latest: number) => Effect.Effect<boolean>
  /** Raises the limit a little, after a request that succeeded. */
  readonly speedUp: Effect.Effect<void>
}

/** Makes a pace of at most `concurrency` requests in flight. Pauses end when the ingestion halts. */
export const make = (concurrency: number, stop: Stop): Effect.Effect<Pace> =>
  Effect.map(Effect.makeSemaphore(concurrency), (gate) => {
    let limit = concurrency
    let pausedUntil = 0

    const setLimit = (next: number): Effect.Effect<void> => {
      const before = Math.floor(limit)
      limit = Math.min(concurrency, Math.max(1, next))
      return Math.floor(limit) === before ? Effect.void : gate.resize(Math.floor(limit))
    }

    const awaitPause: Effect.Effect<void> = Effect.flatMap(Clock.currentTimeMillis, (now) =>
      pausedUntil <= now || stop.isHalted()
        ? Effect.void
        : Effect.zipRight(Effect.raceFirst(Wait.sleep(pausedUntil - now), stop.awaitHalt), awaitPause)
    )

    return {
      run: (request) => gate.withPermits(1)(Effect.zipRight(awaitPause, request)),
      slowDown: (asked, times, latest) =>
        Effect.gen(function* () {
          const now = yield* Clock.currentTimeMillis
          const share = yield* Random.next
          const own = Math.min(backoff.longest, backoff.first * 2 ** Math.min(times, 10)) * share
          const until = now + Math.max(own, asked)
          if (until > latest) return false
          // halve the limit only once for requests that were throttled together
          if (pausedUntil <= now) yield* setLimit(limit / 2)
          pausedUntil = Math.max(pausedUntil, until)
          return true
        }),
      speedUp: Effect.suspend(() => setLimit(limit + 1 / limit))
    }
  })
