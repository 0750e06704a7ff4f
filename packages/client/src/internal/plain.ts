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
import * as Option from "effect/Option"
import { CurrentCall } from "./call.js"

const always = () => true

/** Tells transports to do as they are told. An attempt has a fiber of its own, whose settings need not be put back. */
export const withPlainTransport = <E, R>(
  client: HttpClient.HttpClient.With<E, R>
): HttpClient.HttpClient.With<E, R | CurrentCall> =>
  HttpClient.transformResponse(client, (attempt) =>
    Effect.contextWithEffect((context: Context.Context<CurrentCall>) => {
      const { operation } = Context.get(context, CurrentCall)
      const isUncached = operation.method === "GET" && operation.repeat !== "read"
      const init: RequestInit = {
        ...Option.getOrUndefined(Context.getOption(context, FetchHttpClient.RequestInit)),
        ...(isUncached ? { cache: "no-store" } : {}),
        redirect: "manual"
      }
      return FiberRef.set(FiberRef.currentContext, Context.add(context, FetchHttpClient.RequestInit, init)).pipe(
        Effect.zipRight(FiberRef.set(HttpClient.currentTracerDisabledWhen, always)),
        Effect.zipRight(attempt)
      )
    })
  )
