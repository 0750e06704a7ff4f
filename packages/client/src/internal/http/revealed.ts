/** Reads redacted values. */
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"

/** Returns the value of a `Redacted`, or `undefined` if the value was wiped. Returns any other value unchanged. */
export const revealed = (given: unknown): unknown =>
  Redacted.isRedacted(given)
    ? Option.getOrUndefined(Either.getRight(Either.try((): unknown => Redacted.value(given))))
    : given
