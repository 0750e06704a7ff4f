/** Spans that name the operation and its route, never an address with ids, a query or a key in it. */
import * as HttpClient from "@effect/platform/HttpClient"
import * as Effect from "effect/Effect"
import { CurrentCall } from "./call.js"

/** Switches the platform's own client spans off, which record the whole URL, and keeps trace context from the server. */
export const withoutPlatformSpans = <E, R>(
  client: HttpClient.HttpClient.With<E, R>
): HttpClient.HttpClient.With<E, R> => HttpClient.withTracerDisabledWhen(client, () => true)

/** A span for each attempt, with the conventional HTTP attributes. */
export const withAttemptSpans = <E, R>(
  client: HttpClient.HttpClient.With<E, R>
): HttpClient.HttpClient.With<E, R | CurrentCall> =>
  HttpClient.transformResponse(client, (attempt) =>
    Effect.flatMap(CurrentCall, (call) =>
      attempt.pipe(
        Effect.onExit(() =>
          Effect.annotateCurrentSpan(call.status === undefined ? {} : { "http.response.status_code": call.status })
        ),
        Effect.withSpan(`${call.operation.method} ${call.operation.route}`, {
          kind: "client",
          captureStackTrace: false,
          attributes: {
            "http.request.method": call.operation.method,
            "url.template": call.operation.route,
            "mammoth.operation_id": call.operation.operationId,
            "http.request.resend_count": call.history.length
          }
        })
      )
    )
  )
