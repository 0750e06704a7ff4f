/**
 * What the platform and fetch would do by themselves, switched off. The platform's own spans record the whole URL. No
 * redirect is followed: a followed one can turn a POST into a GET, and carries the keys to another origin. And a GET that
 * writes is never answered from a browser's cache.
 */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FiberRef from "effect/FiberRef"
import * as FiberRefs from "effect/FiberRefs"
import * as Option from "effect/Option"
import type { Call } from "./call.js"

const always = () => true

const initOf = ({ operation }: Call, given: RequestInit | undefined): RequestInit => ({
  ...given,
  ...(operation.method === "GET" && operation.repeat !== "read" ? { cache: "no-store" } : {}),
  redirect: "manual"
})

/**
 * Tells transports to do as they are told. An attempt has a fiber of its own, whose settings need not be put back, unless
 * the caller's `onResponse` is to follow under the caller's own.
 */
export const withPlainTransport =
  (call: Call) =>
  <A, E>(sent: Effect.Effect<A, E>): Effect.Effect<A, E> => {
    const plain = Effect.zipRight(
      Effect.updateFiberRefs((fiberId, refs) => {
        const context = FiberRefs.getOrDefault(refs, FiberRef.currentContext)
        const given = Context.getOption(context, FetchHttpClient.RequestInit)
        const init = initOf(call, Option.getOrUndefined(given))
        return FiberRefs.updateManyAs(refs, {
          entries: [
            [FiberRef.currentContext, [[fiberId, Context.add(context, FetchHttpClient.RequestInit, init)]]],
            [HttpClient.currentTracerDisabledWhen, [[fiberId, always]]]
          ]
        })
      }),
      sent
    )
    return call.settings.onResponse === undefined
      ? plain
      : Effect.flatMap(Effect.getFiberRefs, (before) => Effect.tap(plain, () => Effect.setFiberRefs(before)))
  }
