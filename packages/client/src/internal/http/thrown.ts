/** Reads thrown values safely, because a getter or a proxy can throw when it is read. */
import * as Either from "effect/Either"
import * as Predicate from "effect/Predicate"

/**
 * Returns a property of any value. Returns `undefined` if the property does not exist, or if reading the property
 * throws.
 */
export const property = (thrown: unknown, key: string): unknown =>
  Predicate.isObject(thrown) ? Either.getOrUndefined(Either.try((): unknown => Reflect.get(thrown, key))) : undefined

/** Returns `true` for an instance of a class. Returns `false` for a proxy that throws on the check. */
export const isInstance = <A>(thrown: unknown, of: abstract new (...args: never) => A): thrown is A =>
  Either.getOrElse(
    Either.try(() => thrown instanceof of),
    () => false
  )
