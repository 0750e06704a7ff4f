/** Decides whether a page of another origin may push to a webhook, and makes the headers for the page's browser. */
import type { Raw } from "./endpoint.js"

/** Returns true if a webhook's origins include this origin. A webhook's origins are `*`, or a comma-separated list. */
const includes = (origins: string, origin: string): boolean =>
  origins.split(",").some((each) => {
    const allowed = each.trim().replace(/\/$/, "").toLowerCase()
    return allowed === "*" || (allowed !== "" && allowed === origin.toLowerCase())
  })

/**
 * Returns the origin of the page that makes this request. Returns `undefined` if no page of another origin makes the
 * request.
 *
 * For a hidden origin, browsers write `null`, and this function returns the string `"null"`. For the GET of an image, a
 * link or a frame, a browser sends no `Origin`. If `Sec-Fetch-Site` then says that another origin makes the request, this
 * function also returns `"null"`.
 */
const foreignOrigin = (headers: Raw["headers"]): string | undefined => {
  const { host, origin, "sec-fetch-site": site } = headers
  if (typeof origin === "string") return origin === `http://${String(host)}` ? undefined : origin
  return site === undefined || site === "same-origin" || site === "none" ? undefined : "null"
}

/** Returns true if a page of another origin makes this request. */
export const isForeign = (headers: Raw["headers"]): boolean => foreignOrigin(headers) !== undefined

/**
 * Returns true if a browser loads a document to show it in a tab, for example after a click on a link. A page of another
 * origin cannot read that document.
 */
export const isVisit = (method: string, headers: Raw["headers"]): boolean =>
  method === "GET" && headers["sec-fetch-mode"] === "navigate" && headers["sec-fetch-dest"] === "document"

/**
 * Makes the headers that let a page of another origin read the response. Returns an empty object if no page of another
 * origin makes the request. Returns `undefined` if the webhook's origins do not include the page's origin.
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
