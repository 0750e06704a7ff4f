/** Sends the request of an attempt. Turns the transport's errors into plain data, without request and response. */
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Effect from "effect/Effect"
import * as FiberRef from "effect/FiberRef"
import * as FiberRefs from "effect/FiberRefs"
import { constTrue } from "effect/Function"
import * as Predicate from "effect/Predicate"
import type { Attempt, Call } from "./call.js"
import { classify } from "./classify.js"
import type { Failure } from "./failure.js"
import { mayBeResent, plainContext } from "./fetch.js"
import { short } from "./mask.js"
import { property } from "./thrown.js"

/**
 * Refuses a result without a status. A custom fetch may hide an error and return `undefined`. `@effect/platform` then
 * makes a response object around `undefined`, and this object has no status.
 */
const checked = (
  response: HttpClientResponse.HttpClientResponse
): Effect.Effect<HttpClientResponse.HttpClientResponse, HttpClientError.RequestError> =>
  Predicate.isNumber(property(response, "status"))
    ? Effect.succeed(response)
    : Effect.fail(
        new HttpClientError.RequestError({
          request: response.request,
          reason: "Transport",
          cause: new Error("fetch resolved to no response; a failed fetch must reject")
        })
      )

/**
 * The error with which a React framework ends a rendering. The framework recognizes the error by its digest, and only
 * the framework may handle the error. Next.js throws this error before the request is sent, if fetch is called without
 * the cache.
 */
class FrameworkSignal extends Error {
  constructor(readonly digest: string) {
    super('the framework ended rendering; in Next.js, set dynamic = "force-dynamic"')
  }
}

const fail = (call: Call, attempt: Attempt, error: HttpClientError.HttpClientError): Effect.Effect<never, Failure> => {
  const digest = property(error.cause, "digest")
  if (Predicate.isString(digest)) return Effect.die(new FrameworkSignal(digest))
  return Effect.flatMap(mayBeResent(call), (isResent) => {
    const { code, delivery, description, ...fields } = classify(error, isResent)
    return Effect.fail({
      _tag: "MammothTransportError",
      delivery,
      status: undefined,
      fields: {
        ...fields,
        code: code === undefined ? undefined : short(attempt, code, 100),
        description: short(attempt, description)
      }
    })
  })
}

/**
 * Runs an attempt with the settings of a plain fetch, and without the platform's spans, because these spans contain the
 * whole URL. The attempt's fiber normally ends with the attempt, so the old settings need not be restored. They are
 * restored only if the caller's `onResponse` runs in this fiber. `Effect.locally` and `Effect.mapInputContext` would
 * always restore the settings, and would take 15 µs instead of 5 µs.
 */
const withPlainFiber =
  (call: Call) =>
  <A, E>(sent: Effect.Effect<A, E>): Effect.Effect<A, E> => {
    const plain = Effect.zipRight(
      Effect.updateFiberRefs((fiberId, refs) => {
        const context = plainContext(call, FiberRefs.getOrDefault(refs, FiberRef.currentContext))
        return FiberRefs.updateManyAs(refs, {
          entries: [
            [FiberRef.currentContext, [[fiberId, context]]],
            [HttpClient.currentTracerDisabledWhen, [[fiberId, constTrue]]]
          ]
        })
      }),
      sent
    )
    return call.settings.onResponse === undefined
      ? plain
      : Effect.flatMap(Effect.getFiberRefs, (before) => Effect.tap(plain, () => Effect.setFiberRefs(before)))
  }

/** Sends a request, and returns the response when its headers have arrived. */
export const withTransport =
  (client: HttpClient.HttpClient, call: Call, attempt: Attempt) =>
  (request: HttpClientRequest.HttpClientRequest): Effect.Effect<HttpClientResponse.HttpClientResponse, Failure> =>
    Effect.flatMap(client.execute(request), checked).pipe(
      withPlainFiber(call),
      Effect.catchAll((error) => fail(call, attempt, error))
    )
