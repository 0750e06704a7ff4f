/**
 * Checks the arguments of programs without types. A value of a wrong kind is an issue, and so is an unknown property.
 * For an unknown property, the issue names the property that was probably meant.
 */
import * as Issue from "@mammoth-effect/core/Issue"
import * as Either from "effect/Either"
import * as Predicate from "effect/Predicate"

/** A kind of value, such as a callback or an object of options. */
export interface Kind {
  /** Describes the values of this kind. */
  readonly expected: string
  readonly holds: (given: unknown) => boolean
  /** The properties that an object of this kind may have. Default: any properties. */
  readonly properties?: Kinds | undefined
  /** The code to write instead, if this is the kind of a property that does not exist. */
  readonly instead?: string | undefined
}

/** The kinds of properties, by name. */
export type Kinds = Readonly<Record<string, Kind>>

/**
 * The kinds of all properties of `A`. The record may also contain names that programs use by mistake: {@link instead}
 * makes the kinds of these names.
 */
export type Of<A> = { readonly [Name in keyof Required<A>]: Kind } & Kinds

/** The kind of a value that is checked later, where it is read. */
export const anything: Kind = { expected: "", holds: () => true }

export const callback: Kind = { expected: "a function", holds: Predicate.isFunction }

export const flag: Kind = { expected: "true or false", holds: Predicate.isBoolean }

/**
 * Makes the kind of a property that does not exist, but that programs often pass by mistake. `words` is the code to
 * write instead.
 */
export const instead = (words: string): Kind => ({ expected: "", holds: () => false, instead: words })

/** Makes the kind of an object that has only these properties. */
export const object = (expected: string, properties: Kinds): Kind => ({
  expected,
  holds: Predicate.isRecord,
  properties
})

/** Describes an unknown property: names the property that was probably meant, or lists all properties. */
const noSuch = (name: string, properties: Kinds): string => {
  const meant = Issue.nearest(name, Object.keys(properties))
  const names = Object.keys(properties).filter((each) => properties[each]?.instead === undefined)
  return meant === undefined
    ? `no property with this name (use one of ${names.join(", ")})`
    : `no property with this name (did you mean ${properties[meant]?.instead ?? meant}?)`
}

const search = (
  { expected, holds, properties }: Kind,
  path: Issue.Issue["path"],
  given: unknown
): Issue.Issue | undefined => {
  if (!holds(given)) return { path, expected, received: Issue.shape(given) }
  if (properties === undefined || !Predicate.isRecord(given)) return undefined
  for (const name of Object.keys(given)) {
    const kind = Object.hasOwn(properties, name) ? properties[name] : undefined
    const value = kind === anything ? undefined : given[name]
    // Skip a property that is `undefined`, because it counts as left out.
    if (value === undefined) continue
    const found =
      kind === undefined || kind.instead !== undefined
        ? { path: [...path, name], expected: noSuch(name, properties), received: Issue.shape(value) }
        : search(kind, [...path, name], value)
    if (found !== undefined) return found
  }
  return undefined
}

/** Returns the issue of the first value of a wrong kind, or of the first property that does not exist. */
export const find = (kind: Kind, path: Issue.Issue["path"], given: unknown): Issue.Issue | undefined =>
  Either.getOrElse(
    Either.try(() => search(kind, path, given)),
    // Report an object that cannot be read because a getter or a proxy throws.
    () => ({ path, expected: "an object that can be read", received: Issue.shape(given) })
  )
