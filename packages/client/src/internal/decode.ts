/** A 2xx whose body is needed is taken only where the body is what the contract says. */
import * as HttpClient from "@effect/platform/HttpClient"
import { DecodeError } from "@mammoth-effect/core/WebhooksError"
import * as Effect from "effect/Effect"
import { requestId } from "./body.js"
import { attempted, type Call, needsBody } from "./call.js"
import { excerpt } from "./mask.js"

/** Decodes each needed body within the attempt, so that a read whose answer is unusable can be made again. */
export const withDecoding =
  (call: Call) =>
  <E, R>(client: HttpClient.HttpClient.With<E, R>): HttpClient.HttpClient.With<E | DecodeError, R> =>
    HttpClient.transformResponse(client, (attempt) =>
      Effect.flatMap(attempt, (response) => {
        const issues = needsBody(call) ? call.accept(call.text) : []
        if (issues.length === 0) return Effect.succeed(response)
        return Effect.flatMap(attempted(call, "DecodeError", "Accepted"), (fields) =>
          Effect.fail(
            new DecodeError({
              ...fields,
              status: response.status,
              requestId: requestId(call, response),
              excerpt: excerpt(call, call.text),
              issues
            })
          )
        )
      })
    )
