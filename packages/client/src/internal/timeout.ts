/** How long one attempt may take: no longer than its timeout, nor than what is left until the call's deadline. */
import * as HttpClient from "@effect/platform/HttpClient"
import type { Delivery } from "@mammoth-effect/core/Delivery"
import { TimedOut } from "@mammoth-effect/core/WebhooksError"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import { isSuccess } from "./body.js"
import { attempted, type Call, CurrentCall, needsBody } from "./call.js"

const deliveryOf = (call: Call): Delivery => {
  switch (call.stage) {
    case "credentials":
    case "wait":
      return "NotSent"
    case "request":
      return "Unknown"
    case "body":
      return call.status !== undefined && isSuccess(call.status) ? "Accepted" : "Unknown"
  }
}

/** The error of a limit that passed. */
export const timedOut = (call: Call, limit: TimedOut["limit"], duration: Duration.Duration) =>
  Effect.flatMap(attempted(call, "TimedOut", deliveryOf(call)), (fields) =>
    Effect.fail(
      new TimedOut({
        ...fields,
        // between two attempts none is under way
        ...(call.stage === "wait" ? { attempts: call.history.length, history: [...call.history] } : {}),
        limit,
        stage: call.stage,
        duration
      })
    )
  )

/**
 * An effect's value, or none where the limit passes first. An interruption reaches the effect where it reaches the
 * caller, and only there: within `Effect.uninterruptible`, as in `Effect.acquireRelease`, the limit alone ends it.
 */
export const limited = <A, E, R>(
  effect: Effect.Effect<A, E, R>,
  limit: Duration.DurationInput
): Effect.Effect<Option.Option<A>, E, R> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.gen(function* () {
      let isOver = false
      const fiber = yield* Effect.forkDaemon(Effect.interruptible(effect))
      const timer = yield* Effect.forkDaemon(
        Effect.interruptible(
          Effect.flatMap(Effect.sleep(limit), () => {
            isOver = true
            return Fiber.interruptFork(fiber)
          })
        )
      )
      const exit = yield* restore(Fiber.await(fiber)).pipe(
        Effect.onInterrupt(() => Fiber.interrupt(fiber)),
        Effect.ensuring(Fiber.interruptFork(timer))
      )
      return isOver && Exit.isInterrupted(exit) ? Option.none() : Option.some(yield* exit)
    })
  )

/** The limit of an attempt that begins now, and which it is. */
const limitOf = (call: Call, now: number) => {
  const { deadline, timeout } = call.settings
  const attempt = { limit: "attempt", duration: timeout, wait: timeout } as const
  if (Option.isNone(deadline)) return attempt
  const left = Duration.millis(Math.max(0, call.begunAt + Duration.toMillis(deadline.value) - now))
  return Duration.lessThan(left, timeout)
    ? ({ limit: "deadline", duration: deadline.value, wait: left } as const)
    : attempt
}

/** Ends each attempt in time. Where only the rest of a body that nobody needs is late, the status is the answer. */
export const withTimeLimits = <E, R>(
  client: HttpClient.HttpClient.With<E, R>
): HttpClient.HttpClient.With<E | TimedOut, R | CurrentCall> =>
  HttpClient.transformResponse(client, (attempt) =>
    Effect.gen(function* () {
      const call = yield* CurrentCall
      const { duration, limit, wait } = limitOf(call, yield* Clock.currentTimeMillis)
      const answer = yield* limited(attempt, wait)
      if (Option.isSome(answer)) return answer.value
      const { response } = call
      const isAnswered = response !== undefined && !(isSuccess(response.status) && needsBody(call))
      return isAnswered ? response : yield* timedOut(call, limit, duration)
    })
  )
