/** What of an answer may be shown: a bounded excerpt in which no secret stands. */
import * as Predicate from "effect/Predicate"
import { type Call, isSuccess } from "./call.js"

const mask = "<redacted>"

/** Names whose values are credentials, wherever they stand. */
const secretName = /^(uri|.*secret|.*password|.*token|authorization|api_?key|x-api-key|cookie|webhook_uri)$/i

/** The same in text that may be cut off anywhere: a quoted name, a colon, and a string that may lack its end. */
const secretPair =
  /("(?:uri|[\w-]*secret|[\w-]*password|[\w-]*token|authorization|(?:x-)?api[_-]?key|cookie|webhook_uri)"\s*:\s*)"(?:[^"\\]|\\[^])*(?:"|\\?$)/gi

/** A webhook's address, whose last segment is its key. */
const address = /(\/webhooks?\/data\/)[^\s"'<>&?#]+/gi

/** A name with its colon, or a string, which may lack its end. */
const jsonString = /("(?:[^"\\]|\\[^])*"\s*:)|"(?:[^"\\]|\\[^])*(?:"|\\?$)/g

/** The names under which an answer says in words what is wrong. */
const telling = /^"(detail|message|name|error|error_code|error_description|title|reason|code|type|path|key|field)"\s*:$/

const bound = (text: string, length: number) => (text.length > length ? `${text.slice(0, length - 1)}…` : text)

/** A body can be cut within a secret: what then stands at its end is the beginning of one. */
const withoutTail = (call: Call, text: string): string => {
  for (const secret of call.secrets) {
    for (let length = Math.min(secret.length - 1, text.length); length >= 4; length--) {
      if (text.endsWith(secret.slice(0, length))) return text.slice(0, text.length - length) + mask
    }
  }
  return text
}

/** Replaces every secret of a call, as it is and as it is written in URLs and JSON. */
export const conceal = (call: Call, text: string): string => {
  let shown = text
  for (const secret of call.secrets) {
    if (secret === "") continue
    for (const form of [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]) {
      shown = shown.replaceAll(form, mask)
    }
  }
  return withoutTail(call, shown).replace(secretPair, `$1"${mask}"`).replace(address, `$1${mask}`)
}

/** The same for a value that was read from JSON. */
export const concealValue = (call: Call, value: unknown, depth = 0): unknown => {
  if (depth > 32) return "…"
  if (Predicate.isString(value)) return conceal(call, value)
  if (Array.isArray(value)) return value.map((each) => concealValue(call, each, depth + 1))
  if (!Predicate.isRecord(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [
      conceal(call, name),
      secretName.test(name) && each !== null ? mask : concealValue(call, each, depth + 1)
    ])
  )
}

/** JSON, whole or cut off, without its strings but for those that say what is wrong. */
const withoutStrings = (json: string, tells: boolean): string => {
  let isTelling = false
  return json.replace(jsonString, (text, name: string | undefined) => {
    const isShown = name !== undefined || isTelling
    isTelling = tells && name !== undefined && telling.test(name)
    return isShown ? text : '"…"'
  })
}

/**
 * The beginning of an answer's body. Of HTML the title is enough. Of JSON the strings are left out where they could be
 * credentials that this client has not seen: all in a 2xx, elsewhere those that do not say what is wrong.
 */
export const excerpt = (call: Call, text: string): string => {
  const isAccepted = call.response !== undefined && isSuccess(call.response.status)
  const body = text.slice(0, 65_536).trim()
  if (body === "") return ""
  if (body.startsWith("<")) {
    const title = /<title[^>]*>([^<]*)/i.exec(body)?.[1]?.trim() ?? ""
    return `an HTML page${title === "" ? "" : ` titled ${JSON.stringify(bound(conceal(call, title), 200))}`}`
  }
  if (/^[[{"]/.test(body)) return bound(conceal(call, withoutStrings(body, !isAccepted)), 500)
  return isAccepted ? `${text.length} characters of text` : bound(conceal(call, body), 500)
}

/** A text from a header or a system error, short and without secrets. */
export const short = (call: Call, text: string): string => bound(conceal(call, text), 500)
