/**
 * The whole HTTP policy, in one pipe. Each step is one function in a file of its own; a step takes what the step before it
 * returned, and the last one returns the value of the call.
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import type { WebhooksError } from "@mammoth-effect/core/WebhooksError"
import * as Effect from "effect/Effect"
import { pipe } from "effect/Function"
import type * as Option from "effect/Option"
import type * as Credentials from "../../Credentials.js"
import type * as MammothConfig from "../../MammothConfig.js"
import type * as RetryPolicy from "../../RetryPolicy.js"
import { withCredentials } from "./authenticate.js"
import { withBody } from "./body.js"
import type { Call } from "./call.js"
import { withDecoding } from "./decode.js"
import { withLogs } from "./logs.js"
import { withMetrics } from "./metrics.js"
import { withPlainTransport } from "./plain.js"
import { withBaseUrl, withHeaders } from "./request.js"
import { withRetry } from "./retry.js"
import { makeShared } from "./shared.js"
import { withStatusErrors } from "./status.js"
import { withAttemptSpans, withTraceContext } from "./telemetry.js"
import { withTimeLimits } from "./timeout.js"
import { withTransportErrors } from "./transport.js"

/** Makes a call: sends its request as often as the policies allow, and returns the decoded value. */
export type Send = <A>(call: Call<A>) => Effect.Effect<A, WebhooksError>

/** Makes the {@link Send} of a layer. */
export const make = (
  httpClient: HttpClient.HttpClient,
  config: MammothConfig.Service,
  credentials: Option.Option<Credentials.Service>,
  policy: RetryPolicy.Service
): Send => {
  const client = config.transformClient(httpClient)
  const shared = makeShared(policy)
  const withKeys = withCredentials(credentials)
  const counted = withMetrics()
  return (call) =>
    withRetry(shared, credentials)(call, (attempt) =>
      pipe(
        // the request: an HttpClientRequest
        call.request,
        withBaseUrl(call),
        withHeaders(call),
        withKeys(attempt),
        Effect.flatMap(withTraceContext(config.traceContext)),
        // the response: status, headers and text, or a Failure
        Effect.flatMap((request) => withPlainTransport(call)(client.execute(request))),
        withTransportErrors(call, attempt),
        withBody(call, attempt),
        withTimeLimits(call, attempt),
        withStatusErrors(call, attempt),
        // the value
        withDecoding(call, attempt),
        withLogs(config.logBodies)(call, attempt),
        counted(call, attempt),
        withAttemptSpans(config.traceContext)(call, attempt)
      )
    )
}
