/** Gives every request its base URL and headers. */
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type { Call } from "./call.js"
import { guardsHeaders } from "./runtime.js"

/**
 * Adds the headers of every request, and the call's own. Caches on the way are told by a header, as the cache mode of
 * fetch is known to fetch alone; browsers turn that mode into this header themselves.
 */
export const withHeaders = ({ settings }: Call) =>
  HttpClientRequest.setHeaders({
    accept: "application/json",
    ...(guardsHeaders ? {} : { "user-agent": settings.userAgent, "cache-control": "no-cache" }),
    ...settings.headers
  })

/** Puts the base URL of the call before the path of the request. */
export const withBaseUrl = ({ settings }: Call) => HttpClientRequest.prependUrl(settings.baseUrl)
