/** The account's keys on each attempt, as the credentials yield them then. */
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import { CredentialsError } from "@mammoth-effect/core/WebhooksError"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import type * as Credentials from "../Credentials.js"
import { attempted, type Call } from "./call.js"
import { short } from "./mask.js"
import { remembering } from "./remembering.js"

/** The headers that carry credentials; no per-call header may replace them. */
export const credentialHeaders: ReadonlyArray<string> = ["x-api-key", "x-api-secret", "x-workspace-id"]

/** What may be the name of a header, in lower case. */
export const isHeaderName = (text: string): boolean => /^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(text)

/** What may stand in a header: printable ASCII without spaces at its ends. */
export const isHeaderValue = (text: string): boolean => /^[!-~]([ -~]*[!-~])?$/.test(text)

const refuse = (call: Call, reason: string) =>
  Effect.flatMap(attempted(call, "CredentialsError", "NotSent"), (fields) =>
    Effect.fail(new CredentialsError({ ...fields, reason }))
  )

/** The headers of keys that a header can carry, or why it cannot. */
const headersOf = (keys: Credentials.Keys): Either.Either<Readonly<Record<string, string>>, string> => {
  const apiKey = Redacted.value(keys.apiKey)
  const apiSecret = Redacted.value(keys.apiSecret)
  if (!isHeaderValue(apiKey)) return Either.left("the API key is empty or has characters that no header can carry")
  if (!isHeaderValue(apiSecret)) {
    return Either.left("the API secret is empty or has characters that no header can carry")
  }
  if (keys.workspaceId === undefined) return Either.right({ "x-api-key": apiKey, "x-api-secret": apiSecret })
  return Number.isSafeInteger(keys.workspaceId) && keys.workspaceId >= 1
    ? Either.right({ "x-api-key": apiKey, "x-api-secret": apiSecret, "x-workspace-id": String(keys.workspaceId) })
    : Either.left("the workspace is not an integer from 1")
}

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
            call.keys = keys
            call.secrets.add(Redacted.value(keys.apiKey)).add(Redacted.value(keys.apiSecret))
            const headers = headersOnce(keys)
            if (Either.isLeft(headers)) return refuse(call, headers.left)
            call.stage = "request"
            return Effect.succeed(HttpClientRequest.setHeaders(request, headers.right))
          }
        })
      })
    }
}
