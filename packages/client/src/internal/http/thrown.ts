/** Reads thrown values safely. A getter or a proxy among them may throw in turn. */
import * as Either from "effect/Either"
import * as Predicate from "effect/Predicate"

/** Reads a property of any value. Returns `undefined` if there is none, or if reading throws. */
export const property = (thrown: unknown, key: string): unknown =>
  Predicate.isObject(thrown) ? Either.getOrUndefined(Either.try((): unknown => Reflect.get(thrown, key))) : undefined

/** Is this an error of a class? A proxy that throws when it is asked is not. */
export const isInstance = <A>(thrown: unknown, of: abstract new (...args: never) => A): thrown is A =>
  Either.getOrElse(
    Either.try(() => thrown instanceof of),
    () => false
  )
