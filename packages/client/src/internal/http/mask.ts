/**
 * Masks secrets in strings from servers, gateways and the system, and shortens the strings. A server or a gateway can
 * send a string of any length. So this module cuts a string before the search for secrets, and searches in linear time.
 */
import { type Issue, shorten } from "@mammoth-effect/core/Issue"
import * as Predicate from "effect/Predicate"
import { isSuccess, type Response } from "./call.js"
import * as Secrets from "./secrets.js"

const mask = "<redacted>"

/** The maximum length of a string that is shown, in characters. */
const mostShown = 500

/**
 * The maximum number of characters that are searched for secrets. This is more than `mostShown`, because a mask is
 * shorter than an escaped secret: after masking, there must still be enough text to show.
 */
const mostSearched = 4 * mostShown

/** The maximum number of characters of a response that are read for an excerpt. */
const mostRead = 16_384

/**
 * The limits for a JSON document that is shown: the maximum number of values, and the maximum number of nested levels.
 */
const mostValues = 1000
const mostLevels = 32

const secretWord = "uri|[\\w-]*(?:secret|password|token)|authorization|(?:x-)?api[_-]?key|cookie|webhook_uri"

/** Matches the property names whose values are always credentials. */
const secretName = new RegExp(`^(?:${secretWord})$`, "i")

/**
 * Matches a property in JSON that has one of the names in `secretWord`, up to the opening quote of the property's
 * value.
 */
const secretPair = new RegExp(`"(?:${secretWord})"\\s*:\\s*"`, "gi")

/** Matches a webhook's address up to the key, which is the last segment. */
const address = /\/webhooks?\/data\//gi

const afterAddress = /[^\s"'<>&?#]*/y

/** Matches the property names under which a response explains an error. */
const telling = /^"(detail|message|name|error|error_code|error_description|title|reason|code|type|path|key|field)"$/

const colon = /\s*:/y

/**
 * Returns the index of a JSON string's closing quote, or the length of `text` if the string is cut off. `from` is the
 * index after the opening quote.
 */
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

/**
 * Finds credentials that are not in the list of secrets. Recognizes them by a property's name or a webhook's address.
 */
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

/** Strings that must not be shown, such as the keys of an attempt. */
interface Hiding {
  readonly secrets: ReadonlyArray<string>
}

const compiled = new WeakMap<ReadonlyArray<string>, Secrets.Patterns>()

/** Returns the search patterns of the secrets. Prepares them only once for each list of secrets. */
const patternsOf = ({ secrets }: Hiding): Secrets.Patterns => {
  const known = compiled.get(secrets) ?? Secrets.compile(secrets)
  compiled.set(secrets, known)
  return known
}

/** Masks the secrets in a string from a header, a response or a system error, and shortens the string. */
export const short = (hiding: Hiding, text: string, most = mostShown): string => {
  const patterns = patternsOf(hiding)
  const search = (layer: string) => [...Secrets.find(patterns, layer), ...findUnknown(layer)]
  return shorten(Secrets.replaceAll(text.slice(0, mostSearched), search, mask), most)
}

/** Masks and shortens the name of a field. */
const shortName = (hiding: Hiding, name: string): string => short(hiding, name, 100)

/**
 * Masks and shortens a value that was read from JSON. If there are too many nested values, keeps only the first of
 * them.
 */
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

/** Masks secrets in the issues of a response. The paths of the issues contain names of the response's fields. */
export const concealIssues = (hiding: Hiding, issues: ReadonlyArray<Issue>): ReadonlyArray<Issue> =>
  issues.map((issue) => ({
    ...issue,
    path: issue.path.map((key) => (Predicate.isString(key) ? shortName(hiding, key) : key))
  }))

/**
 * Replaces each string in JSON with `…`. The JSON may be cut off. Keeps the names of properties. If `tells` is `true`,
 * also keeps the strings that explain an error.
 */
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

/** Returns the title of an HTML page, or an empty string. The page may be cut off anywhere. */
const titleOf = (html: string): string => {
  const from = html.indexOf(">", /<title/i.exec(html)?.index ?? html.length) + 1
  return from === 0 ? "" : (html.slice(from).split("<", 1)[0] ?? "").trim()
}

/**
 * Returns an excerpt of a response's body. For HTML, the excerpt is the page's title. For JSON, the excerpt leaves out
 * strings that may be secrets unknown to this client. With a 2xx status, these are all strings. With any other status,
 * these are all strings that do not explain the error.
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
