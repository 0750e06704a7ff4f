/**
 * Reads lengths of time from options and environment variables, and formats them for people.
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
 * Formats a length of time for people. Shows only the two largest units, so that no message shows days together with
 * nanoseconds. A time of a millisecond or more is rounded to milliseconds.
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

/** Converts the string `Infinity` to a number, because `Duration.decode` refuses a string without a unit. */
const ofText = (text: string): string | number => (text === "Infinity" ? Number.POSITIVE_INFINITY : text)

/**
 * Returns true if the caller gave zero. The decoded time does not show this: `Duration.decode` also returns zero for
 * `NaN` and for negative times.
 */
const isZero = (given: unknown): boolean =>
  given === 0 || Duration.isDuration(given) || (Predicate.isString(given) && given.trim().startsWith("0"))

/**
 * Reads a length of time: a `Duration`, milliseconds, or a string such as `"10 seconds"`. Returns an issue at the path
 * if the value is none of these.
 *
 * Refuses `NaN`, zero and negative times. `Duration.decode` reads all of them as zero, and a limit of zero would end
 * every call immediately. Accepts `Infinity`, which means no limit.
 *
 * - `orZero`: If `true`, also accepts zero. Default: `false`.
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
    expected: `a time ${orZero ? "of zero or more" : "above zero"}, such as "10 seconds"${Predicate.isString(given) ? "" : " or 10_000 (milliseconds)"}`,
    received: Duration.isDuration(given) ? format(given) : shape(given)
  })
}

/**
 * Reads an optional time limit. Returns `None`, which means no limit, for `undefined` and for an infinite time. Reads
 * any other value as {@link read} does.
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
