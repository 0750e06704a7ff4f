/** Decides whether a page of another origin may push to a webhook, and makes the headers for the page's browser. */
import type { Raw } from "./endpoint.js"

/** Returns true if a webhook's origins include this origin. A webhook's origins are `*`, or a comma-separated list. */
const includes = (origins: string, origin: string): boolean =>
  origins.split(",").some((each) => {
    const allowed = each.trim().replace(/\/$/, "").toLowerCase()
    return allowed === "*" || (allowed !== "" && allowed === origin.toLowerCase())
  })

/**
 * Returns the origin of the page that makes this request, if the page's origin differs from the server's. Returns
 * `undefined` for a page of the server's own origin. Also returns `undefined` if no page makes the request, for example
 * if a program makes it.
 *
 * The function returns the string `"null"` in two cases:
 *
 * - The page's origin is hidden. Browsers then send the header `Origin: null`.
 * - A page of another origin loads an image, a link or a frame. A browser then sends no `Origin`, but `Sec-Fetch-Site`
 *   says that the request comes from another origin.
 */
const foreignOrigin = (headers: Raw["headers"]): string | undefined => {
  const { host, origin, "sec-fetch-site": site } = headers
  if (typeof origin === "string") return origin === `http://${String(host)}` ? undefined : origin
  return site === undefined || site === "same-origin" || site === "none" ? undefined : "null"
}

/** Returns true if this request comes from a page whose origin differs from the server's. */
export const isForeign = (headers: Raw["headers"]): boolean => foreignOrigin(headers) !== undefined

/**
 * Returns true if a browser loads a document to show it in a tab, for example after a click on a link. A page of another
 * origin cannot read that document.
 */
export const isVisit = (method: string, headers: Raw["headers"]): boolean =>
  method === "GET" && headers["sec-fetch-mode"] === "navigate" && headers["sec-fetch-dest"] === "document"

/**
 * Makes the headers that let a page of another origin read the response:
 *
 * - If the page's origin is the server's own, or no page makes the request, returns an empty object.
 * - If the webhook's origins include the page's origin, returns the headers.
 * - Otherwise returns `undefined`, because the page may not push.
 */
export const share = (
  origins: string | null,
  headers: Raw["headers"]
): Readonly<Record<string, string>> | undefined => {
  const origin = foreignOrigin(headers)
  if (origin === undefined) return {}
  return includes(origins ?? "*", origin) ? { "access-control-allow-origin": origin, vary: "origin" } : undefined
}

/** Makes the headers of the response to a browser's preflight request. */
export const permit = (shared: Readonly<Record<string, string>>, headers: Raw["headers"]) => ({
  ...shared,
  "access-control-allow-methods": "GET, POST",
  "access-control-allow-headers": String(headers["access-control-request-headers"] ?? "")
})
