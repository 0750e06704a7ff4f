/** Which headers a caller may give, and what a header can carry. */
import * as Predicate from "effect/Predicate"

/** What is expected in place of a header that carries credentials. */
export const noCredentials = "a header that does not carry credentials (give those to the Credentials layer)"

/** The headers that carry the account's credentials. */
const credentials = new Set(["x-api-key", "x-api-secret", "x-workspace-id"])

/** The headers by which a message is cut out of its connection, or led to a server: the transport alone knows them. */
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

/** What is expected in place of a header that the SDK or the transport has to set itself; `name` is in lower case. */
export const reserved = (name: string, value?: unknown): string | undefined => {
  if (credentials.has(name)) return noCredentials
  if (name === "host" || name === ":authority") return "no such header: set baseUrl to call another server"
  if (framing.has(name) || name.startsWith(":")) {
    return "no such header: the transport frames the message itself, so leave it out"
  }
  if (name.startsWith("proxy-")) return "no such header: give a proxy and its credentials to the transport"
  if (name === "content-encoding") return "no such header: the option `gzip` compresses the body and says so"
  if (name === "content-type" && !isJsonType(value)) return "a JSON media type, as the body is JSON, or no such header"
  return undefined
}

/** Is this text the name of a header, in lower case? An object cannot hold `__proto__` as one. */
export const isHeaderName = (text: string): boolean => text !== "__proto__" && /^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(text)

/** A name in lower case; empty, which is no name, if a program without types gave something else. */
export const headerName = (given: unknown): string => (Predicate.isString(given) ? given.toLowerCase() : "")

/** The headers that the SDK itself sets on requests. */
const own = new Set(["accept", "cache-control", "content-type", "user-agent"])

/** Can a header of this name, in lower case, carry a webhook's secret? */
export const canCarrySecret = (name: string): boolean =>
  isHeaderName(name) && !own.has(name) && reserved(name) === undefined

/** Is this what a header can carry: printable ASCII without spaces at its ends? */
export const isHeaderValue = (value: unknown): value is string =>
  Predicate.isString(value) && /^[!-~]([ -~]*[!-~])?$/.test(value)

/** Is this an object of names and values? The entries of a `Headers` or a `Map` would be lost on the way. */
export const isHeaderRecord = (headers: unknown): headers is Readonly<Record<string, unknown>> =>
  Predicate.isRecord(headers) && !(Symbol.iterator in headers)
