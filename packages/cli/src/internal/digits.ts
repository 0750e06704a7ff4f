/** Finds numbers that lost digits when JavaScript parsed them from JSON. */
import * as Predicate from "effect/Predicate"

/**
 * Returns true if a value contains a number that may have lost digits when it was parsed: an integer beyond 2^53, or
 * infinity.
 */
export const lostDigits = (value: unknown): boolean =>
  Predicate.isNumber(value)
    ? !Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value))
    : Predicate.isObject(value) && Object.values(value).some(lostDigits)
