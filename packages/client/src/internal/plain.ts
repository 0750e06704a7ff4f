/**
 * What the platform and fetch would do by themselves, switched off. The platform's own spans record the whole URL. A
 * followed redirect can turn a POST into a GET, and carries the keys to another origin. A cache answers a read with what
 * was true before, and a write without writing. A runtime that sends a request again counts both as one attempt.
 */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientError from "@effect/platform/HttpClientError"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FiberRef from "effect/FiberRef"
import * as FiberRefs from "effect/FiberRefs"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import type { Call } from "./call.js"
import { mayResendWrite, newConnection, newConnectionSetting, takesCacheMode } from "./runtime.js"

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
  if (Predicate.hasProperty(cause, "digest") && Predicate.isString(cause.digest)) {
    return Effect.die(new FrameworkSignal(cause.digest))
  }
  return Effect.fail(
    cause instanceof ThrownByFetch
      ? new HttpClientError.RequestError({ request, reason: "Encode", cause: cause.cause })
      : error
  )
}

/**
 * Tells transports to do as they are told. An attempt has a fiber of its own, whose settings need not be put back, unless
 * the caller's `onResponse` is to follow under the caller's own.
 */
export const withPlainTransport =
  (call: Call) =>
  <A, E>(sent: Effect.Effect<A, E>): Effect.Effect<A, E | HttpClientError.RequestError> => {
    const plain = Effect.zipRight(
      Effect.updateFiberRefs((fiberId, refs) => {
        const context = FiberRefs.getOrDefault(refs, FiberRef.currentContext)
        const given = Context.getOption(context, FetchHttpClient.RequestInit)
        const fetch = Context.getOption(context, FetchHttpClient.Fetch)
        const init = initOf(call, Option.getOrUndefined(given))
        const withInit = Context.add(context, FetchHttpClient.RequestInit, init)
        const asked = Option.map(fetch, lenient)
        const plainFetch =
          call.operation.repeat !== "read" && mayResendWrite(init)
            ? Option.some(sendingOnce(Option.getOrElse(asked, () => globalThis.fetch)))
            : asked
        const plainContext = Option.isNone(plainFetch)
          ? withInit
          : Context.add(withInit, FetchHttpClient.Fetch, plainFetch.value)
        return FiberRefs.updateManyAs(refs, {
          entries: [
            [FiberRef.currentContext, [[fiberId, plainContext]]],
            [HttpClient.currentTracerDisabledWhen, [[fiberId, always]]]
          ]
        })
      }),
      Effect.catchAll(sent, told)
    )
    return call.settings.onResponse === undefined
      ? plain
      : Effect.flatMap(Effect.getFiberRefs, (before) => Effect.tap(plain, () => Effect.setFiberRefs(before)))
  }
