/**
 * Switches off the automatic features of fetch. A followed redirect can turn a POST into a GET, and carries the keys to
 * another origin. A cache can answer a read with an old response, or answer a write without sending the request. Some
 * runtimes silently send a request again.
 */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import type { Call } from "./call.js"
import { mayResendWrite, newConnection, newConnectionSetting, takesCacheMode } from "./runtime.js"

const reading: RequestInit = { redirect: "manual", ...(takesCacheMode ? { cache: "no-store" } : {}) }

const writing: RequestInit = { ...reading, ...newConnection }

/** Removes the settings of Next.js. With them, Next.js would ignore the cache mode. */
const withoutNext: object = { next: undefined }

/**
 * Returns the settings of fetch for a call. Keeps the caller's own Deno client, because this client has the caller's
 * proxy and certificates.
 */
const initOf = ({ operation }: Call, given: RequestInit | undefined): RequestInit => {
  const isRead = operation.repeat === "read"
  const ours = isRead ? reading : writing
  if (given === undefined && (isRead || newConnectionSetting === undefined)) return ours
  return { ...(isRead ? undefined : newConnectionSetting), ...given, ...withoutNext, ...ours }
}

/**
 * Returns `true` if the call is a write, and fetch can send the write twice within one attempt. `settings` are the
 * settings of fetch for this call.
 */
const isResent = ({ operation }: Call, settings: RequestInit): boolean =>
  operation.repeat !== "read" && mayResendWrite(settings)

/**
 * Returns `true` if the call is a write, and fetch can send the write twice within one attempt. Reads the caller's
 * settings of fetch from the context.
 */
export const mayBeResent = (call: Call): Effect.Effect<boolean> =>
  Effect.map(Effect.serviceOption(FetchHttpClient.RequestInit), (given) =>
    isResent(call, initOf(call, Option.getOrUndefined(given)))
  )

/** Wraps an error that fetch threw instead of returning a promise. Fetch has sent nothing in this case. */
export class ThrownByFetch extends Error {}

const withoutCacheMode: object = { cache: undefined }

/**
 * Makes a fetch that calls the given fetch a second time, without the cache mode, if the first call throws. The
 * caller's own fetch may not support a cache mode, even if the runtime's fetch does.
 */
const lenient =
  (fetch: typeof globalThis.fetch): typeof globalThis.fetch =>
  (input, init) =>
    Either.try(() => fetch(input, init)).pipe(
      Either.orElse(() => Either.try(() => fetch(input, { ...init, ...withoutCacheMode }))),
      Either.getOrElse((cause) => Promise.reject(new ThrownByFetch("fetch threw", { cause })))
    )

/**
 * Makes a fetch that puts the body into a `Blob`, so that Deno sends the request only once. Deno sends a request again
 * only if the whole body is in Deno's memory. For a `Blob`, Deno holds only the length.
 */
const sendingOnce =
  (fetch: typeof globalThis.fetch): typeof globalThis.fetch =>
  (input, init) =>
    fetch(input, Predicate.isUint8Array(init?.body) ? { ...init, body: new Blob([new Uint8Array(init.body)]) } : init)

/**
 * Returns a fiber's context with the settings of fetch for this call. Transports other than fetch do not read these
 * settings.
 */
export const plainContext = <R>(call: Call, context: Context.Context<R>): Context.Context<R> => {
  const init = initOf(call, Option.getOrUndefined(Context.getOption(context, FetchHttpClient.RequestInit)))
  const given = Option.map(Context.getOption(context, FetchHttpClient.Fetch), lenient)
  const fetch = isResent(call, init) ? Option.some(sendingOnce(Option.getOrElse(given, () => globalThis.fetch))) : given
  const plain = Context.add(context, FetchHttpClient.RequestInit, init)
  return Option.isNone(fetch) ? plain : Context.add(plain, FetchHttpClient.Fetch, fetch.value)
}
