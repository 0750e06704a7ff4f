/** The account's keys on each attempt, as the credentials yield them then. */
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import { format } from "@mammoth-effect/core/Issue"
import { CredentialsError } from "@mammoth-effect/core/WebhooksError"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import type * as Credentials from "../../Credentials.js"
import { attempted, type Call } from "./call.js"
import { headersOf } from "./keys.js"
import { short } from "./mask.js"
import { remembering } from "./remembering.js"

const refuse = (call: Call, reason: string) =>
  Effect.flatMap(attempted(call, "CredentialsError", "NotSent"), (fields) =>
    Effect.fail(new CredentialsError({ ...fields, reason }))
  )

/** An effect that cannot be interrupted must not hold up the attempt's end; keys that are at hand need no care. */
const keysOf = ({ keys }: Credentials.Service): Credentials.Service["keys"] =>
  Exit.isExit(keys) ? keys : Effect.disconnect(keys)

/** Asks the credentials for keys, and adds them to an attempt's headers; without credentials, adds none. */
export const withCredentials = (credentials: Option.Option<Credentials.Service>) => {
  const headersOnce = remembering(headersOf)
  return (call: Call) =>
    (
      request: HttpClientRequest.HttpClientRequest
    ): Effect.Effect<HttpClientRequest.HttpClientRequest, CredentialsError> => {
      if (Option.isNone(credentials)) return Effect.succeed(request)
      return Effect.suspend(() => {
        call.stage = "credentials"
        return Effect.matchEffect(keysOf(credentials.value), {
          onFailure: ({ reason }) => refuse(call, short(call, reason)),
          onSuccess: (keys) => {
            const headers = headersOnce(keys)
            if (Either.isLeft(headers)) return refuse(call, format(headers.left))
            call.keys = keys
            call.secrets.add(headers.right["x-api-key"]).add(headers.right["x-api-secret"])
            call.stage = "request"
            return Effect.succeed(HttpClientRequest.setHeaders(request, headers.right))
          }
        })
      })
    }
}
