/** A debug log of each attempt and its answer. */
import type { WebhooksError } from "@mammoth-effect/core/WebhooksError"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as FiberRef from "effect/FiberRef"
import * as LogLevel from "effect/LogLevel"
import type { Call } from "./call.js"
import { excerpt, short } from "./mask.js"

const about = (call: Call) => ({
  operation: call.operation.name,
  method: call.operation.method,
  route: call.operation.route,
  attempt: call.history.length + 1
})

const shown = (call: Call, sent: string | Uint8Array) =>
  short(call, typeof sent === "string" ? sent : new TextDecoder().decode(sent.subarray(0, 65_536)))

/** Logs at debug level what is sent and what comes back: routes, statuses and times, and bodies where asked for. */
export const withLogs =
  (bodies: boolean) =>
  (call: Call) =>
  <E extends WebhooksError>(attempt: Effect.Effect<void, E>): Effect.Effect<void, E> => {
    const logged = Effect.suspend(() => {
      const sent = bodies && call.sent !== undefined ? { body: shown(call, call.sent) } : {}
      const answered = (outcome: string) =>
        Effect.flatMap(Clock.currentTimeMillis, (now) =>
          Effect.logDebug("webhook request ended").pipe(
            Effect.annotateLogs({
              ...about(call),
              outcome,
              status: call.response?.status ?? null,
              millis: now - call.startedAt,
              ...(bodies ? { body: excerpt(call, call.text) } : {})
            })
          )
        )
      return Effect.logDebug("webhook request begins").pipe(
        Effect.annotateLogs({ ...about(call), ...sent }),
        Effect.zipRight(attempt),
        Effect.tapBoth({ onSuccess: () => answered("success"), onFailure: (error) => answered(error._tag) })
      )
    })
    // what nobody logs need not be put into words
    return Effect.withFiberRuntime((fiber) =>
      LogLevel.lessThanEqual(fiber.getFiberRef(FiberRef.currentMinimumLogLevel), LogLevel.Debug) ? logged : attempt
    )
  }
