/** Adds the base URL, the headers and the account's keys to a request. */
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import { format } from "@mammoth-effect/core/Issue"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import type * as Credentials from "../../Credentials.js"
import { type Attempt, awaitKeys, type Call, takeKeys } from "./call.js"
import type { Failure } from "./failure.js"
import { headersOf } from "./keys.js"
import { short } from "./mask.js"
import { guardsHeaders } from "./runtime.js"

/** Puts the base URL of the call before the path of the request. */
export const withBaseUrl = ({ settings }: Call) => HttpClientRequest.prependUrl(settings.baseUrl)

/**
 * Adds the common headers and the call's own headers. The common headers include `cache-control`, because transports
 * other than fetch have no cache mode.
 */
export const withHeaders = ({ settings }: Call) =>
  HttpClientRequest.setHeaders({
    accept: "application/json",
    ...(guardsHeaders ? {} : { "user-agent": settings.userAgent, "cache-control": "no-cache" }),
    ...settings.headers
  })

const refuse = (reason: string): Effect.Effect<never, Failure> =>
  Effect.fail({ _tag: "MammothCredentialsError", delivery: "NotSent", status: undefined, fields: { reason } })

/**
 * Returns the effect that reads the keys. If the effect takes time, it runs in its own fiber. So the time limit applies
 * even to an effect that cannot be interrupted.
 */
const keysOf = ({ keys }: Credentials.Service): Credentials.Service["keys"] =>
  Exit.isExit(keys) ? keys : Effect.disconnect(keys)

/**
 * Reads the account's keys from the credentials, and adds them to the request as headers. Without credentials, adds no
 * headers. Remembers the headers of the last keys, because keys rarely change. Checking the keys again would take a
 * tenth of a call's time.
 */
export const withCredentials = (credentials: Option.Option<Credentials.Service>) => {
  let last: { readonly keys: unknown; readonly headers: ReturnType<typeof headersOf> } | undefined
  const headersOnce = (keys: unknown) => {
    if (last === undefined || last.keys !== keys) last = { keys, headers: headersOf(keys) }
    return last.headers
  }
  return (attempt: Attempt) =>
    (request: HttpClientRequest.HttpClientRequest): Effect.Effect<HttpClientRequest.HttpClientRequest, Failure> =>
      Option.isNone(credentials)
        ? Effect.succeed(request)
        : Effect.suspend(() => {
            awaitKeys(attempt)
            return Effect.matchEffect(keysOf(credentials.value), {
              onFailure: ({ reason }) => refuse(short(attempt, reason)),
              onSuccess: (keys) => {
                const headers = headersOnce(keys)
                if (Either.isLeft(headers)) return refuse(format(headers.left))
                takeKeys(attempt, keys, [headers.right["x-api-key"], headers.right["x-api-secret"]])
                return Effect.succeed(HttpClientRequest.setHeaders(request, headers.right))
              }
            })
          })
}
