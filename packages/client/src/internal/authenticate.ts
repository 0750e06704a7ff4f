/** The account's keys on each attempt, as the credentials yield them then. */
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import { CredentialsError } from "@mammoth-effect/core/WebhooksError"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import type * as Credentials from "../Credentials.js"
import { attempted, type Call, CurrentCall } from "./call.js"

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

const headersOf = (call: Call, keys: Credentials.Keys) => {
  const apiKey = Redacted.value(keys.apiKey)
  const apiSecret = Redacted.value(keys.apiSecret)
  call.keys = keys
  call.secrets.add(apiKey).add(apiSecret)
  if (!isHeaderValue(apiKey)) return refuse(call, "the API key is empty or has characters that no header can carry")
  if (!isHeaderValue(apiSecret))
    return refuse(call, "the API secret is empty or has characters that no header can carry")
  if (keys.workspaceId !== undefined && !(Number.isSafeInteger(keys.workspaceId) && keys.workspaceId >= 1)) {
    return refuse(call, "the workspace is not an integer from 1")
  }
  return Effect.succeed({
    "x-api-key": apiKey,
    "x-api-secret": apiSecret,
    ...(keys.workspaceId === undefined ? {} : { "x-workspace-id": String(keys.workspaceId) })
  })
}

/** An effect that cannot be interrupted must not hold up the attempt's end; keys that are at hand need no care. */
const keysOf = ({ keys }: Credentials.Service): Credentials.Service["keys"] =>
  Exit.isExit(keys) ? keys : Effect.disconnect(keys)

/** Asks the credentials for keys, and adds them to each attempt's headers; without credentials, sends none. */
export const withCredentials =
  (credentials: Option.Option<Credentials.Service>) =>
  <E, R>(
    client: HttpClient.HttpClient.With<E, R>
  ): HttpClient.HttpClient.With<E | CredentialsError, R | CurrentCall> => {
    if (Option.isNone(credentials)) return client
    return HttpClient.mapRequestEffect(client, (request) =>
      Effect.flatMap(CurrentCall, (call) => {
        call.stage = "credentials"
        return keysOf(credentials.value).pipe(
          Effect.catchAll(({ reason }) => refuse(call, reason)),
          Effect.flatMap((keys) => headersOf(call, keys)),
          Effect.map((headers) => {
            call.stage = "request"
            return HttpClientRequest.setHeaders(request, headers)
          })
        )
      })
    )
  }
