/** A 2xx whose body is needed is taken only where the body is what the contract says. */
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import { DecodeError } from "@mammoth-effect/core/WebhooksError"
import * as Effect from "effect/Effect"
import { requestId } from "./body.js"
import { attempted, type Call, needsBody } from "./call.js"
import { concealIssues, excerpt } from "./mask.js"

/** Decodes each needed body within the attempt, so that a read whose answer is unusable can be made again. */
export const withDecoding =
  (call: Call) =>
  <E>(attempt: Effect.Effect<HttpClientResponse.HttpClientResponse, E>): Effect.Effect<void, E | DecodeError> =>
    Effect.flatMap(attempt, ({ status }) => {
      const wrong = needsBody(call) ? (call.flaw ?? call.accept(call.text)) : undefined
      if (wrong === undefined) return Effect.void
      return Effect.flatMap(attempted(call, "DecodeError", "Accepted"), (fields) =>
        Effect.fail(
          new DecodeError({
            ...fields,
            status,
            requestId: requestId(call),
            excerpt: excerpt(call, call.text),
            issues: concealIssues(call, wrong.issues),
            omitted: wrong.omitted
          })
        )
      )
    })
