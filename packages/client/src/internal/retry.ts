/** Which attempts are followed by another, and when. */
import * as HttpClient from "@effect/platform/HttpClient"
import type { Delivery } from "@mammoth-effect/core/Delivery"
import type { Repeat } from "@mammoth-effect/core/Operation"
import type { Attempt, WebhooksError } from "@mammoth-effect/core/WebhooksError"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import * as Option from "effect/Option"
import * as Intervals from "effect/ScheduleIntervals"
import type * as Credentials from "../Credentials.js"
import type * as RetryPolicy from "../RetryPolicy.js"
import { begin, type Call, CurrentCall } from "./call.js"

/** What the calls of one layer share. */
export interface Shared {
  /** Until when the server asked all to wait, in milliseconds. */
  pausedUntil: number
  /** How many tenths of a retry may still be made; see `RetryPolicy.Service.budget`. */
  tenths: number
  readonly capacity: number
}

/** The state of a new layer. */
export const makeShared = (policy: RetryPolicy.Service): Shared => {
  const capacity = 10 * Option.getOrElse(policy.budget, () => Number.POSITIVE_INFINITY)
  return { pausedUntil: 0, tenths: capacity, capacity }
}

const historyOf = (error: WebhooksError): ReadonlyArray<Attempt> =>
  error._tag === "InvalidRequest" ? [] : error.history

/** What the last attempt alone may have done. */
const lastDelivery = (error: WebhooksError): Delivery => historyOf(error).at(-1)?.delivery ?? error.delivery

/** May a call be attempted again after this error without doing more than its policy allows? */
const isRetryable = (error: WebhooksError, repeat: Repeat, policy: RetryPolicy.Service): boolean => {
  const mayHaveActed = repeat !== "once" || policy.atLeastOnce
  switch (error._tag) {
    case "TransportError": {
      if (!policy.retryConnectionErrors) return false
      const last = lastDelivery(error)
      if (last !== "NotSent") return mayHaveActed
      return error.reason === "connect" || error.code === "EAI_AGAIN" || error.code === "ECONNRESET"
    }
    case "TimedOut": {
      if (error.stage === "credentials") return false
      const last = lastDelivery(error)
      return last === "Accepted" ? repeat === "read" : mayHaveActed
    }
    case "RateLimited":
      return true
    case "ServerError":
      return mayHaveActed
    case "UnexpectedStatus":
      return error.status === 421 || error.status === 425 || (error.status === 408 && mayHaveActed)
    case "DecodeError":
      return repeat === "read"
    default:
      return false
  }
}

const retryAfterOf = (error: WebhooksError): Option.Option<Duration.Duration> =>
  error._tag === "RateLimited" || error._tag === "ServerError" ? error.retryAfter : Option.none()

const isSameKeys = (a: Credentials.Keys, b: Credentials.Keys) =>
  Equal.equals(a.apiKey, b.apiKey) && Equal.equals(a.apiSecret, b.apiSecret)

/** Waits while the server has asked all calls of the layer to. */
const awaitPause = (shared: Shared, call: Call): Effect.Effect<void> =>
  call.settings.retry.attempts <= 1
    ? Effect.void
    : Effect.flatMap(Clock.currentTimeMillis, (now) => {
        if (shared.pausedUntil <= now) return Effect.void
        call.stage = "wait"
        return Effect.zipRight(Effect.sleep(shared.pausedUntil - now), awaitPause(shared, call))
      })

/** Attempts each call until it succeeds, or may not or need not be attempted again. */
export const withRetry =
  (shared: Shared, credentials: Option.Option<Credentials.Service>) =>
  <E extends WebhooksError, R>(
    client: HttpClient.HttpClient.With<E, R>
  ): HttpClient.HttpClient.With<E, R | CurrentCall> =>
    HttpClient.transformResponse(client, (attempt) =>
      Effect.flatMap(CurrentCall, (call) => {
        const { operation, settings } = call
        const policy = settings.retry
        let state: unknown = policy.schedule.initial
        let reauthenticated = false

        /** How long to wait before the next attempt, in milliseconds; none where there is to be none. */
        const waitAfter = (error: E): Effect.Effect<Option.Option<number>> =>
          Effect.gen(function* () {
            if (call.history.length + 1 >= policy.attempts) return Option.none()
            if (error._tag === "Unauthorized" && Option.isSome(credentials) && !reauthenticated) {
              const used = call.keys
              const fresh = yield* Effect.option(credentials.value.keys)
              if (used === undefined || Option.isNone(fresh) || isSameKeys(used, fresh.value)) return Option.none()
              reauthenticated = true
              return Option.some(0)
            }
            if (!isRetryable(error, operation.repeat, policy)) return Option.none()
            if (error._tag === "RateLimited" && !settings.retryRateLimited) return Option.none()
            const now = yield* Clock.currentTimeMillis
            const asked = Option.map(retryAfterOf(error), Duration.toMillis)
            if (Option.isSome(asked)) {
              if (asked.value > Duration.toMillis(policy.maxRetryAfter)) return Option.none()
              shared.pausedUntil = Math.max(shared.pausedUntil, now + asked.value)
            }
            if (Option.isSome(policy.budget)) {
              if (shared.tenths < 10) return Option.none()
              shared.tenths -= 10
            }
            const [next, , decision] = yield* policy.schedule.step(now, error, state)
            state = next
            if (decision._tag === "Done") return Option.none()
            const planned = Intervals.start(decision.intervals) - now
            return Option.some(
              Math.round(
                Math.max(
                  planned,
                  Option.getOrElse(asked, () => 0)
                )
              )
            )
          })

        const run: typeof attempt = Effect.suspend(() =>
          awaitPause(shared, call).pipe(
            Effect.zipRight(begin(call)),
            Effect.zipRight(attempt),
            Effect.catchAll((error) =>
              Effect.flatMap(waitAfter(error), (wait) => {
                if (Option.isNone(wait)) return Effect.fail(error)
                const ended = historyOf(error).at(-1)
                if (ended !== undefined) call.history.push({ ...ended, waitedMillis: wait.value })
                call.delivery = error.delivery
                call.stage = "wait"
                return Effect.zipRight(Effect.sleep(wait.value), run)
              })
            )
          )
        )
        return Effect.tap(run, () => {
          if (call.history.length === 0) shared.tenths = Math.min(shared.capacity, shared.tenths + 1)
        })
      })
    )
