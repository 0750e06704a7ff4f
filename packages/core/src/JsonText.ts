/**
 * JSON values as text, which has a maximum length.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Predicate from "effect/Predicate"
import * as Issue from "./Issue.js"

/**
 * The most characters that a text of JSON can have. V8, the engine of Node, Deno and Chrome, holds no more in one
 * string.
 *
 * @since 0.1.0
 * @category constants
 */
export const maxLength: number = 2 ** 29 - 24

/**
 * Makes the issue that the JSON of a value is longer than a text can be, with its length in characters if that is
 * known.
 *
 * @example
 * import { Issue, JsonText } from "@mammoth-effect/core"
 *
 * console.log(Issue.formatAll(JsonText.tooLong(600_000_000)))
 * // expected JSON of at most 536870888 characters, the longest text that JavaScript holds (send it in parts), received 600000000 characters
 *
 * @since 0.1.0
 * @category constructors
 */
export const tooLong = (characters: number | undefined): Issue.Issues => ({
  issues: [
    {
      path: [],
      expected: `JSON of at most ${maxLength} characters, the longest text that JavaScript holds (send it in parts)`,
      received: characters === undefined ? "a value whose JSON is longer" : `${characters} characters`
    }
  ],
  omitted: 0
})

const noJson = (value: unknown): Issue.Issues => ({
  issues: [{ path: [], expected: "a value that JSON can write", received: Issue.shape(value) }],
  omitted: 0
})

/** Matches the messages of all engines. */
const isLength = (thrown: unknown): boolean =>
  Predicate.hasProperty(thrown, "message")
  && /^(Invalid string length|Out of memory|allocation size overflow)/.test(String(thrown.message))

/**
 * Did the engine throw this because a text became too long? Accepts any value: a thrown value may itself throw when it
 * is read.
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
 * Distinguishes text that is too long from a value that throws. Leaves out the thrown error, because it may quote a
 * row.
 */
const threw = (thrown: unknown): Issue.Issues => {
  if (isTooLong(thrown)) return tooLong(undefined)
  const received = "a value that throws while it is written (check its toJSON and its getters)"
  return { issues: [{ path: [], expected: "a value that JSON can write", received }], omitted: 0 }
}

/**
 * Writes a value as JSON text. If the text would be longer than a string can be, returns an issue, while
 * `JSON.stringify` throws. Also returns an issue for a value whose `toJSON` or getter throws, and for a value without
 * JSON, such as `undefined`.
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
