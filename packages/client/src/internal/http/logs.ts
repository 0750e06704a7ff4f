/** Logs each attempt and its response at debug level. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as FiberRef from "effect/FiberRef"
import * as LogLevel from "effect/LogLevel"
import { type Attempt, type Call, identify } from "./call.js"
import type { Failure } from "./failure.js"
import { excerpt, short } from "./mask.js"

/** Returns the beginning of the request's body, if the request has a body. */
const sentBody = ({ request }: Call, attempt: Attempt) =>
  request.body._tag === "Uint8Array"
    ? { body: short(attempt, new TextDecoder().decode(request.body.body.subarray(0, 65_536))) }
    : {}

const receivedBody = (attempt: Attempt) => ({
  body: attempt.response === undefined ? "" : excerpt(attempt, attempt.response)
})

const logged = <A>(bodies: boolean, call: Call, attempt: Attempt, sent: Effect.Effect<A, Failure>) => {
  const about = { ...identify(call.operation), attempt: attempt.number }
  const logBegin = Effect.annotateLogs(Effect.logDebug("webhook request begins"), {
    ...about,
    ...(bodies ? sentBody(call, attempt) : {})
  })
  const logEnd = (outcome: string) =>
    Effect.flatMap(Clock.currentTimeMillis, (now) =>
      Effect.annotateLogs(Effect.logDebug("webhook request ended"), {
        ...about,
        outcome,
        status: attempt.response?.status ?? null,
        millis: now - attempt.startedAt,
        ...(bodies ? receivedBody(attempt) : {})
      })
    )
  return Effect.zipRight(
    logBegin,
    Effect.tapBoth(sent, { onSuccess: () => logEnd("success"), onFailure: ({ _tag }) => logEnd(_tag) })
  )
}

/** Logs requests and responses at debug level: routes, statuses and times. With `bodies`, also logs the bodies. */
export const withLogs =
  (bodies: boolean) =>
  (call: Call, attempt: Attempt) =>
  <A>(sent: Effect.Effect<A, Failure>): Effect.Effect<A, Failure> =>
    // Log nothing if debug logs are off. Preparing the log would take longer than the rest of the call.
    Effect.withFiberRuntime((fiber) =>
      LogLevel.lessThanEqual(fiber.getFiberRef(FiberRef.currentMinimumLogLevel), LogLevel.Debug)
        ? logged(bodies, call, attempt, sent)
        : sent
    )
