/** The headers that every request has. */
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type { Call } from "./call.js"

/** Browsers say themselves who asks; one that let a page say so would have to ask the server for leave, even to GET. */
export const isBrowser = "document" in globalThis || "WorkerGlobalScope" in globalThis

/** Adds what is accepted, who asks, and the call's own headers. */
export const withHeaders = ({ settings }: Call) =>
  HttpClientRequest.setHeaders({
    accept: "application/json",
    ...(isBrowser ? {} : { "user-agent": settings.userAgent }),
    ...settings.headers
  })
