/** Which attempts are followed by another, and when. */
import type { Delivery } from "@mammoth-effect/core/Delivery"
import type { Repeat } from "@mammoth-effect/core/Operation"
import * as Verdict from "@mammoth-effect/core/Verdict"
import * as Wait from "@mammoth-effect/core/Wait"
import { type Attempt, RateLimited, type WebhooksError } from "@mammoth-effect/core/WebhooksError"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import * as Option from "effect/Option"
import * as Intervals from "effect/ScheduleIntervals"
import type * as Credentials from "../../Credentials.js"
import type * as RetryPolicy from "../../RetryPolicy.js"
import { begin, type Call, historyOf, identify } from "./call.js"
import { limited } from "./timeout.js"

/** What the calls of one layer share. */
export interface Shared {
  /** Until when a server asked all to wait, in milliseconds, by base URL. */
  readonly pausedUntil: Map<string, number>
  /** How many tenths of a retry may still be made; see `RetryPolicy.Service.budget`. */
  tenths: number
  readonly capacity: number
}

/** The state of a new layer. */
export const makeShared = (policy: RetryPolicy.Service): Shared => {
  const capacity = 10 * Option.getOrElse(policy.budget, () => Number.POSITIVE_INFINITY)
  return { pausedUntil: new Map(), tenths: capacity, capacity }
}

const attemptsOf = (error: WebhooksError): ReadonlyArray<Attempt> =>
  error._tag === "InvalidRequest" ? [] : error.history

/** What the last attempt alone may have done. */
const lastDelivery = (error: WebhooksError): Delivery => attemptsOf(error).at(-1)?.delivery ?? error.delivery

/** The statuses of a proxy that would refuse again: a 4xx, but for those that pass. */
const refusals = /^4(?!08|25|29)/

