/** The whole HTTP policy, in one pipe: each step is one transformation of `HttpClient`, in a file of its own. */
import * as HttpClient from "@effect/platform/HttpClient"
import type { WebhooksError } from "@mammoth-effect/core/WebhooksError"
import * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import type * as Credentials from "../Credentials.js"
import type * as MammothConfig from "../MammothConfig.js"
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

/** An HTTP client with every policy applied. */
export type Client = HttpClient.HttpClient.With<WebhooksError>

/** A client whose own changes to requests come after those of the policies, so that they see what really leaves. */
const sealed = <E, R>(client: HttpClient.HttpClient.With<E, R>): HttpClient.HttpClient.With<E, R> =>
  HttpClient.makeWith<never, never, E, R>((request) => Effect.flatMap(request, client.execute), Effect.succeed)

/** What applies the policies to a call at hand, from the request that leaves to the call as a whole. */
export const make = (
  httpClient: HttpClient.HttpClient,
  config: MammothConfig.Service,
  credentials: Option.Option<Credentials.Service>,
  shared: Shared
): ((call: Call) => Client) => {
  const transport = sealed(config.transformClient(httpClient))
  const signed = withCredentials(credentials)
  const counted = withMetrics()
  return (call) =>
    transport.pipe(
      // what every request is given
      withPlainTransport(call),
      withBaseUrl(call),
      withHeaders(call),
      signed(call),
      withTraceContext(config.traceContext),
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
