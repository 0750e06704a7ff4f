/**
 * Lengths of time, as options and variables give them.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import type * as Issue from "./Issue.js"
import { shape } from "./Issue.js"

/**
 * Formats a length of time for a person: its two largest units, so that a message never shows nanoseconds beside days. A
 * time of a millisecond or more is rounded to milliseconds.
 *
 * @example
 * import { Time } from "@mammoth-effect/core"
 *
 * console.log(Time.format("1500 millis")) // 1s 500ms
 * console.log(Time.format(99_999_999_999_999)) // 1157407d 9h
 *
 * @since 0.1.0
 * @category formatting
 */
export const format = (time: Duration.DurationInput): string => {
  const millis = Duration.toMillis(time)
  return Duration.format(millis < 1 ? time : Math.round(millis))
    .split(" ")
    .slice(0, 2)
    .join(" ")
}

/** Reads text, such as that of a variable. Only `Infinity` is no duration with a unit. */
const ofText = (text: string): string | number => (text === "Infinity" ? Number.POSITIVE_INFINITY : text)

/** Was zero meant? `Duration.decode` also yields it for `NaN` and for everything below zero. */
const isZero = (given: unknown): boolean =>
  given === 0 || Duration.isDuration(given) || (Predicate.isString(given) && given.trim().startsWith("0"))

/**
 * Reads a length of time: a `Duration`, milliseconds, or text such as `"10 seconds"`. If that fails, returns an issue
 * at the path.
 *
 * Refuses text that is no duration, and `NaN`, zero and negative times, which `Duration.decode` reads as zero: as
 * limits they would end everything at once. Accepts `Infinity`, which means no limit.
 *
 * - `orZero`: `true` to accept zero, too. Default: `false`.
 *
 * @example
 * import { Issue, Time } from "@mammoth-effect/core"
 * import { Either } from "effect"
 *
 * const timeout = (given: unknown) =>
 *   Either.match(Time.read(["timeout"], given), { onLeft: Issue.format, onRight: Time.format })
 *
 * console.log(timeout("90 seconds")) // 1m 30s
 * // for "90s" it gives: timeout: expected a time above zero, such as "10 seconds", received a string of 3 characters
 *
 * @since 0.1.0
 * @category reading
 */
export const read = (
  path: Issue.Issue["path"],
  given: unknown,
  options?: { readonly orZero?: boolean | undefined }
): Either.Either<Duration.Duration, Issue.Issue> => {
  const orZero = options?.orZero === true
  const time = Duration.decodeUnknown(Predicate.isString(given) ? ofText(given.trim()) : given)
  if (Option.isSome(time) && (Duration.greaterThan(time.value, Duration.zero) || (orZero && isZero(given)))) {
    return Either.right(time.value)
  }
  return Either.left({
    path,
    expected: `a time ${orZero ? "from" : "above"} zero, such as "10 seconds"${Predicate.isString(given) ? "" : " or 10_000 (milliseconds)"}`,
    received: Duration.isDuration(given) ? format(given) : shape(given)
  })
}

/**
 * Reads an optional limit: `undefined` and an infinite time both mean no limit. Everything else is as in {@link read}.
 *
 * @example
 * import { Time } from "@mammoth-effect/core"
 * import { Either, Option } from "effect"
 *
 * const isLimited = (given: unknown) => Either.map(Time.limit(["deadline"], given), Option.isSome)
 *
 * console.log(isLimited(Infinity)) // { _id: "Either", _tag: "Right", right: false }
 *
 * @since 0.1.0
 * @category reading
 */
export const limit = (
  path: Issue.Issue["path"],
  given: unknown
): Either.Either<Option.Option<Duration.Duration>, Issue.Issue> =>
  given === undefined
    ? Either.right(Option.none())
    : Either.map(read(path, given), Option.liftPredicate(Duration.isFinite))
