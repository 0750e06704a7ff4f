/** Compares the server's clock with the clock of this machine. */
import * as Option from "effect/Option"

/**
 * Returns how many seconds the server's clock is ahead of this machine's clock. Returns `None` if the date is missing or
 * not valid.
 *
 * @param date the header `date` of a response
 * @param now the time of this machine, in milliseconds
 */
export const of = (date: string | undefined, now: number): Option.Option<number> => {
  const seconds = Math.round((Date.parse(date ?? "") - now) / 1000)
  return Number.isSafeInteger(seconds) ? Option.some(seconds) : Option.none()
}
