/** Reads the `Retry-After` header: seconds, or a date in one of the three formats of RFC 9110, section 5.6.7. */
import type * as Headers from "@effect/platform/Headers"
import * as Duration from "effect/Duration"

const time = String.raw`(?<time>\d{2}:\d{2}:\d{2})`

/**
 * The formats of a date: `Sun, 06 Nov 1994 08:49:37 GMT`, then the obsolete formats of RFC 850 and of C's `asctime`.
 */
const formats: ReadonlyArray<RegExp> = [
  new RegExp(`^[A-Z][a-z]{2}, (?<day>\\d{2}) (?<month>[A-Z][a-z]{2}) (?<year>\\d{4}) ${time} GMT$`),
  new RegExp(`^[A-Z][a-z]{5,8}, (?<day>\\d{2})-(?<month>[A-Z][a-z]{2})-(?<year>\\d{2}) ${time} GMT$`),
  new RegExp(`^[A-Z][a-z]{2} (?<month>[A-Z][a-z]{2}) (?<day>[ \\d]\\d) ${time} (?<year>\\d{4})$`)
]

/**
 * Returns the full year. A year of two digits becomes the latest year with these digits that is at most 50 years ahead.
 */
const fullYear = (year: string, now: number): number => {
  if (year.length === 4) return Number(year)
  const latest = new Date(now).getUTCFullYear() + 50
  return latest - ((latest - Number(year)) % 100)
}

/**
 * Returns a date as milliseconds since 1970, given the current time. Returns `undefined` if the string has none of
 * HTTP's formats.
 */
const parseDate = (text: string, now: number): number | undefined => {
  for (const format of formats) {
    const parts = format.exec(text)?.groups
    if (parts !== undefined) {
      const { day = "", month = "", time = "", year = "" } = parts
      const date = Date.parse(`${day.trim()} ${month} ${fullYear(year, now)} ${time} GMT`)
      return Number.isNaN(date) ? undefined : date
    }
  }
  return undefined
}

/**
 * The longest accepted `Retry-After`, in seconds: the range of a `Date`. The SDK ignores a longer wait, because it must
 * be a mistake of the server.
 */
const longestWait = 8.64e12

/**
 * Returns the wait that the server requested, or `undefined` if the server requested no wait. `now` is the current time
 * in milliseconds.
 */
export const readRetryAfter = (headers: Headers.Headers, now: number): Duration.Duration | undefined => {
  const header = headers["retry-after"]?.trim() ?? ""
  if (/^\d+(\.\d+)?$/.test(header)) return Number(header) <= longestWait ? Duration.seconds(Number(header)) : undefined
  const date = parseDate(header, now)
  return date === undefined ? undefined : Duration.millis(Math.max(0, date - now))
}
