/**
 * Checks options that no compiler has checked. Finds unknown names, and values that would fail later with a less clear
 * message.
 */
import { isAbortSignal } from "@mammoth-effect/client/PromiseRuntime"
import { type Issue, nearest, shape, shorten } from "@mammoth-effect/core/Issue"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"
import { InvalidOptions } from "../../OutboxError.js"

/** The names of valid options. If an option holds further options, its value here lists their names. */
export interface Names {
  readonly [name: string]: true | Names
}

type Path = Issue["path"]

/** Names that programs pass by mistake. Each value describes what to pass instead. */
export interface Mistakes {
  readonly [name: string]: string
}

/** Returns a message that suggests `name` as the correct name of an unknown option. */
const didYouMean = (name: string): string => `no option with this name (did you mean ${name}?)`

/** Finds unknown options, at every level. */
export const ofNames = (given: unknown, names: Names, path: Path, mistakes: Mistakes = {}): ReadonlyArray<Issue> => {
  if (!Predicate.isRecord(given)) {
    return [{ path, expected: `an object with the options ${Object.keys(names).join(", ")}`, received: shape(given) }]
  }
  return Object.entries(given).flatMap(([name, value]) => {
    const known = Object.hasOwn(names, name) ? names[name] : undefined
    if (known === undefined) {
      const meant = nearest(name, Object.keys(names))
      const expected =
        (Object.hasOwn(mistakes, name) ? mistakes[name] : undefined)
        ?? (meant === undefined ? `one of the options ${Object.keys(names).join(", ")}` : didYouMean(meant))
      return [{ path: [...path, name], expected, received: "an option that does not exist" }]
    }
    return known === true || value === undefined ? [] : ofNames(value, known, [...path, name])
  })
}

/** Names that programs use by mistake for the options `sqlite` and `postgres`. Each value is the right name. */
const databaseNames: Mistakes = {
  file: "sqlite",
  filename: "sqlite",
  path: "sqlite",
  connectionString: "postgres",
  url: "postgres"
}

/** Describes a value that was passed as a database. Lists the names of an object's properties. */
const describe = (given: unknown): string =>
  Predicate.isRecord(given) && Object.keys(given).length > 0
    ? `an object with the keys ${shorten(Object.keys(given).join(", "), 100)}`
    : shape(given)

/**
 * Returns the issues of a database value that has neither `sqlite` nor `postgres`. Suggests the right name if an option
 * has a misspelled name, or one of the names in `databaseNames`.
 */
export const ofNeither = (given: unknown): ReadonlyArray<Issue> => {
  const names = Predicate.isRecord(given) ? Object.keys(given) : []
  const issues = names.flatMap((name) => {
    const meant = Object.hasOwn(databaseNames, name) ? databaseNames[name] : nearest(name, ["sqlite", "postgres"])
    return meant === undefined
      ? []
      : [{ path: [name], expected: didYouMean(meant), received: "an option that does not exist" }]
  })
  const expected =
    '{ sqlite: "outbox.db" } or { postgres: "postgres://…" } (the outbox opens its own connection, so pass a path or a URL)'
  return issues.length > 0 ? issues : [{ path: ["database"], expected, received: describe(given) }]
}

/** Returns the value inside a `Redacted`. Returns any other value unchanged. */
const textOf = (given: unknown): unknown => (Redacted.isRedacted(given) ? Redacted.value(given) : given)

/** Checks the URL of a Postgres database. Never shows the URL, because it holds a password. */
export const ofUrl = (given: unknown): ReadonlyArray<Issue> => {
  const text = textOf(given)
  return Predicate.isString(text) && /^postgres(ql)?:\/\//i.test(text) && URL.canParse(text)
    ? []
    : [{ path: ["postgres"], expected: "a URL such as postgres://user@host/database", received: shape(text) }]
}

/** Checks a webhook, or the value that a function returned as a webhook. */
export const ofWebhook = (given: unknown): ReadonlyArray<Issue> => {
  if (!Predicate.isRecord(given) || !Redacted.isRedacted(given["uri"])) {
    const expected =
      "a webhook in mode combine, such as the result of the function ensure, or a function that returns a webhook (call "
      + "assumeCombine to make a webhook from a uri or key)"
    return [{ path: ["webhook"], expected, received: shape(given) }]
  }
  const uri = textOf(given["uri"])
  return Predicate.isString(uri) && uri.trim() !== ""
    ? []
    : [{ path: ["webhook", "uri"], expected: "the webhook's uri or key", received: shape(uri) }]
}

/** Checks that an option is a non-empty string. */
export const ofText = (given: unknown, name: string): ReadonlyArray<Issue> =>
  Predicate.isString(given) && given !== ""
    ? []
    : [{ path: [name], expected: "a non-empty string", received: shape(given) }]

/** Checks that an option is an integer of 1 or more, if the option is given. */
export const ofCount = (given: unknown, name: string): ReadonlyArray<Issue> =>
  given === undefined || (Predicate.isNumber(given) && Number.isSafeInteger(given) && given >= 1)
    ? []
    : [{ path: [name], expected: "an integer of 1 or more", received: shape(given) }]

/** Checks that an option is a function, if the option is given. */
export const ofFunction = (given: unknown, name: string): ReadonlyArray<Issue> =>
  given === undefined || Predicate.isFunction(given)
    ? []
    : [{ path: [name], expected: "a function", received: shape(given) }]

/** Checks that ids are iterable, if they are given. Refuses a string, because each of its characters would be an id. */
export const ofIds = (given: unknown): ReadonlyArray<Issue> =>
  given === undefined || (Predicate.isIterable(given) && !Predicate.isString(given))
    ? []
    : [{ path: ["ids"], expected: "an array or another iterable of ids", received: shape(given) }]

/**
 * Checks the options of `drain`. Refuses a signal that was passed instead of the options, because `drain` would ignore
 * that signal.
 */
export const ofDrain = (given: unknown, names: Names): ReadonlyArray<Issue> => {
  if (isAbortSignal(given))
    return [{ path: ["options"], expected: "an object such as { signal }", received: "an AbortSignal" }]
  const issues = ofNames(given, names, ["options"])
  const signal = Predicate.hasProperty(given, "signal") ? given.signal : undefined
  // Treat `null` as a missing signal, as `fetch` does.
  return signal === undefined || signal === null || isAbortSignal(signal)
    ? issues
    : [...issues, { path: ["options", "signal"], expected: "an AbortSignal", received: shape(signal) }]
}

/** The issue to report if a program calls `start` a second time. */
export const secondStart: Issue = {
  path: ["start"],
  expected: "one call (set the option concurrency for more requests in flight)",
  received: "a second call: the worker runs until you call close"
}

/** Fails with `InvalidOptions` if there is at least one issue. */
export const pass = (issues: ReadonlyArray<Issue>): Effect.Effect<void, InvalidOptions> =>
  issues.length === 0 ? Effect.void : new InvalidOptions({ issues })

/**
 * Fails with `InvalidOptions` if there is at least one issue. Otherwise runs the effect that `then` returns. Calls
 * `then` only after the check, because `then` can throw on wrong arguments.
 */
export const before = <A, E, R>(
  issues: () => ReadonlyArray<Issue>,
  then: () => Effect.Effect<A, E, R>
): Effect.Effect<A, E | InvalidOptions, R> =>
  Effect.flatMap(
    Effect.suspend(() => pass(issues())),
    then
  )
