/** Finds numbers of JSON that a reader in JavaScript has changed. */
import * as Predicate from "effect/Predicate"

/** Does a value hold a number that lost digits when its text was read? Any integer beyond 2^53 may have lost some. */
export const lostDigits = (value: unknown): boolean =>
  Predicate.isNumber(value)
    ? !Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value))
    : Predicate.isObject(value) && Object.values(value).some(lostDigits)
