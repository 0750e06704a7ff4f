/** How long one attempt, and how long one call, may take. */
import * as HttpClient from "@effect/platform/HttpClient"
import type { Delivery } from "@mammoth-effect/core/Delivery"
import { TimedOut } from "@mammoth-effect/core/WebhooksError"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
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

const timedOut = (call: Call, limit: TimedOut["limit"], duration: Duration.Duration) =>
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

/** Ends in time also where the caller cannot be interrupted, as in `Effect.acquireRelease`. */
const limited = <A, E, R>(effect: Effect.Effect<A, E, R>, limit: Duration.Duration) =>
  Effect.timeoutOption(Effect.interruptible(effect), limit)

/** Ends each attempt in time. Where only the rest of a body that nobody needs is late, the status is the answer. */
export const withAttemptTimeout = <E, R>(
  client: HttpClient.HttpClient.With<E, R>
): HttpClient.HttpClient.With<E | TimedOut, R | CurrentCall> =>
  HttpClient.transformResponse(client, (attempt) =>
    Effect.flatMap(CurrentCall, (call) =>
      Effect.flatMap(limited(attempt, call.settings.timeout), (answer) => {
        if (Option.isSome(answer)) return Effect.succeed(answer.value)
        const { response } = call
        const isAnswered = response !== undefined && !(isSuccess(response.status) && needsBody(call))
        return isAnswered ? Effect.succeed(response) : timedOut(call, "attempt", call.settings.timeout)
      })
    )
  )

/** Ends each call in time, whatever its attempts and waits. */
export const withDeadline = <E, R>(
  client: HttpClient.HttpClient.With<E, R>
): HttpClient.HttpClient.With<E | TimedOut, R | CurrentCall> =>
  HttpClient.transformResponse(client, (attempts) =>
    Effect.flatMap(CurrentCall, (call) =>
      Option.match(call.settings.deadline, {
        onNone: () => attempts,
        onSome: (deadline) =>
          Effect.flatMap(limited(attempts, deadline), (answer) =>
            Option.isSome(answer) ? Effect.succeed(answer.value) : timedOut(call, "deadline", deadline)
          )
      })
    )
  )
