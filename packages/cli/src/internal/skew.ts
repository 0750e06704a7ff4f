/** Compares the server's clock with ours. */
import * as Option from "effect/Option"

/**
 * Returns how many seconds the server's clock is ahead of ours, if the server tells its time.
 *
 * @param date the header `date` of a response
 * @param now our time, in milliseconds
 */
export const of = (date: string | undefined, now: number): Option.Option<number> => {
  const seconds = Math.round((Date.parse(date ?? "") - now) / 1000)
  return Number.isSafeInteger(seconds) ? Option.some(seconds) : Option.none()
}
