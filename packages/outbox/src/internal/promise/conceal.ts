/**
 * Masks secrets in the message of an error that a function of the caller threw. `PromiseRuntime.conceal` masks known
 * secrets, keys in webhook addresses, and JSON properties such as `password`. `PromiseRuntime.conceal` also shortens
 * the message.
 *
 * This file masks other secrets, too. It finds passwords in a URL, and credentials after a word such as `Bearer` or
 * `password=`. It also finds long runs of characters that look like keys.
 */
import * as PromiseRuntime from "@mammoth-effect/client/PromiseRuntime"
import type * as Redacted from "effect/Redacted"

/** The secrets that a message must not show. */
export type Secrets = ReadonlyArray<string | Redacted.Redacted>

const mask = "<redacted>"

/**
 * The maximum number of characters that are searched for secrets. The shown message is shorter. The search must cover
 * more characters, because a mask can be shorter than the secret that it replaces.
 */
const mostSearched = 2000

/** Matches a credential at its usual place in a URL, or after its name. The first group stays visible. */
const placed: ReadonlyArray<RegExp> = [
  /(\/\/)[^\s/]+(?=@)/g,
  /(\bauthorization["']?\s*[:=]\s*["']?)(?:[\w-]+\s+)?[^\s"',;&]+/gi,
  /(\b(?:bearer|basic)\s+)[^\s"',;&]+/gi,
  /(\b(?:uri|[\w-]*(?:secret|pass(?:word|wd|phrase)|pwd|token|cookie|credential|api[_-]?key))["']?\s*[:=]\s*["']?)(?:(?<=")[^"]*|(?<=')[^']*|[^\s"',;&]+)/gi
]

/**
 * Matches a long run of characters that may be base64. Skips a run that begins with a slash, because that run is probably
 * a path.
 */
const base64 = /(?<![\w+/=-])(?!\/)[\w+/=-]{24,}/g

/** Matches a long run of characters that may be a key, even if its characters are escaped. */
const key = /[\w\\%+=~-]{16,}/g

/** Masks the given secrets in a message, and everything that looks like a secret. Then shortens the message. */
export const conceal = (message: string, secrets: Secrets): string => {
  // Mask the known secrets first. A pattern could match only a part of a known secret, and the rest would then be
  // shown.
  const known = PromiseRuntime.conceal(message, secrets, mostSearched)
  const shown = placed
    .reduce((text, pattern) => text.replace(pattern, `$1${mask}`), known)
    .replace(base64, (text) => (/\d/.test(text) && /[a-z]/.test(text) && /[A-Z]/.test(text) ? mask : text))
    .replace(key, (text) => (/\d/.test(text) && /[a-z]/i.test(text) ? mask : text))
  // Shorten the message last, because a pattern might not match a credential whose end is missing.
  return PromiseRuntime.conceal(shown, [])
}
