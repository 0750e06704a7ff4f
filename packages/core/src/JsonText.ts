/**
 * Writes values as JSON strings, which have a maximum length.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Predicate from "effect/Predicate"
import * as Issue from "./Issue.js"

/**
 * The maximum length of a JSON string, in characters. V8, the engine of Node, Deno and Chrome, has this limit.
 *
 * @since 0.1.0
 * @category constants
 */
export const maxLength: number = 2 ** 29 - 24

/**
 * Makes an issue for a value whose JSON is too long for one string. Pass the length in characters, or `undefined` if
 * the length is not known.
 *
 * @example
 * import { Issue, JsonText } from "@mammoth-effect/core"
 *
 * console.log(Issue.formatAll(JsonText.tooLong(600_000_000)))
 * // expected JSON of at most 536870888 characters, the longest string that JavaScript supports (send it in parts), received 600000000 characters
 *
 * @since 0.1.0
 * @category constructors
 */
export const tooLong = (characters: number | undefined): Issue.Issues => ({
  issues: [
    {
      path: [],
      expected: `JSON of at most ${maxLength} characters, the longest string that JavaScript supports (send it in parts)`,
      received: characters === undefined ? "a value whose JSON is longer" : `${characters} characters`
    }
  ],
  omitted: 0
})

const noJson = (value: unknown): Issue.Issues => ({
  issues: [{ path: [], expected: "a value that JSON can write", received: Issue.shape(value) }],
  omitted: 0
})

/** Returns true for an error with which V8, JavaScriptCore or SpiderMonkey refuses a string that is too long. */
const isLength = (thrown: unknown): boolean =>
  Predicate.hasProperty(thrown, "message")
  && /^(Invalid string length|Out of memory|allocation size overflow)/.test(String(thrown.message))

/**
 * Returns true if the engine threw this value because a string became too long. Accepts any value. Returns false if
 * reading the value throws.
 *
 * @example
 * import { JsonText } from "@mammoth-effect/core"
 *
 * console.log(JsonText.isTooLong(new RangeError("Invalid string length"))) // true
 * console.log(JsonText.isTooLong(new TypeError("cyclic structure"))) // false
 *
 * @since 0.1.0
 * @category guards
 */
export const isTooLong = (thrown: unknown): boolean =>
  Either.getOrElse(
    Either.try(() => isLength(thrown)),
    () => false
  )

/**
 * Makes an issue for an error that `JSON.stringify` threw. Leaves out the error's message, because it may quote a row.
 */
const threw = (thrown: unknown): Issue.Issues => {
  if (isTooLong(thrown)) return tooLong(undefined)
  const received = "a value that throws while it is written (check its toJSON and its getters)"
  return { issues: [{ path: [], expected: "a value that JSON can write", received }], omitted: 0 }
}

/**
 * Writes a value as a JSON string, and never throws. Returns an issue in these cases:
 *
 * - the JSON is too long for one string;
 * - the value's `toJSON` or a getter throws;
 * - JSON has no form for the value, such as `undefined`.
 *
 * @example
 * import { JsonText } from "@mammoth-effect/core"
 * import { Either } from "effect"
 *
 * console.log(Either.getOrThrow(JsonText.stringify({ total: 9.5 }))) // {"total":9.5}
 *
 * @since 0.1.0
 * @category encoding
 */
export const stringify = (value: unknown): Either.Either<string, Issue.Issues> =>
  Either.flatMap(Either.try({ try: (): string | undefined => JSON.stringify(value), catch: threw }), (text) =>
    text === undefined ? Either.left(noJson(value)) : Either.right(text)
  )
