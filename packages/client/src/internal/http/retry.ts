/** Retries failed attempts as the policy allows. This step owns the history of a call and makes its public error. */
import * as Delivery from "@mammoth-effect/core/Delivery"
import * as Verdict from "@mammoth-effect/core/Verdict"
import * as Wait from "@mammoth-effect/core/Wait"
import type { WebhooksError } from "@mammoth-effect/core/WebhooksError"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import * as Option from "effect/Option"
import * as Intervals from "effect/ScheduleIntervals"
import type * as Credentials from "../../Credentials.js"
import * as Attempt from "./attempt.js"
import type { Call } from "./call.js"
import { type Failure, type Past, toError } from "./failure.js"
import type { Shared } from "./shared.js"
import { limited } from "./timeout.js"

/** The most attempts in the history of an error. Without a limit, a call that is retried for days would fill the memory. */
const mostHistory = 100

/** The statuses of a proxy that would refuse again: a 4xx, but for those that pass. */
const refusals = /^4(?!08|25|29)/

/** May a call be retried after this failure without doing more than its policy allows? */
const isRetryable = (failure: Failure, { operation, settings }: Call): boolean => {
  const policy = settings.retry
  const mayHaveActed = operation.repeat !== "once" || policy.atLeastOnce
  switch (failure._tag) {
    case "TransportError": {
      if (!policy.retryConnectionErrors) return false
      if (failure.delivery !== "NotSent") return mayHaveActed
      const { code, proxyStatus, reason } = failure.fields
      if (proxyStatus !== null && refusals.test(String(proxyStatus))) return false
      return reason === "connect" || reason === "reset" || code === "EAI_AGAIN" || code === "ECONNRESET"
    }
    case "TimedOut":
      if (failure.fields.stage === "credentials") return false
      return failure.delivery === "Accepted" ? operation.repeat === "read" : mayHaveActed
    case "RateLimited":
      return settings.retryRateLimited
    case "ServerError":
      return mayHaveActed
    case "UnexpectedStatus":
      return failure.status === 421 || failure.status === 425 || (failure.status === 408 && mayHaveActed)
    case "DecodeError":
      return operation.repeat === "read"
    default:
      return false
  }
}

const isSameKeys = (a: Credentials.Keys, b: Credentials.Keys) =>
  Equal.equals(a.apiKey, b.apiKey) && Equal.equals(a.apiSecret, b.apiSecret)

/** Do the credentials now give other keys than those that an attempt was sent with? */
const hasFreshKeys = (
  credentials: Option.Option<Credentials.Service>,
  { keys }: Attempt.Attempt,
  timeout: Duration.Duration
): Effect.Effect<boolean> =>
  keys === undefined || Option.isNone(credentials)
    ? Effect.succeed(false)
    : limited(Effect.disconnect(credentials.value.keys), timeout).pipe(
        Effect.option,
        Effect.map((fresh) => Option.exists(Option.flatten(fresh), (fresh) => !isSameKeys(keys, fresh)))
      )

/** The attempts of a call so far, and the state of its schedule. */
interface Progress extends Past {
  readonly secrets: ReadonlyArray<string>
  readonly schedule: unknown
  readonly hasNewKeys: boolean
}

