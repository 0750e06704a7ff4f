/**
 * Reads and decodes a response's body within the attempt, so that the attempt's timeout and retries cover both steps.
 */
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import type * as Issue from "@mammoth-effect/core/Issue"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { type Attempt, type Call, isSuccess, receive, type Response, returnsBody } from "./call.js"
import type { Failure } from "./failure.js"
import { concealIssues, excerpt, short } from "./mask.js"
import { readText } from "./text.js"

/** Returns the server's own id of the request, from one of the usual headers. */
export const requestId = (attempt: Attempt, { headers }: Response): string | undefined => {
  const id = headers["x-request-id"] ?? headers["request-id"] ?? headers["x-correlation-id"]
  return id === undefined ? undefined : short(attempt, id)
}

/**
 * Passes a response to the caller's `onResponse`, and returns the response. If the callback fails, the call continues.
 * The call's time limits also cover the callback.
 */
const observe = ({ operation, settings }: Call, attempt: Attempt, response: Response): Effect.Effect<Response> => {
  const { onResponse } = settings
  return onResponse === undefined
    ? Effect.succeed(response)
    : Effect.suspend(() =>
        onResponse({
          operation: operation.name,
          attempt: attempt.number,
          status: response.status,
          headers: { ...response.headers },
          requestId: requestId(attempt, response),
          text: response.text
        })
      ).pipe(
        Effect.disconnect,
        Effect.catchAllCause((cause) =>
          Effect.annotateLogs(
            Effect.logWarning("onResponse failed", short(attempt, cause.toString())),
            "operation",
            operation.name
          )
        ),
        Effect.as(response)
      )
}

/**
 * Reads the body of each response, up to the limit that `responseLimits` sets. If the body is longer, stops reading and
 * drops the connection.
 */
export const withBody =
  (call: Call, attempt: Attempt) =>
  <E>(sent: Effect.Effect<HttpClientResponse.HttpClientResponse, E>): Effect.Effect<Response, E> =>
    Effect.flatMap(sent, (response) => {
      const { headers, status } = response
      receive(attempt, { status, headers, text: "", flaw: undefined })
      const { needed, other } = call.settings.responseLimits
      const done = (text: string, flaw: Issue.Issues | undefined) =>
        observe(call, attempt, receive(attempt, { status, headers, text, flaw }))
      return Effect.matchEffect(readText(response, isSuccess(response) && returnsBody(call) ? needed : other), {
        onSuccess: (text) => done(text, undefined),
        onFailure: ({ flaw, text }) => done(text, flaw)
      })
    })

const unusable = (attempt: Attempt, response: Response, { issues, omitted }: Issue.Issues): Failure => ({
  _tag: "MammothDecodeError",
  delivery: "Accepted",
  status: response.status,
  fields: {
    status: response.status,
    requestId: requestId(attempt, response),
    excerpt: excerpt(attempt, response),
    issues: concealIssues(attempt, issues),
    omitted
  }
})

/** Returns the value of a call. Fails if the response does not contain the value. */
export const withDecoding =
  <A>(call: Call<A>, attempt: Attempt) =>
  (received: Effect.Effect<Response, Failure>): Effect.Effect<A, Failure> =>
    Effect.flatMap(received, (response) => {
      if (!returnsBody(call)) return Effect.succeed(call.nothing)
      const { flaw, text } = response
      return Either.match(flaw === undefined ? call.decode(text) : Either.left(flaw), {
        onLeft: (wrong) => Effect.fail(unusable(attempt, response, wrong)),
        onRight: Effect.succeed
      })
    })
