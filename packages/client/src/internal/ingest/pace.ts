/**
 * Controls how fast an ingestion sends. Pauses for as long as the server requests. After a 429, halves the maximum
 * number of requests in flight. Raises this limit again while requests succeed (additive increase, multiplicative
 * decrease).
 */
import * as Wait from "@mammoth-effect/core/Wait"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import type { Stop } from "./stop.js"

/**
 * The SDK's own backoff, in milliseconds. A pause is a random part of a maximum. The maximum is `first` at the
 * beginning, doubles each time the same request is throttled again, and never exceeds `longest`.
 */
const backoff = { first: 500, longest: 60_000 }

export interface Pace {
  /** Runs a request as soon as every pause has ended and the number of requests in flight is below the limit. */
  readonly run: <A, E>(request: Effect.Effect<A, E>) => Effect.Effect<A, E>
  /**
   * Pauses all requests after the server throttled one request. `times` counts how often the server throttled this
   * request before. `asked` is the wait that the server requested, in milliseconds. The pause is `asked` or the SDK's
   * own backoff, whichever is longer. If the pause would end after `latest`, does nothing and returns `false`.
   */
  readonly slowDown: (asked: number, times: number, latest: number) => Effect.Effect<boolean>
  /** Raises the limit a little, after a request that succeeded. */
  readonly speedUp: Effect.Effect<void>
}

/** Makes a pace with at most `concurrency` requests in flight. When the ingestion halts, its pauses end. */
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
          // Halve the limit at the beginning of a pause. If further requests are throttled during the pause, keep the
          // limit, because these requests began before the pause.
          if (pausedUntil <= now) yield* setLimit(limit / 2)
          pausedUntil = Math.max(pausedUntil, until)
          return true
        }),
      speedUp: Effect.suspend(() => setLimit(limit + 1 / limit))
    }
  })
