/** Decides whether a caller may set a header, and whether a header can carry a value. */
import * as Predicate from "effect/Predicate"

/** The `expected` part of the issue for a header that carries credentials. */
export const noCredentials = "a header without credentials (give credentials separately)"

/** The headers that carry the account's credentials. */
const credentials = new Set(["x-api-key", "x-api-secret", "x-workspace-id"])

/**
 * The headers that control the connection, or that show where a message ends. Only the transport can set these headers.
 */
const framing = new Set([
  "connection",
  "content-length",
  "expect",
  "http2-settings",
  "keep-alive",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade"
])

const isJsonType = (value: unknown): boolean =>
  Predicate.isString(value) && /^application\/([\w.+-]+\+)?json *(;|$)/i.test(value)

/**
 * Returns the `expected` part of an issue for a header that only the SDK or the transport may set. Returns `undefined`
 * if the caller may set the header. `name` is in lower case.
 */
export const reserved = (name: string, value?: unknown): string | undefined => {
  if (credentials.has(name)) return noCredentials
  if (name === "host" || name === ":authority") return "no header with this name: set baseUrl to call another server"
  if (framing.has(name) || name.startsWith(":")) {
    return "no header with this name: the transport sets it"
  }
  if (name.startsWith("proxy-")) return "no proxy header: give the proxy and its credentials to the transport"
  if (name === "content-encoding") return "no header with this name: use the option `gzip` to compress the body"
  if (name === "content-type" && !isJsonType(value))
    return "a JSON media type, because the body is JSON (or leave out the header)"
  return undefined
}

/**
 * Returns `true` if a string is a header name in lower case. Refuses `__proto__`, because an assignment to this name
 * would change an object's prototype instead of adding a header.
 */
export const isHeaderName = (text: string): boolean => text !== "__proto__" && /^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(text)

/**
 * Returns a header's name in lower case. A program without types may pass a value that is not a string. For this value,
 * returns an empty string, which is not a valid name.
 */
export const headerName = (given: unknown): string => (Predicate.isString(given) ? given.toLowerCase() : "")

/** The headers that the SDK itself sets on requests. */
const own = new Set(["accept", "cache-control", "content-type", "user-agent"])

/** Returns `true` if a header with this name, in lower case, can carry a webhook's secret. */
export const canCarrySecret = (name: string): boolean =>
  isHeaderName(name) && !own.has(name) && reserved(name) === undefined

/** Returns `true` if a header can carry this value: printable ASCII without spaces at its ends. */
export const isHeaderValue = (value: unknown): value is string =>
  Predicate.isString(value) && /^[!-~]([ -~]*[!-~])?$/.test(value)

/**
 * Returns `true` for an object of names and values. Returns `false` for a `Headers` or a `Map`, because their entries
 * are not properties.
 */
export const isHeaderRecord = (headers: unknown): headers is Readonly<Record<string, unknown>> =>
  Predicate.isRecord(headers) && !(Symbol.iterator in headers)
