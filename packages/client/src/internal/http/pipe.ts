/**
 * Runs the whole HTTP policy of a call as one `pipe`. Each step is a function that takes the result of the step before
 * it. The last step returns the value of the call.
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import type * as Operation from "@mammoth-effect/core/Operation"
import type { WebhooksError } from "@mammoth-effect/core/WebhooksError"
import * as Effect from "effect/Effect"
import { pipe } from "effect/Function"
import type * as Option from "effect/Option"
import type * as Credentials from "../../Credentials.js"
import type * as MammothConfig from "../../MammothConfig.js"
import type * as RetryPolicy from "../../RetryPolicy.js"
import { withBody, withDecoding } from "./body.js"
import type { Attempt, Call } from "./call.js"
import type { Failure } from "./failure.js"
import { withLogs } from "./logs.js"
import { withMetrics } from "./metrics.js"
import { withBaseUrl, withCredentials, withHeaders } from "./request.js"
import { withRetry } from "./retry.js"
import { makeShared } from "./shared.js"
import { withStatusErrors } from "./status.js"
import { withAttemptSpans, withTraceContext } from "./telemetry.js"
import { withTimeLimits } from "./timeout.js"
import { withTransport } from "./transport.js"

/** Runs a call. Sends its request as often as the policies allow, and returns the decoded value. */
export type Send = <A>(call: Call<A>) => Effect.Effect<A, WebhooksError>

/**
 * Makes the {@link Send} of each operation of a layer. The calls of all operations share one retry budget, and the
 * pauses that servers request.
 */
export const make = (
  httpClient: HttpClient.HttpClient,
  config: MammothConfig.Service,
  credentials: Option.Option<Credentials.Service>,
  policy: RetryPolicy.Service
): ((operation: Operation.Operation) => Send) => {
  const client = config.transformClient(httpClient)
  const shared = makeShared(policy)
  const withKeys = withCredentials(credentials)
  return (operation) => {
    const counted = withMetrics(operation)
    return <A>(call: Call<A>) => {
      const attemptOnce = (attempt: Attempt): Effect.Effect<A, Failure> =>
        pipe(
          // From here on, the steps work on the request, which is an `HttpClientRequest`.
          call.request,
          withBaseUrl(call),
          withHeaders(call),
          withKeys(attempt),
          Effect.flatMap(withTraceContext(config.traceContext)),
          // From here on, the steps work on the response (status, headers and text), or on a `Failure`.
          Effect.flatMap(withTransport(client, call, attempt)),
          withBody(call, attempt),
          withTimeLimits(call, attempt),
          withStatusErrors(call, attempt),
          // From here on, the steps work on the decoded value, or on a `Failure`.
          withDecoding(call, attempt),
          withLogs(config.logBodies)(call, attempt),
          counted(attempt),
          withAttemptSpans(config.traceContext)(call, attempt)
        )
      return pipe(attemptOnce, withRetry(shared, credentials)(call))
    }
  }
}
