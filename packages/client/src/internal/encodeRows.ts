/** Rows as JSON, each encoded once. */
import * as Issue from "@mammoth-effect/core/Issue"
import * as JsonText from "@mammoth-effect/core/JsonText"
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import type * as Schema from "effect/Schema"
import { checkJson, makeWriter } from "./writer.js"

/** Encodes rows of a schema. */
export interface Encoder<A> {
  /**
   * The JSON of a row, or what is wrong with it. What JSON would change or drop in silence is wrong, as is what the schema
   * refuses.
   */
  readonly row: (row: A) => string | ReadonlyArray<Issue.Issue>
  /** How many bytes the JSON of the row that was encoded last has in UTF-8. */
  readonly byteLength: (json: string) => number
}

/** Makes the encoder of a schema. */
export const makeEncoder = <A, I>(schema: Schema.Schema<A, I>): Encoder<A> => {
  const writer = makeWriter(schema.ast)
  const encode = ParseResult.encodeUnknownEither(schema, { errors: "all" })
  let isAscii = false
  const encodeSlowly = (row: A): string | ReadonlyArray<Issue.Issue> =>
    Either.match(Either.flatMap(encode(row), checkJson), {
      onLeft: Issue.fromParseIssue,
      onRight: (json) => Either.getOrElse(JsonText.stringify(json), (issue) => [issue])
    })
  return {
    row: (row) => {
      const json = writer.write(row)
      isAscii = json !== undefined && writer.isAscii()
      return json ?? encodeSlowly(row)
    },
    byteLength: (json) => (isAscii ? json.length : byteLength(json))
  }
}

/** What is said of a row on which the schema's own functions throw, or whose JSON is too long. */
export const threw: Issue.Issue = {
  path: [],
  expected: `a row that its schema can encode, as JSON of at most ${JsonText.maxLength} characters`,
  received: "one on which it throws"
}

/** An array of rows that are encoded, unless it would be longer than a string can be. */
export const joinRows = (rows: ReadonlyArray<string>): Either.Either<string, Issue.Issue> =>
  Either.try({
    try: () => `[${rows.join(",")}]`,
    catch: () => JsonText.tooLong(rows.reduce((length, row) => length + row.length + 1, 1))
  })

/** How many bytes a text has in UTF-8. */
export const byteLength = (text: string): number => {
  let bytes = text.length
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x80) continue
    bytes += unit < 0x800 ? 1 : 2
    // the second half of a pair, whose two units are four bytes
    if (unit >= 0xd800 && unit < 0xdc00) i++
  }
  return bytes
}
