/** What of an answer may be shown: a bounded excerpt in which no secret stands. */
import * as Predicate from "effect/Predicate"
import type { Call } from "./call.js"

const mask = "<redacted>"

/** Names whose values are credentials, wherever they stand. */
const secretName = /^(uri|.*secret|.*password|.*token|authorization|api_?key|x-api-key|cookie|webhook_uri)$/i

/** The same in text that may be cut off anywhere: a quoted name, a colon, and a string that may lack its end. */
const secretPair =
  /("(?:uri|[\w-]*secret|[\w-]*password|[\w-]*token|authorization|(?:x-)?api[_-]?key|cookie|webhook_uri)"\s*:\s*)"(?:[^"\\]|\\[^])*(?:"|\\?$)/gi

/** A webhook's address, whose last segment is its key. */
const address = /(\/webhooks?\/data\/)[^\s"'<>&?#]+/gi

const stringLiteral = /"(?:[^"\\]|\\[^])*(?:"|\\?$)(?!\s*:)/g

const bound = (text: string, length: number) => (text.length > length ? `${text.slice(0, length - 1)}…` : text)

/** Replaces every secret of a call, as it is and as it is written in URLs and JSON. */
export const conceal = (call: Call, text: string): string => {
  let shown = text
  for (const secret of call.secrets) {
    if (secret === "") continue
    for (const form of [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]) {
      shown = shown.replaceAll(form, mask)
    }
  }
  return shown.replace(secretPair, `$1"${mask}"`).replace(address, `$1${mask}`)
}

/** The same for a value that was read from JSON. */
export const concealValue = (call: Call, value: unknown): unknown => {
  if (Predicate.isString(value)) return conceal(call, value)
  if (Array.isArray(value)) return value.map((each) => concealValue(call, each))
  if (!Predicate.isRecord(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [
      conceal(call, name),
      secretName.test(name) && each !== null ? mask : concealValue(call, each)
    ])
  )
}

/**
 * The beginning of an answer's body. Of HTML the title is enough; the strings of a 2xx are all left out, since that is
 * where a server sends credentials that this client has not seen yet.
 */
export const excerpt = (call: Call, text: string): string => {
  const body = text.slice(0, 65_536).trim()
  if (body === "") return ""
  if (body.startsWith("<")) {
    const title = /<title[^>]*>([^<]*)/i.exec(body)?.[1]?.trim() ?? ""
    return `an HTML page${title === "" ? "" : ` titled ${JSON.stringify(bound(conceal(call, title), 200))}`}`
  }
  if (call.status !== undefined && call.status >= 200 && call.status < 300) {
    return /^[[{"]/.test(body)
      ? bound(conceal(call, body.replace(stringLiteral, '"…"')), 500)
      : `${text.length} characters of text`
  }
  return bound(conceal(call, body), 500)
}

/** A text from a header or a system error, short and without secrets. */
export const short = (call: Call, text: string): string => bound(conceal(call, text), 500)