/** May a call be attempted again after this error without doing more than its policy allows? */
const isRetryable = (error: WebhooksError, repeat: Repeat, policy: RetryPolicy.Service): boolean => {
  const mayHaveActed = repeat !== "once" || policy.atLeastOnce
  switch (error._tag) {
    case "TransportError": {
      if (!policy.retryConnectionErrors) return false
      const last = lastDelivery(error)
      if (last !== "NotSent") return mayHaveActed
      if (error.proxyStatus !== null && refusals.test(String(error.proxyStatus))) return false
      return /^(connect|reset)$/.test(error.reason) || error.code === "EAI_AGAIN" || error.code === "ECONNRESET"
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

const isSameKeys = (a: Credentials.Keys, b: Credentials.Keys) =>
  Equal.equals(a.apiKey, b.apiKey) && Equal.equals(a.apiSecret, b.apiSecret)

/** When the call has to have ended, in milliseconds. */
const deadlineOf = ({ begunAt, settings }: Call): number =>
  Option.match(settings.deadline, {
    onNone: () => Number.POSITIVE_INFINITY,
    onSome: (deadline) => begunAt + Duration.toMillis(deadline)
  })

/** Remembers how long the server asks all to wait, unless it is longer than the call at hand would wait. */
const recordPause = (shared: Shared, { settings }: Call, asked: Option.Option<number>, now: number): void => {
  if (Option.isNone(asked) || asked.value > Duration.toMillis(settings.retry.maxRetryAfter)) return
  const known = shared.pausedUntil.get(settings.baseUrl) ?? 0
  shared.pausedUntil.set(settings.baseUrl, Math.max(known, now + asked.value))
}

/** Fails a call whose deadline is earlier than the end of a pause. */
const rateLimited = (call: Call, left: number) =>
  new RateLimited({
    ...identify(call.operation, call.calledAs),
    delivery: call.delivery,
    attempts: call.history.length,
    history: historyOf(call),
    status: 429,
    requestId: null,
    excerpt: "",
    retryAfter: Option.some(Duration.millis(left))
  })

/**
 * Waits while the server has asked all calls of the layer to, but no longer than the call at hand would wait. A call with
 * an earlier deadline fails at once. A call of one attempt does not wait: whoever makes it decides about its time.
 */
const awaitPause = (shared: Shared, call: Call): Effect.Effect<void, RateLimited> | undefined => {
  const { baseUrl, retry } = call.settings
  if (retry.attempts <= 1 || !shared.pausedUntil.has(baseUrl)) return undefined
  return Effect.flatMap(Clock.currentTimeMillis, (now) => {
    const left = (shared.pausedUntil.get(baseUrl) ?? 0) - now
    const wait = Math.min(left, Duration.toMillis(retry.maxRetryAfter))
    if (wait <= 0) return Effect.void
    return now + wait > deadlineOf(call) ? Effect.fail(rateLimited(call, left)) : Wait.sleep(wait)
  })
}

/** Attempts each call until it succeeds, or may not or need not be attempted again. */
export const withRetry =
  (shared: Shared, credentials: Option.Option<Credentials.Service>) =>
  (call: Call) =>
  <E extends WebhooksError>(attempt: Effect.Effect<void, E>): Effect.Effect<void, E | RateLimited> =>
    Effect.clockWith((clock) => {
      const { operation, settings } = call
      const policy = settings.retry
      let state: unknown = policy.schedule.initial
      let reauthenticated = false

      /** How long to wait before the next attempt, in milliseconds; none where there is to be none. */
      const waitAfter = (error: E): Effect.Effect<Option.Option<number>> =>
        Effect.gen(function* () {
          const now = yield* Clock.currentTimeMillis
          const asked = Option.map(Verdict.retryAfter(error), Duration.toMillis)
          recordPause(shared, call, asked, now)
          if (!(call.history.length + 1 < policy.attempts)) return Option.none()
          if (error._tag === "Unauthorized" && Option.isSome(credentials) && !reauthenticated) {
            const used = call.keys
            const fresh = yield* Effect.option(limited(Effect.disconnect(credentials.value.keys), settings.timeout))
            const keys = Option.flatten(fresh)
            if (used === undefined || Option.isNone(keys) || isSameKeys(used, keys.value)) return Option.none()
            reauthenticated = true
            return Option.some(0)
          }
          if (!isRetryable(error, operation.repeat, policy)) return Option.none()
          if (error._tag === "RateLimited" && !settings.retryRateLimited) return Option.none()
          if (Option.exists(asked, (millis) => millis > Duration.toMillis(policy.maxRetryAfter))) return Option.none()
          const [next, , decision] = yield* policy.schedule.step(now, error, state)
          state = next
          if (decision._tag === "Done") return Option.none()
          const planned = Intervals.start(decision.intervals) - now
          const wait = Math.round(
            Math.max(
              planned,
              Option.getOrElse(asked, () => 0)
            )
          )
          // there would be no time left for another attempt
          if (now + wait >= deadlineOf(call)) return Option.none()
          if (Option.isSome(policy.budget)) {
            if (shared.tenths < 10) return Option.none()
            shared.tenths -= 10
          }
          return Option.some(wait)
        })

      const tried: Effect.Effect<void, E | RateLimited> = Effect.suspend(() => {
        begin(call, clock.unsafeCurrentTimeMillis())
        return Effect.matchEffect(attempt, {
          onSuccess: () => {
            if (call.history.length === 0) shared.tenths = Math.min(shared.capacity, shared.tenths + 1)
            return Effect.void
          },
          onFailure: (error) =>
            Effect.flatMap(waitAfter(error), (wait) => {
              if (Option.isNone(wait)) return Effect.fail(error)
              const ended = attemptsOf(error).at(-1)
              if (ended !== undefined) call.history.push({ ...ended, waitedMillis: wait.value })
              call.delivery = error.delivery
              return Effect.zipRight(Wait.sleep(wait.value), run)
            })
        })
      })
      // what ends a call in a pause ends no attempt
      const run = Effect.suspend(() => {
        const pause = awaitPause(shared, call)
        return pause === undefined ? tried : Effect.zipRight(pause, tried)
      })
      call.begunAt = clock.unsafeCurrentTimeMillis()
      return run
    })
