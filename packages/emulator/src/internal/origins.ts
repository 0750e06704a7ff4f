/** Which browser origins may push to a webhook, and what a browser has to be told for it. */
import type { Raw } from "./endpoint.js"

/** `*` for any, or origins such as `https://shop.example`, separated by commas. */
const includes = (origins: string, origin: string): boolean =>
  origins.split(",").some((each) => {
    const allowed = each.trim().replace(/\/$/, "").toLowerCase()
    return allowed === "*" || (allowed !== "" && allowed === origin.toLowerCase())
  })

/** The origin of the page that makes this request, where that is another than this server's own. */
const foreignOrigin = (headers: Raw["headers"]): string | undefined => {
  const { host, origin } = headers
  return typeof origin === "string" && origin !== `http://${String(host)}` ? origin : undefined
}

/** Is this request made by a page of another origin? */
export const isForeign = (headers: Raw["headers"]): boolean => foreignOrigin(headers) !== undefined

/**
 * The headers that let the page which makes a request read its answer; none where no page makes it, and `undefined`
 * where the webhook's origins do not name the page's.
 */
export const share = (
  origins: string | null,
  headers: Raw["headers"]
): Readonly<Record<string, string>> | undefined => {
  const origin = foreignOrigin(headers)
  if (origin === undefined) return {}
  return includes(origins ?? "*", origin) ? { "access-control-allow-origin": origin, vary: "origin" } : undefined
}

/** The answer's headers to a browser that asks in advance. */
export const permit = (shared: Readonly<Record<string, string>>, headers: Raw["headers"]) => ({
  ...shared,
  "access-control-allow-methods": "GET, POST",
  "access-control-allow-headers": String(headers["access-control-request-headers"] ?? "")
})
