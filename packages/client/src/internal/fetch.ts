/**
 * What fetch would do by itself, switched off. No redirect is followed: a followed one can turn a POST into a GET, and
 * carries the keys to another origin. And a GET that writes is never answered from a browser's cache.
 */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { CurrentCall } from "./call.js"

/** Tells fetch to do as it is told; the other transports do so by themselves. */
export const withPlainFetch = <E, R>(
  client: HttpClient.HttpClient.With<E, R>
): HttpClient.HttpClient.With<E, R | CurrentCall> =>
  HttpClient.transformResponse(client, (attempt) =>
    Effect.gen(function* () {
      const init = yield* Effect.serviceOption(FetchHttpClient.RequestInit)
      const { operation } = yield* CurrentCall
      const isCacheable = operation.method === "GET" && operation.repeat === "read"
      return yield* Effect.provideService(attempt, FetchHttpClient.RequestInit, {
        ...Option.getOrElse(init, () => ({})),
        ...(isCacheable || operation.method !== "GET" ? {} : { cache: "no-store" as const }),
        redirect: "manual"
      })
    })
  )
