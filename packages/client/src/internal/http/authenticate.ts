/** The account's keys on each attempt, as the credentials yield them then. */
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import { format } from "@mammoth-effect/core/Issue"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import type * as Credentials from "../../Credentials.js"
import type { Attempt } from "./attempt.js"
import type { Failure } from "./failure.js"
import { headersOf } from "./keys.js"
import { short } from "./mask.js"
import { remembering } from "./remembering.js"

const refuse = (reason: string): Effect.Effect<never, Failure> =>
  Effect.fail({ _tag: "CredentialsError", delivery: "NotSent", status: null, fields: { reason } })

/** An effect that cannot be interrupted must not hold up the attempt's end; keys that are at hand need no care. */
const keysOf = ({ keys }: Credentials.Service): Credentials.Service["keys"] =>
  Exit.isExit(keys) ? keys : Effect.disconnect(keys)

/** Asks the credentials for keys, and adds them to an attempt's headers; without credentials, adds none. */
export const withCredentials = (credentials: Option.Option<Credentials.Service>) => {
  const headersOnce = remembering(headersOf)
  return (attempt: Attempt) =>
    (request: HttpClientRequest.HttpClientRequest): Effect.Effect<HttpClientRequest.HttpClientRequest, Failure> => {
      if (Option.isNone(credentials)) return Effect.succeed(request)
      return Effect.suspend(() => {
        attempt.stage = "credentials"
        return Effect.matchEffect(keysOf(credentials.value), {
          onFailure: ({ reason }) => refuse(short(attempt, reason)),
          onSuccess: (keys) => {
            const headers = headersOnce(keys)
            if (Either.isLeft(headers)) return refuse(format(headers.left))
            attempt.keys = keys
            attempt.secrets = [...attempt.secrets, headers.right["x-api-key"], headers.right["x-api-secret"]]
            attempt.stage = "request"
            return Effect.succeed(HttpClientRequest.setHeaders(request, headers.right))
          }
        })
      })
    }
}
