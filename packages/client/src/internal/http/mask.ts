/**
 * Shows a short part of a foreign text, without secrets. Cuts a text before the search, and searches in linear time,
 * because a server or a gateway decides its length.
 */
import { type Issue, shorten } from "@mammoth-effect/core/Issue"
import * as Predicate from "effect/Predicate"
import { isSuccess, type Response } from "./call.js"
import * as Secrets from "./secrets.js"

const mask = "<redacted>"

/** The most characters of a text that are shown. */
const mostShown = 500

/**
 * The most characters that are searched for secrets. There are more than are shown, because a secret with its escapes
 * is longer than the mask.
 */
const mostSearched = 4 * mostShown

/** The most characters of a response that are read for an excerpt. */
const mostRead = 16_384

/** The most values of a JSON document that are shown, and the most levels. */
const mostValues = 1000
const mostLevels = 32

const secretWord = "uri|[\\w-]*(?:secret|password|token)|authorization|(?:x-)?api[_-]?key|cookie|webhook_uri"

/** Matches names whose values are always credentials. */
const secretName = new RegExp(`^(?:${secretWord})$`, "i")

/** Matches the same names in JSON, up to the first character of the value. */
const secretPair = new RegExp(`"(?:${secretWord})"\\s*:\\s*"`, "gi")

/** Matches a webhook's address, up to its last segment, which is its key. */
const address = /\/webhooks?\/data\//gi

const afterAddress = /[^\s"'<>&?#]*/y

/** Matches the names under which a response explains an error in words. */
const telling = /^"(detail|message|name|error|error_code|error_description|title|reason|code|type|path|key|field)"$/

const colon = /\s*:/y

/** Returns the end of a JSON string that begins before this index: its closing quote, or the end of the text. */
const closingQuote = (text: string, from: number): number => {
  for (let at = from; at < text.length; at++) {
    if (text[at] === '"') return at
    if (text[at] === "\\") at += 1
  }
  return text.length
}

const endOf = (pattern: RegExp, text: string, from: number): number => {
  pattern.lastIndex = from
  return pattern.test(text) ? pattern.lastIndex : from
}

/** Finds credentials that this client has not seen, by their name or their address. */
const findUnknown = (text: string): ReadonlyArray<Secrets.Range> => {
  const after = (start: RegExp, end: (from: number) => number) =>
    Array.from(text.matchAll(start), (found) => {
      const from = found.index + found[0].length
      return { from, to: end(from) }
    })
  return [
    ...after(secretPair, (from) => closingQuote(text, from)),
    ...after(address, (from) => endOf(afterAddress, text, from)).filter(({ from, to }) => from < to)
  ]
}

/** Texts that must not be shown, such as the keys of an attempt. */
interface Hiding {
  readonly secrets: ReadonlyArray<string>
}

const compiled = new WeakMap<ReadonlyArray<string>, Secrets.Patterns>()

/** Returns the patterns of the secrets. Prepares them once for the texts of an attempt. */
const patternsOf = ({ secrets }: Hiding): Secrets.Patterns => {
  const known = compiled.get(secrets) ?? Secrets.compile(secrets)
  compiled.set(secrets, known)
  return known
}

/** Cuts a text from a header, a response or a system error, and masks its secrets. */
export const short = (hiding: Hiding, text: string, most = mostShown): string => {
  const patterns = patternsOf(hiding)
  const search = (layer: string) => [...Secrets.find(patterns, layer), ...findUnknown(layer)]
  return shorten(Secrets.replaceAll(text.slice(0, mostSearched), search, mask), most)
}

/** Shows the name of a field, cut to a short length. */
const shortName = (hiding: Hiding, name: string): string => short(hiding, name, 100)

/** Masks and cuts a value that was read from JSON. Only its first values are shown. */
export const concealValue = (hiding: Hiding, value: unknown): unknown => {
  let left = mostValues
  const conceal = (value: unknown, level: number): unknown => {
    left -= 1
    if (level > mostLevels || left < 0) return "…"
    if (Predicate.isString(value)) return short(hiding, value)
    if (Predicate.isNumber(value)) return short(hiding, String(value)) === String(value) ? value : mask
    if (Array.isArray(value)) return value.slice(0, left + 1).map((each) => conceal(each, level + 1))
    if (!Predicate.isRecord(value)) return value
    return Object.fromEntries(
      Object.entries(value)
        .slice(0, left + 1)
        .map(([name, each]) => [
          shortName(hiding, name),
          secretName.test(name) && each !== null ? mask : conceal(each, level + 1)
        ])
    )
  }
  return conceal(value, 0)
}

/** Removes secrets from the issues of a response, because their paths hold names of its fields. */
export const concealIssues = (hiding: Hiding, issues: ReadonlyArray<Issue>): ReadonlyArray<Issue> =>
  issues.map((issue) => ({
    ...issue,
    path: issue.path.map((key) => (Predicate.isString(key) ? shortName(hiding, key) : key))
  }))

/** Removes the strings of JSON, whole or cut off. If `tells` is `true`, strings that explain an error stay. */
const withoutStrings = (json: string, tells: boolean): string => {
  let shown = ""
  let isTelling = false
  let at = 0
  for (let open = json.indexOf('"'); open !== -1; open = json.indexOf('"', at)) {
    const end = Math.min(closingQuote(json, open + 1) + 1, json.length)
    const text = json.slice(open, end)
    const isName = endOf(colon, json, end) > end
    shown += json.slice(at, open) + (isName || isTelling ? text : '"…"')
    isTelling = tells && isName && telling.test(text)
    at = end
  }
  return shown + json.slice(at)
}

/** Finds the title of an HTML page, which may be cut off anywhere. */
const titleOf = (html: string): string => {
  const from = html.indexOf(">", /<title/i.exec(html)?.index ?? html.length) + 1
  return from === 0 ? "" : (html.slice(from).split("<", 1)[0] ?? "").trim()
}

/**
 * Shows the beginning of a response's body. For HTML, shows the title. For JSON, leaves out strings that may be secrets
 * unknown to this client. These are all strings in a 2xx, and otherwise all strings that do not explain the error.
 */
export const excerpt = (hiding: Hiding, response: Pick<Response, "status" | "text">): string => {
  const { text } = response
  const isAccepted = isSuccess(response)
  const body = text.slice(0, mostRead).trim()
  if (body === "") return ""
  if (body.startsWith("<")) {
    const title = titleOf(body)
    return `an HTML page${title === "" ? "" : ` titled ${JSON.stringify(short(hiding, title, 200))}`}`
  }
  if (/^[[{"]/.test(body)) return short(hiding, withoutStrings(body, !isAccepted))
  return isAccepted ? `${text.length} characters of text` : short(hiding, body)
}
