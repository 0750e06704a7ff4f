/** What a redacted value holds. */
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"

/** The value of a `Redacted`: `undefined` once it was wiped. Whatever is not redacted stays as it is. */
export const revealed = (given: unknown): unknown =>
  Redacted.isRedacted(given)
    ? Option.getOrUndefined(Either.getRight(Either.try((): unknown => Redacted.value(given))))
    : given
