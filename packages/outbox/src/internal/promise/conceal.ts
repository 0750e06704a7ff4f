/** Masks secrets in the message of an error that a function of the caller threw. Also masks text that may be a secret. */
import { shorten } from "@mammoth-effect/core/Issue"
import * as Either from "effect/Either"
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"

const mask = "<redacted>"

/** The most characters that are shown, and the most characters that are searched for secrets. */
const mostShown = 500
const mostRead = 2000

const names = "uri|[\\w-]*(?:secret|password|passwd|token|api[_-]?key)"

/** Matches a credential after its name, or at its usual place in a URL. The first group is the part that stays. */
const placed: ReadonlyArray<RegExp> = [
  /(\/\/)[^\s/@]+(?=@)/g,
  /(\/webhooks?\/data\/)[^\s"'<>&?#]+/gi,
  /(\bauthorization["']?\s*[:=]\s*["']?)(?:(?:bearer|basic)\s+)?[^\s"',;&]+/gi,
  /(\b(?:bearer|basic)\s+)[^\s"',;&]+/gi,
  /((?:password|passwd)\s*[:=]\s*)[^\s"',;&]+/gi,
  new RegExp(`(\\b(?:${names})=)[^\\s"',;&]+`, "gi"),
  new RegExp(`("(?:${names})"\\s*:\\s*")(?:[^"\\\\]|\\\\.)*`, "gi")
]

/** Matches a long run of characters that may be base64. A run that begins with a slash is more likely a path. */
const base64 = /(?<![\w+/=-])(?!\/)[\w+/=-]{24,}/g

/** Matches a long run of characters that may be a key, even if its characters are escaped. */
const key = /[\w\\%+=~-]{16,}/g

/** Returns the value of a `Redacted`, or `undefined` after it was wiped. Returns any other value unchanged. */
const revealed = (given: unknown): unknown =>
  Redacted.isRedacted(given)
    ? Either.getOrElse(
        Either.try((): unknown => Redacted.value(given)),
        () => undefined
      )
    : given

/** Returns the keys of a client, if its option `credentials` holds keys. */
export const secretsOf = (credentials: unknown): ReadonlyArray<string> =>
  Predicate.isRecord(credentials)
    ? [credentials["apiKey"], credentials["apiSecret"]]
        .map(revealed)
        .flatMap((key) => (Predicate.isString(key) && key !== "" ? [key] : []))
    : []

/** Cuts a message. Masks the given secrets, and everything that looks like a secret. */
export const conceal = (message: string, secrets: ReadonlyArray<string>): string => {
  // Mask the longest secret first, because a shorter secret may be a part of it.
  const known = secrets
    .toSorted((a, b) => b.length - a.length)
    .reduce((text, secret) => text.replaceAll(secret, mask), message.slice(0, mostRead))
  const shown = placed.reduce((text, pattern) => text.replace(pattern, `$1${mask}`), known)
  return shorten(
    shown
      .replace(base64, (text) => (/\d/.test(text) && /[a-z]/.test(text) && /[A-Z]/.test(text) ? mask : text))
      .replace(key, (text) => (/\d/.test(text) && /[a-z]/i.test(text) ? mask : text)),
    mostShown
  )
}
