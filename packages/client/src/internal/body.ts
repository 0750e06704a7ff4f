/** The answer's body, read within the attempt, so that timeout and retry cover it. */
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import { DecodeError } from "@mammoth-effect/core/WebhooksError"
import * as Effect from "effect/Effect"
import { attempted, type Call, isSuccess, needsBody } from "./call.js"
import { short } from "./mask.js"

/** The server's own id of the request, under one of its usual names. */
export const requestId = (call: Call): string | null => {
  const headers = call.response?.headers
  const id = headers?.["x-request-id"] ?? headers?.["request-id"] ?? headers?.["x-correlation-id"]
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
          requestId: requestId(call),
          text: call.text
        })
      ).pipe(
        Effect.disconnect,
        Effect.catchAllCause(() =>
          Effect.annotateLogs(Effect.logWarning("onResponse died"), "operation", call.operation.name)
        )
      )
}

/** Reads each answer's body to its end. */
export const withBody =
  (call: Call) =>
  <E>(attempt: Effect.Effect<HttpClientResponse.HttpClientResponse, E>): Effect.Effect<void, E | DecodeError> =>
    Effect.flatMap(attempt, (response) => {
      call.stage = "body"
      call.response = response
      return Effect.matchEffect(response.text, {
        onSuccess: (text) => {
          call.text = text
          return observe(call, response)
        },
        onFailure: () =>
          // what the status says stands without the body, unless the body is what the call is for
          isSuccess(response.status) && needsBody(call)
            ? Effect.flatMap(attempted(call, "DecodeError", "Accepted"), (fields) =>
                Effect.fail(
                  new DecodeError({
                    ...fields,
                    status: response.status,
                    requestId: requestId(call),
                    excerpt: "",
                    issues: [{ path: [], expected: "the whole body", received: "a body that was cut off" }]
                  })
                )
              )
            : Effect.void
      })
    })
