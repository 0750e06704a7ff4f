/** Ends each attempt after its timeout, or at the deadline of the call. */
import type { Delivery } from "@mammoth-effect/core/Delivery"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { type Attempt, type Call, isSuccess, type Response, returnsBody } from "./call.js"
import type { Failure } from "./failure.js"
import { limited } from "./limited.js"

/**
 * Returns the limit that ends an attempt first: the timeout or the deadline. Also returns the time that is left until
 * this limit.
 */
const limitOf = ({ settings }: Call, { deadlineAt, startedAt }: Attempt) => {
  const { deadline, timeout } = settings
  const left = Duration.millis(Math.max(0, deadlineAt - startedAt))
  return deadline !== undefined && Duration.lessThan(left, timeout)
    ? ({ limit: "deadline", duration: deadline, left } as const)
    : ({ limit: "attempt", duration: timeout, left: timeout } as const)
}

const deliveryOf = ({ response, stage }: Attempt): Delivery => {
  if (stage === "credentials") return "NotSent"
  return response !== undefined && isSuccess(response) ? "Accepted" : "Unknown"
}

/**
 * Fails an attempt that takes too long. If the status arrived in time and only the body is late, the attempt succeeds
 * with the status. It still fails if the status is a 2xx and the call returns a value from the body.
 */
export const withTimeLimits =
  (call: Call, attempt: Attempt) =>
  (received: Effect.Effect<Response, Failure>): Effect.Effect<Response, Failure> =>
    Effect.suspend(() => {
      const { duration, left, limit } = limitOf(call, attempt)
      return Effect.flatMap(limited(received, left), (ended): Effect.Effect<Response, Failure> => {
        if (Option.isSome(ended)) return Effect.succeed(ended.value)
        const { response, stage } = attempt
        if (response !== undefined && !(isSuccess(response) && returnsBody(call))) return Effect.succeed(response)
        const status = response?.status
        return Effect.fail({
          _tag: "MammothTimedOut",
          delivery: deliveryOf(attempt),
          status,
          fields: { limit, stage, duration }
        })
      })
    })
