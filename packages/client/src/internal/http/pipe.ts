/** The whole HTTP policy, in one pipe: each step is one function, of the request or of an attempt, in a file of its own. */
import type * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type { WebhooksError } from "@mammoth-effect/core/WebhooksError"
import * as Effect from "effect/Effect"
import { pipe } from "effect/Function"
import type * as Option from "effect/Option"
import type * as Credentials from "../../Credentials.js"
import type * as MammothConfig from "../../MammothConfig.js"
import { withCredentials } from "./authenticate.js"
import { withBaseUrl } from "./baseUrl.js"
import { withBody } from "./body.js"
import type { Call } from "./call.js"
import { withDecoding } from "./decode.js"
import { withHeaders } from "./headers.js"
import { withLogs } from "./logs.js"
import { withMetrics } from "./metrics.js"
import { withPlainTransport } from "./plain.js"
import { type Shared, withRetry } from "./retry.js"
import { withStatusErrors } from "./status.js"
import { withAttemptSpans, withTraceContext } from "./telemetry.js"
import { withTimeLimits } from "./timeout.js"
import { withTransportErrors } from "./transport.js"

/** Makes a call: sends its request as often as the policies have it. */
export type Send = (call: Call, request: HttpClientRequest.HttpClientRequest) => Effect.Effect<void, WebhooksError>

/** Applies the policies, from the request that leaves to the call as a whole. */
export const make = (
  httpClient: HttpClient.HttpClient,
  config: MammothConfig.Service,
  credentials: Option.Option<Credentials.Service>,
  shared: Shared
): Send => {
  const client = config.transformClient(httpClient)
  const signed = withCredentials(credentials)
  const counted = withMetrics()
  return (call, request) =>
    pipe(
      request,
      // what every request is given
      withBaseUrl(call),
      withHeaders(call),
      signed(call),
      Effect.flatMap(withTraceContext(config.traceContext)),
      Effect.flatMap((request) => withPlainTransport(call)(client.execute(request))),
      // one attempt
      withTransportErrors(call),
      withBody(call),
      withTimeLimits(call),
      withStatusErrors(call),
      withDecoding(call),
      withLogs(config.logBodies)(call),
      counted(call),
      withAttemptSpans(config.traceContext)(call),
      // the call
      withRetry(shared, credentials)(call)
    )
}
