/**
 * JSON values as text, which has a greatest length.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Issue from "./Issue.js"

/**
 * The most characters that a text of JSON can have: what V8, the engine of Node, Deno and Chrome, can hold as one string.
 *
 * @since 0.1.0
 * @category constants
 */
export const maxLength: number = 2 ** 29 - 24

/** @internal */
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

/**
 * Writes a value as JSON text. A value whose text would be longer than a string can be is an
 * issue, where `JSON.stringify` throws. So is a value without JSON, such as `undefined`.
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
  Either.flatMap(
    Either.try({ try: (): string | undefined => JSON.stringify(value), catch: () => tooLong(undefined) }),
    (text) => (text === undefined ? Either.left(noJson(value)) : Either.right(text))
  )
