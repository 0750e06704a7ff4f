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
import type { CurrentCall } from "./call.js"
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
export type Client = HttpClient.HttpClient.With<WebhooksError, CurrentCall>

/** A client whose own changes to requests come after those of the policies, so that they see what really leaves. */
const sealed = <E, R>(client: HttpClient.HttpClient.With<E, R>): HttpClient.HttpClient.With<E, R> =>
  HttpClient.makeWith<never, never, E, R>((request) => Effect.flatMap(request, client.execute), Effect.succeed)

/** Applies the policies, from the request that leaves to the call as a whole. */
export const make = (
  httpClient: HttpClient.HttpClient,
  config: MammothConfig.Service,
  credentials: Option.Option<Credentials.Service>,
  shared: Shared
): Client =>
  sealed(config.transformClient(httpClient)).pipe(
    // what every request is given
    withPlainTransport,
    withBaseUrl,
    withHeaders,
    withCredentials(credentials),
    withTraceContext(config.traceContext),
    // one attempt
    withTransportErrors,
    withBody,
    withTimeLimits,
    withStatusErrors,
    withDecoding,
    withLogs(config.logBodies),
    withMetrics,
    withAttemptSpans(config.traceContext),
    // the call
    withRetry(shared, credentials)
  )
