/**
 * Retries failed attempts as the policy allows. Keeps the history of a call. If the call fails, makes the public error
 * from the last failure and the history. `Effect.retry` is not enough, for two reasons. The history needs the time of
 * each wait, and a 401 with new keys is retried outside the schedule.
 */
import * as Delivery from "@mammoth-effect/core/Delivery"
import * as Verdict from "@mammoth-effect/core/Verdict"
import * as Wait from "@mammoth-effect/core/Wait"
import type { WebhooksError } from "@mammoth-effect/core/WebhooksError"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import * as Option from "effect/Option"
import type { ScheduleDecision } from "effect/ScheduleDecision"
import * as Intervals from "effect/ScheduleIntervals"
import type * as Credentials from "../../Credentials.js"
import { type Attempt, begin, type Call } from "./call.js"
import { type Failure, type Past, toError } from "./failure.js"
import { limited } from "./limited.js"
import { isRetryable } from "./retryable.js"
import type { Shared } from "./shared.js"

/**
 * The maximum number of attempts in an error's history. Without this limit, a call that is retried for days would fill
 * the memory.
 */
const mostHistory = 100

/** The attempts of a call so far, and the state of its schedule. */
interface Progress extends Past {
  readonly secrets: ReadonlyArray<string>
  readonly schedule: unknown
  readonly hasRetriedWithNewKeys: boolean
}

/** Adds a failed attempt to the history of a call. */
const addFailure = (past: Past, attempt: Attempt, failure: Failure, now: number): Past => ({
  delivery: Delivery.max(past.delivery, failure.delivery),
  attempts: past.attempts + 1,
  history: [
    ...past.history.slice(1 - mostHistory),
    {
      outcome: failure._tag,
      status: failure.status,
      delivery: failure.delivery,
      elapsedMillis: now - attempt.startedAt,
      waitedMillis: 0
    }
  ]
})

/** Returns the history, with a wait added to its last attempt. */
const addWait = ({ history }: Past, waitedMillis: number): Past["history"] =>
  history.map((attempt, i) => (i === history.length - 1 ? { ...attempt, waitedMillis } : attempt))

/** Returns the time by which a call has to end, in milliseconds. Returns infinity if the call has no deadline. */
const deadlineOf = ({ settings }: Call, begunAt: number): number =>
  settings.deadline === undefined ? Number.POSITIVE_INFINITY : begunAt + Duration.toMillis(settings.deadline)

/**
 * Waits until the end of the pause that a server requested for the call's base URL, but no longer than the call's
 * policy allows. Fails immediately if the call's deadline is before the end of the wait. Does not wait if the policy
 * allows only one attempt, because then the caller controls the timing.
 */
const awaitPause = (
  shared: Shared,
  call: Call,
  past: Past,
  deadlineAt: number
): Effect.Effect<void, WebhooksError> | undefined => {
  const { baseUrl, retry } = call.settings
  const until = shared.pausedUntil(baseUrl)
  if (retry.attempts <= 1 || until === 0) return undefined
  return Effect.flatMap(Clock.currentTimeMillis, (now) => {
    const wait = Math.min(until - now, Duration.toMillis(retry.maxRetryAfter))
    if (wait <= 0) return Effect.void
    if (now + wait <= deadlineAt) return Wait.sleep(wait)
    const retryAfter = Duration.millis(until - now)
    const fields = { status: 429, requestId: undefined, excerpt: "", retryAfter } as const
    return Effect.fail(
      toError(call, past, { _tag: "MammothRateLimited", delivery: past.delivery, status: undefined, fields })
    )
  })
}

/** Returns `true` if the credentials now return keys that differ from the keys of the attempt. */
const hasFreshKeys = (
  credentials: Option.Option<Credentials.Service>,
  { keys }: Attempt,
  millis: number
): Effect.Effect<boolean> =>
  keys === undefined || Option.isNone(credentials)
    ? Effect.succeed(false)
    : limited(Effect.disconnect(credentials.value.keys), millis).pipe(
        Effect.option,
        Effect.map(Option.flatten),
        Effect.map(
          Option.exists(
            ({ apiKey, apiSecret }) => !(Equal.equals(apiKey, keys.apiKey) && Equal.equals(apiSecret, keys.apiSecret))
          )
        )
      )

/**
 * The wait before the next attempt, in milliseconds, and the new state of the schedule. `None` means that no attempt
 * follows, and the call fails.
 */
