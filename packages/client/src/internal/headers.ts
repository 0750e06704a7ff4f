/** The headers that every request has. */
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Effect from "effect/Effect"
import { CurrentCall } from "./call.js"

/** Browsers say themselves who asks; one that let a page say so would have to ask the server for leave, even to GET. */
const isBrowser = "document" in globalThis || "WorkerGlobalScope" in globalThis

/** Adds what is accepted, who asks, and the call's own headers. */
export const withHeaders = <E, R>(
  client: HttpClient.HttpClient.With<E, R>
): HttpClient.HttpClient.With<E, R | CurrentCall> =>
  HttpClient.mapRequestEffect(client, (request) =>
    Effect.map(CurrentCall, ({ settings }) =>
      HttpClientRequest.setHeaders(request, {
        accept: "application/json",
        ...(isBrowser ? {} : { "user-agent": settings.userAgent }),
        ...settings.headers
      })
    )
  )
