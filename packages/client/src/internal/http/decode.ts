/** Decodes the body of a 2xx if the call returns it. Happens within the attempt, so that a read can be retried. */
import type * as Issue from "@mammoth-effect/core/Issue"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type { Attempt, Response } from "./attempt.js"
import { requestId } from "./body.js"
import { type Call, returnsBody } from "./call.js"
import type { Failure } from "./failure.js"
import { concealIssues, excerpt } from "./mask.js"

const unusable = (attempt: Attempt, response: Response, { issues, omitted }: Issue.Issues): Failure => ({
  _tag: "DecodeError",
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

/** Returns the value of a call, or fails if the response does not hold it. */
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
