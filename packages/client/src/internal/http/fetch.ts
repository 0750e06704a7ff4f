/**
 * Prevents fetch from doing things by itself. A followed redirect can turn a POST into a GET, and carries the keys to
 * another origin. A cache serves a read with an old response, and a write without writing. Some runtimes send a request
 * again without telling.
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

/** Next.js ignores the cache mode if settings of its own stand beside it. */
const withoutNext: object = { next: undefined }

/**
 * Returns the settings of fetch. The caller's own Deno client stays, as it knows the caller's proxy and certificates.
 */
const initOf = ({ operation }: Call, given: RequestInit | undefined): RequestInit => {
  const isRead = operation.repeat === "read"
  const ours = isRead ? reading : writing
  if (given === undefined && (isRead || newConnectionSetting === undefined)) return ours
  return { ...(isRead ? undefined : newConnectionSetting), ...given, ...withoutNext, ...ours }
}

/** Can fetch send the write of a call twice within one attempt, given these settings? */
const isResent = ({ operation }: Call, settings: RequestInit): boolean =>
  operation.repeat !== "read" && mayResendWrite(settings)

/** Can fetch send the write of a call twice within one attempt, given the settings that the caller has provided? */
export const mayBeResent = (call: Call): Effect.Effect<boolean> =>
  Effect.map(Effect.serviceOption(FetchHttpClient.RequestInit), (given) =>
    isResent(call, initOf(call, Option.getOrUndefined(given)))
  )

/** Fetch threw this in place of returning a promise, so it has sent nothing. */
export class ThrownByFetch extends Error {}

const withoutCacheMode: object = { cache: undefined }

/**
 * Retries a call of fetch without the cache mode. The caller's fetch may throw because it knows no cache mode, even if
 * the runtime's own fetch knows the mode.
 */
const lenient =
  (fetch: typeof globalThis.fetch): typeof globalThis.fetch =>
  (input, init) =>
    Either.try(() => fetch(input, init)).pipe(
      Either.orElse(() => Either.try(() => fetch(input, { ...init, ...withoutCacheMode }))),
      Either.getOrElse((cause) => Promise.reject(new ThrownByFetch("fetch threw", { cause })))
    )

/**
 * Makes Deno send a request once. Deno sends a request again only if it holds the whole body. It does not hold a
 * `Blob`, which has a length all the same.
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
