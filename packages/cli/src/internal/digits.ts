/** Finds numbers that lost digits when JavaScript parsed them from JSON. */
import * as Predicate from "effect/Predicate"

/** Returns true if a value holds a number that may have lost digits in parsing: an integer beyond 2^53, or infinity. */
export const lostDigits = (value: unknown): boolean =>
  Predicate.isNumber(value)
    ? !Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value))
    : Predicate.isObject(value) && Object.values(value).some(lostDigits)