/** Adds an attempt that failed to what a call did before. */
const addFailure = (past: Past, attempt: Attempt.Attempt, failure: Failure, now: number): Past => ({
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

/** The same with the time that is waited after the last attempt. */
const addWait = ({ history }: Past, waitedMillis: number): Past["history"] =>
  history.map((attempt, i) => (i === history.length - 1 ? { ...attempt, waitedMillis } : attempt))

/** The error of a call whose deadline is earlier than the end of a pause. */
const rateLimited = (call: Call, past: Past, left: number): WebhooksError =>
  toError(call, past, {
    _tag: "RateLimited",
    delivery: past.delivery,
    status: null,
    fields: { status: 429, requestId: null, excerpt: "", retryAfter: Option.some(Duration.millis(left)) }
  })

/**
 * Waits while the server has asked all calls of the layer to, but no longer than the call at hand would wait. A call with
 * an earlier deadline fails at once. A call of one attempt does not wait: whoever makes it decides about its time.
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
    return now + wait > deadlineAt ? Effect.fail(rateLimited(call, past, until - now)) : Wait.sleep(wait)
  })
}

/** When the call has to have ended, in milliseconds. */
const deadlineOf = ({ settings }: Call, begunAt: number): number =>
  Option.match(settings.deadline, {
    onNone: () => Number.POSITIVE_INFINITY,
    onSome: (deadline) => begunAt + Duration.toMillis(deadline)
  })

/** The wait before the next attempt, in milliseconds, and the new state of the schedule. None: the call fails. */
type Next = Option.Option<{ readonly wait: number } & Pick<Progress, "schedule" | "hasNewKeys">>

/** Retries a call until it succeeds, or its policy allows no further attempt. */
export const withRetry = (shared: Shared, credentials: Option.Option<Credentials.Service>) => {
  const decide = (
    call: Call,
    progress: Progress,
    attempt: Attempt.Attempt,
    failure: Failure,
    error: WebhooksError
  ): Effect.Effect<Next> =>
    Effect.gen(function* () {
      const { retry, baseUrl, timeout } = call.settings
      const now = yield* Clock.currentTimeMillis
      const asked = Option.match(Verdict.retryAfter(error), { onNone: () => 0, onSome: Duration.toMillis })
      const isTooLong = asked > Duration.toMillis(retry.maxRetryAfter)
      if (asked > 0 && !isTooLong) shared.pause(baseUrl, now + asked)
      if (!(attempt.number < retry.attempts)) return Option.none()
      if (failure._tag === "Unauthorized" && !progress.hasNewKeys) {
        const isFresh = yield* hasFreshKeys(credentials, attempt, timeout)
        return isFresh ? Option.some({ wait: 0, schedule: progress.schedule, hasNewKeys: true }) : Option.none()
      }
      if (!isRetryable(failure, call) || isTooLong) return Option.none()
      const [schedule, , decision] = yield* retry.schedule.step(now, error, progress.schedule)
      if (decision._tag === "Done") return Option.none()
      const wait = Math.round(Math.max(Intervals.start(decision.intervals) - now, asked))
      // there would be no time left for another attempt
      if (now + wait >= attempt.deadlineAt) return Option.none()
      if (Option.isSome(retry.budget) && !shared.takeRetry()) return Option.none()
      return Option.some({ wait, schedule, hasNewKeys: progress.hasNewKeys })
    })

  return <A>(
    call: Call<A>,
    send: (attempt: Attempt.Attempt) => Effect.Effect<A, Failure>
  ): Effect.Effect<A, WebhooksError> =>
    Effect.clockWith((clock) => {
      const deadlineAt = deadlineOf(call, clock.unsafeCurrentTimeMillis())

      const run = (progress: Progress): Effect.Effect<A, WebhooksError> => {
        const pause = awaitPause(shared, call, progress, deadlineAt)
        return pause === undefined ? attemptOnce(progress) : Effect.zipRight(pause, attemptOnce(progress))
      }

      const attemptOnce = (progress: Progress): Effect.Effect<A, WebhooksError> =>
        Effect.suspend(() => {
          const startedAt = clock.unsafeCurrentTimeMillis()
          const { attempts, secrets } = progress
          const attempt = Attempt.make({ number: attempts + 1, startedAt, deadlineAt, secrets })
          return Effect.matchEffect(send(attempt), {
            onSuccess: (value) => {
              if (attempts === 0) shared.giveBack()
              return Effect.succeed(value)
            },
            onFailure: (failure) => {
              const past = addFailure(progress, attempt, failure, clock.unsafeCurrentTimeMillis())
              const error = toError(call, past, failure)
              return Effect.flatMap(decide(call, progress, attempt, failure, error), (next) => {
                if (Option.isNone(next)) return Effect.fail(error)
                const { wait, ...state } = next.value
                const history = addWait(past, wait)
                const { secrets } = attempt
                return Effect.zipRight(
                  Wait.sleep(wait),
                  Effect.suspend(() => run({ ...past, ...state, history, secrets }))
                )
              })
            }
          })
        })

      return run({
        delivery: "NotSent",
        attempts: 0,
        history: [],
        secrets: call.secrets,
        schedule: call.settings.retry.schedule.initial,
        hasNewKeys: false
      })
    })
}
