/** The answer's body, read within the attempt, so that timeout and retry cover it. */
import * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import { DecodeError } from "@mammoth-effect/core/WebhooksError"
import * as Effect from "effect/Effect"
import { attempted, type Call, needsBody } from "./call.js"
import { short } from "./mask.js"

/** A 2xx, which says that the server acted. */
export const isSuccess = (status: number): boolean => status >= 200 && status < 300

/** The server's own id of the request, under one of its usual names. */
export const requestId = (call: Call, response: HttpClientResponse.HttpClientResponse): string | null => {
  const id = response.headers["x-request-id"] ?? response.headers["request-id"] ?? response.headers["x-correlation-id"]
  return id === undefined ? null : short(call, id)
}

/** Shows an answer to the caller. What that does with it can neither fail the call nor hold it up beyond its limits. */
const observe = (call: Call, response: HttpClientResponse.HttpClientResponse): Effect.Effect<void> => {
  const { onResponse } = call.settings
  return onResponse === undefined
    ? Effect.void
    : Effect.suspend(() =>
        onResponse({
          operation: call.operation.name,
          attempt: call.history.length + 1,
          status: response.status,
          headers: { ...response.headers },
          requestId: requestId(call, response),
          text: call.text
        })
      ).pipe(
        Effect.disconnect,
        Effect.catchAllDefect(() =>
          Effect.annotateLogs(Effect.logWarning("onResponse died"), "operation", call.operation.name)
        )
      )
}

const read = (call: Call, response: HttpClientResponse.HttpClientResponse) => {
  call.stage = "body"
  call.status = response.status
  call.response = response
  return Effect.matchEffect(response.text, {
    onSuccess: (text) => {
      call.text = text
      return call.settings.onResponse === undefined
        ? Effect.succeed(response)
        : Effect.as(observe(call, response), response)
    },
    onFailure: () =>
      // what the status says stands without the body, unless the body is what the call is for
      isSuccess(response.status) && needsBody(call)
        ? Effect.flatMap(attempted(call, "DecodeError", "Accepted"), (fields) =>
            Effect.fail(
              new DecodeError({
                ...fields,
                status: response.status,
                requestId: requestId(call, response),
                excerpt: "",
                issues: [{ path: [], expected: "the whole body", received: "a body that was cut off" }]
              })
            )
          )
        : Effect.succeed(response)
  })
}

/** Reads each answer's body to its end. */
export const withBody =
  (call: Call) =>
  <E, R>(client: HttpClient.HttpClient.With<E, R>): HttpClient.HttpClient.With<E | DecodeError, R> =>
    HttpClient.transformResponse(client, (attempt) => Effect.flatMap(attempt, (response) => read(call, response)))