type Next = Option.Option<{ readonly wait: number } & Pick<Progress, "schedule" | "hasRetriedWithNewKeys">>

/**
 * Decides whether another attempt follows, and when. If the server requested a pause, records the pause for all calls.
 */
const decideBy =
  (shared: Shared, credentials: Option.Option<Credentials.Service>) =>
  (call: Call, progress: Progress, attempt: Attempt, failure: Failure, error: WebhooksError): Effect.Effect<Next> =>
    Effect.gen(function* () {
      const { baseUrl, retry, timeout } = call.settings
      const { hasRetriedWithNewKeys, schedule: state } = progress
      const now = yield* Clock.currentTimeMillis
      const asked = Duration.toMillis(Verdict.retryAfter(error) ?? 0)
      const isTooLong = asked > Duration.toMillis(retry.maxRetryAfter)
      if (asked > 0 && !isTooLong) shared.pause(baseUrl, now + asked)
      if (!(attempt.number < retry.attempts)) return Option.none()
      if (failure._tag === "MammothUnauthorized" && !hasRetriedWithNewKeys) {
        const left = Math.min(Duration.toMillis(timeout), attempt.deadlineAt - now)
        const isFresh = yield* hasFreshKeys(credentials, attempt, left)
        const isInTime = (yield* Clock.currentTimeMillis) < attempt.deadlineAt
        return isFresh && isInTime
          ? Option.some({ wait: 0, schedule: state, hasRetriedWithNewKeys: true })
          : Option.none()
      }
      if (!isRetryable(failure, call) || isTooLong) return Option.none()
      const step: readonly [unknown, unknown, ScheduleDecision] = yield* retry.schedule.step(now, error, state)
      const [schedule, , decision] = step
      if (decision._tag === "Done") return Option.none()
      const wait = Math.round(Math.max(Intervals.start(decision.intervals) - now, asked))
      // Fail now if the wait would end after the deadline, because no time would be left for another attempt.
      if (now + wait >= attempt.deadlineAt) return Option.none()
      if (retry.budget !== undefined && !shared.takeRetry()) return Option.none()
      return Option.some({ wait, schedule, hasRetriedWithNewKeys })
    })

/** Retries a call until it succeeds, or until its policy allows no further attempt. */
export const withRetry =
  (shared: Shared, credentials: Option.Option<Credentials.Service>) =>
  <A>(call: Call<A>) =>
  (send: (attempt: Attempt) => Effect.Effect<A, Failure>): Effect.Effect<A, WebhooksError> =>
    Effect.clockWith((clock) => {
      const deadlineAt = deadlineOf(call, clock.unsafeCurrentTimeMillis())

      const run = (progress: Progress): Effect.Effect<A, WebhooksError> => {
        const pause = awaitPause(shared, call, progress, deadlineAt)
        return pause === undefined ? attemptOnce(progress) : Effect.zipRight(pause, attemptOnce(progress))
      }

      const attemptOnce = (progress: Progress): Effect.Effect<A, WebhooksError> =>
        Effect.suspend(() => {
          const { attempts, secrets } = progress
          const attempt = begin({
            number: attempts + 1,
            startedAt: clock.unsafeCurrentTimeMillis(),
            deadlineAt,
            secrets
          })
          return Effect.matchEffect(send(attempt), {
            onSuccess: (value) => {
              if (attempts === 0) shared.giveBack()
              return Effect.succeed(value)
            },
            onFailure: (failure) => retryOrFail(progress, attempt, failure)
          })
        })

      const retryOrFail = (progress: Progress, attempt: Attempt, failure: Failure): Effect.Effect<A, WebhooksError> => {
        const past = addFailure(progress, attempt, failure, clock.unsafeCurrentTimeMillis())
        const error = toError(call, past, failure)
        return Effect.flatMap(decideBy(shared, credentials)(call, progress, attempt, failure, error), (next) => {
          if (Option.isNone(next)) return Effect.fail(error)
          const { wait, ...state } = next.value
          const { secrets } = attempt
          const again = Effect.suspend(() => run({ ...past, ...state, secrets, history: addWait(past, wait) }))
          return Effect.zipRight(Wait.sleep(wait), again)
        })
      }

      return run({
        delivery: "NotSent",
        attempts: 0,
        history: [],
        secrets: call.secrets,
        schedule: call.settings.retry.schedule.initial,
        hasRetriedWithNewKeys: false
      })
    })
