/**
 * Switches off what fetch does by itself. A followed redirect can turn a POST into a GET, and carries the keys to
 * another origin. A cache can serve a read with an old response, and a write without writing. Some runtimes silently
 * send a request again.
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

/** Next.js ignores the cache mode if its own settings are given, too. */
const withoutNext: object = { next: undefined }

/**
 * Returns the settings of fetch. Keeps the caller's own Deno client, because it has the caller's proxy and
 * certificates.
 */
const initOf = ({ operation }: Call, given: RequestInit | undefined): RequestInit => {
  const isRead = operation.repeat === "read"
  const ours = isRead ? reading : writing
  if (given === undefined && (isRead || newConnectionSetting === undefined)) return ours
  return { ...(isRead ? undefined : newConnectionSetting), ...given, ...withoutNext, ...ours }
}

/** Returns `true` if fetch can send the write of a call twice within one attempt with these settings. */
const isResent = ({ operation }: Call, settings: RequestInit): boolean =>
  operation.repeat !== "read" && mayResendWrite(settings)

/** Returns `true` if fetch can send the write of a call twice within one attempt with the caller's settings. */
export const mayBeResent = (call: Call): Effect.Effect<boolean> =>
  Effect.map(Effect.serviceOption(FetchHttpClient.RequestInit), (given) =>
    isResent(call, initOf(call, Option.getOrUndefined(given)))
  )

/** The error that fetch threw in place of returning a promise. It has sent nothing. */
export class ThrownByFetch extends Error {}

const withoutCacheMode: object = { cache: undefined }

/**
 * Retries a call of fetch without the cache mode. The caller's fetch may throw because it has no cache mode, even if
 * the runtime's fetch has one.
 */
const lenient =
  (fetch: typeof globalThis.fetch): typeof globalThis.fetch =>
  (input, init) =>
    Either.try(() => fetch(input, init)).pipe(
      Either.orElse(() => Either.try(() => fetch(input, { ...init, ...withoutCacheMode }))),
      Either.getOrElse((cause) => Promise.reject(new ThrownByFetch("fetch threw", { cause })))
    )

/**
 * Makes Deno send a request only once, by a body in a `Blob`. Deno sends a request again only if it holds the whole
 * body. It does not hold a `Blob`, but knows its length.
 */
const sendingOnce =
  (fetch: typeof globalThis.fetch): typeof globalThis.fetch =>
  (input, init) =>
    fetch(input, Predicate.isUint8Array(init?.body) ? { ...init, body: new Blob([new Uint8Array(init.body)]) } : init)

/** Returns the context of a fiber with these settings of fetch. Other transports do not read the settings. */
export const plainContext = <R>(call: Call, context: Context.Context<R>): Context.Context<R> => {
  const init = initOf(call, Option.getOrUndefined(Context.getOption(context, FetchHttpClient.RequestInit)))
  const given = Option.map(Context.getOption(context, FetchHttpClient.Fetch), lenient)
  const fetch = isResent(call, init) ? Option.some(sendingOnce(Option.getOrElse(given, () => globalThis.fetch))) : given
  const plain = Context.add(context, FetchHttpClient.RequestInit, init)
  return Option.isNone(fetch) ? plain : Context.add(plain, FetchHttpClient.Fetch, fetch.value)
}
