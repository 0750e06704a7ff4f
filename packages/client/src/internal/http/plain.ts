/**
 * What the platform and fetch would do by themselves, switched off. The platform's own spans record the whole URL. A
 * followed redirect can turn a POST into a GET, and carries the keys to another origin. A cache answers a read with what
 * was true before, and a write without writing. A runtime that sends a request again counts both as one attempt.
 */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import type { Call } from "./call.js"
import { mayResendWrite, newConnection, newConnectionSetting, takesCacheMode } from "./runtime.js"
import { isInstance, property } from "./thrown.js"

const always = () => true

const reading: RequestInit = { redirect: "manual", ...(takesCacheMode ? { cache: "no-store" } : {}) }

const writing: RequestInit = { ...reading, ...newConnection }

/** Next.js ignores the cache mode if settings of its own stand beside it. */
const withoutNext: object = { next: undefined }

/** The settings of fetch. The caller's own client of Deno's stays, as it knows the caller's proxy and certificates. */
const initOf = ({ operation }: Call, given: RequestInit | undefined): RequestInit => {
  const isRead = operation.repeat === "read"
  const ours = isRead ? reading : writing
  if (given === undefined && (isRead || newConnectionSetting === undefined)) return ours
  return { ...(isRead ? undefined : newConnectionSetting), ...given, ...withoutNext, ...ours }
}

const withoutCacheMode: object = { cache: undefined }

/** A fetch threw this in place of returning a promise. */
class ThrownByFetch extends Error {}

/**
 * A fetch of the caller's may refuse a cache mode although the runtime's own takes one. One that throws has sent nothing,
 * so that it can be asked again; what it throws then is marked, to be told from what a promise reports.
 */
const lenient =
  (fetch: typeof globalThis.fetch): typeof globalThis.fetch =>
  (input, init) =>
    Either.try(() => fetch(input, init)).pipe(
      Either.orElse(() => Either.try(() => fetch(input, { ...init, ...withoutCacheMode }))),
      Either.getOrElse((cause) => Promise.reject(new ThrownByFetch("fetch threw", { cause })))
    )

/** Deno sends a request again only if it holds the whole body: not a `Blob`, whose length it tells the server all the same. */
const sendingOnce =
  (fetch: typeof globalThis.fetch): typeof globalThis.fetch =>
  (input, init) =>
    fetch(input, Predicate.isUint8Array(init?.body) ? { ...init, body: new Blob([new Uint8Array(init.body)]) } : init)

/**
 * A framework on React ends a rendering by an error that it knows by its digest, such as Next.js one in advance of requests
 * when it meets a fetch without cache. Nobody but the framework is to take that for a failure.
 */
class FrameworkSignal extends Error {
  constructor(readonly digest: string) {
    super('the framework ended this rendering; in Next.js, have the page rendered on demand: dynamic = "force-dynamic"')
  }
}

/** Tells apart what fetch did not report as the failure of a request. */
const told = <E>(error: E): Effect.Effect<never, E | HttpClientError.RequestError> => {
  if (!(error instanceof HttpClientError.RequestError)) return Effect.fail(error)
  const { cause, request } = error
  const digest = property(cause, "digest")
  if (Predicate.isString(digest)) return Effect.die(new FrameworkSignal(digest))
  return Effect.fail(
    isInstance(cause, ThrownByFetch)
      ? new HttpClientError.RequestError({ request, reason: "Encode", cause: cause.cause })
      : error
  )
}

/** Can fetch send the write of a call twice within one attempt, given the caller's settings? */
const isResent = ({ operation }: Call, settings: RequestInit): boolean =>
  operation.repeat !== "read" && mayResendWrite(settings)

/** The same, of the settings that the caller has provided. */
export const mayBeResent = (call: Call): Effect.Effect<boolean> =>
  Effect.map(Effect.serviceOption(FetchHttpClient.RequestInit), (given) =>
    isResent(call, initOf(call, Option.getOrUndefined(given)))
  )

/** A wrapper of fetch that swallows errors resolves to nothing, which the platform takes for a response. */
const checked = (
  response: HttpClientResponse.HttpClientResponse
): Effect.Effect<HttpClientResponse.HttpClientResponse, HttpClientError.RequestError> =>
  Predicate.isNumber(property(response, "status"))
    ? Effect.succeed(response)
    : Effect.fail(
        new HttpClientError.RequestError({
          request: response.request,
          reason: "Transport",
          cause: new Error("fetch resolved to no response; it has to reject if it fails")
        })
      )

/** Tells transports to do as they are told. */
export const withPlainTransport =
  (call: Call) =>
  <E>(
    sent: Effect.Effect<HttpClientResponse.HttpClientResponse, E>
  ): Effect.Effect<HttpClientResponse.HttpClientResponse, E | HttpClientError.RequestError> =>
    Effect.flatMap(Effect.catchAll(sent, told), checked).pipe(
      Effect.mapInputContext((context: Context.Context<never>) => {
        const init = initOf(call, Option.getOrUndefined(Context.getOption(context, FetchHttpClient.RequestInit)))
        const given = Option.map(Context.getOption(context, FetchHttpClient.Fetch), lenient)
        const fetch = isResent(call, init)
          ? Option.some(sendingOnce(Option.getOrElse(given, () => globalThis.fetch)))
          : given
        const plain = Context.add(context, FetchHttpClient.RequestInit, init)
        return Option.isNone(fetch) ? plain : Context.add(plain, FetchHttpClient.Fetch, fetch.value)
      }),
      Effect.locally(HttpClient.currentTracerDisabledWhen, always)
    )
