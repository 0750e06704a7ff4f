/** Reads plain options. Checks their names, because programs without types may misspell them. */
import * as Issue from "@mammoth-effect/core/Issue"
import * as Either from "effect/Either"
import * as Predicate from "effect/Predicate"
import { InvalidArgument } from "./errors.js"

type FunctionName = InvalidArgument["function"]

export const refuse = (name: FunctionName, reason: string): Either.Either<never, InvalidArgument> =>
  Either.left(new InvalidArgument({ function: name, reason }))

/** Reads a value as an object of options. Leaves out options that are `undefined`. */
export const record = (
  name: FunctionName,
  given: unknown
): Either.Either<Readonly<Record<string, unknown>>, InvalidArgument> =>
  Predicate.isRecord(given)
    ? Either.right(Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)))
    : refuse(name, Issue.format({ path: [], expected: "an object of options", received: Issue.shape(given) }))

/** Quotes and shortens a word of the caller for a message. */
export const shown = (word: string): string => JSON.stringify(Issue.shorten(word, 50))

/** Returns a hint such as ` (did you mean times?)`, or an empty string if no known name is similar. */
export const hint = (word: string, known: ReadonlyArray<string>): string => {
  const meant = Issue.nearest(word, known)
  return meant === undefined ? "" : ` (did you mean ${meant}?)`
}

/** Refuses an unknown option, and suggests the option that was probably meant. `whose` describes the known options. */
export const checkNames = (
  name: FunctionName,
  given: object,
  known: ReadonlyArray<string>,
  whose: string
): Either.Either<void, InvalidArgument> => {
  const unknown = Object.keys(given).find((option) => !known.includes(option))
  return unknown === undefined
    ? Either.void
    : refuse(name, `unknown option ${shown(unknown)}${hint(unknown, known)}; ${whose} are ${known.join(", ")}`)
}

/** Makes the error with which the function `name` refuses its options. The issues describe the wrong options. */
export const toError =
  (name: FunctionName) =>
  (issues: Issue.Issues): InvalidArgument =>
    new InvalidArgument({ function: name, reason: Issue.formatAll(issues) })
