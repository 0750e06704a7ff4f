/** Checks what programs without types give: the names of options, and values that would fail later and less clearly. */
import { type Issue, nearest, shape } from "@mammoth-effect/core/Issue"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"
import { InvalidOptions } from "../../OutboxError.js"

/** The names of options. Those that hold options themselves have their names in place of `true`. */
export interface Names {
  readonly [name: string]: true | Names
}

type Path = Issue["path"]

/** Finds options that do not exist, at every level. */
export const ofNames = (given: unknown, names: Names, path: Path): ReadonlyArray<Issue> => {
  if (!Predicate.isRecord(given)) {
    return [{ path, expected: `an object with the options ${Object.keys(names).join(", ")}`, received: shape(given) }]
  }
  return Object.entries(given).flatMap(([name, value]) => {
    const known = Object.hasOwn(names, name) ? names[name] : undefined
    if (known === undefined) {
      const meant = nearest(name, Object.keys(names))
      const expected =
        meant === undefined
          ? `one of the options ${Object.keys(names).join(", ")}`
          : `no option of this name (did you mean ${meant}?)`
      return [{ path: [...path, name], expected, received: "an option that does not exist" }]
    }
    return known === true || value === undefined ? [] : ofNames(value, known, [...path, name])
  })
}

/** Reads the text of a secret, or of what a program without types gives in its place. */
const textOf = (given: unknown): unknown => (Redacted.isRedacted(given) ? Redacted.value(given) : given)

/** Finds what is wrong with the URL of a Postgres database, which holds a password and is never shown. */
export const ofUrl = (given: unknown): ReadonlyArray<Issue> => {
  const text = textOf(given)
  return Predicate.isString(text) && /^postgres(ql)?:\/\//i.test(text) && URL.canParse(text)
    ? []
    : [{ path: ["postgres"], expected: "a URL such as postgres://user@host/database", received: shape(text) }]
}

/** Finds what is wrong with a webhook, or with what a function returned as one. */
export const ofWebhook = (given: unknown): ReadonlyArray<Issue> => {
  if (!Predicate.isRecord(given) || !Redacted.isRedacted(given["uri"])) {
    const expected =
      "a webhook in mode combine, such as ensure returns, or a function that returns one (make one of a uri or key "
      + "with assumeCombine)"
    return [{ path: ["webhook"], expected, received: shape(given) }]
  }
  const uri = textOf(given["uri"])
  return Predicate.isString(uri) && uri.trim() !== ""
    ? []
    : [{ path: ["webhook", "uri"], expected: "the webhook's uri or key", received: shape(uri) }]
}

/** Finds an option that is no text, or an empty one. */
export const ofText = (given: unknown, name: string): ReadonlyArray<Issue> =>
  Predicate.isString(given) && given !== "" ? [] : [{ path: [name], expected: "a text", received: shape(given) }]

/** Finds an option that is no number from 1. */
export const ofCount = (given: unknown, name: string): ReadonlyArray<Issue> =>
  given === undefined || (Predicate.isNumber(given) && Number.isSafeInteger(given) && given >= 1)
    ? []
    : [{ path: [name], expected: "an integer from 1", received: shape(given) }]

/** Finds an option that is no function. */
export const ofFunction = (given: unknown, name: string): ReadonlyArray<Issue> =>
  given === undefined || Predicate.isFunction(given)
    ? []
    : [{ path: [name], expected: "a function", received: shape(given) }]

/** Finds ids that are no list. The characters of a text would be taken for ids. */
export const ofIds = (given: unknown): ReadonlyArray<Issue> =>
  given === undefined || (Predicate.isIterable(given) && !Predicate.isString(given))
    ? []
    : [{ path: ["ids"], expected: "an array or another iterable of ids", received: shape(given) }]

/** The issue of a second call of `start`. */
export const secondStart: Issue = {
  path: ["start"],
  expected: "one call (set concurrency for more requests in flight)",
  received: "another: the worker runs until close"
}

/** Fails if there is any issue. */
export const pass = (issues: ReadonlyArray<Issue>): Effect.Effect<void, InvalidOptions> =>
  issues.length === 0 ? Effect.void : new InvalidOptions({ issues })
