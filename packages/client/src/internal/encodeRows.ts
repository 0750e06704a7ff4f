/** Rows as JSON, each encoded once. */
import * as Issue from "@mammoth-effect/core/Issue"
import * as Either from "effect/Either"
import { identity } from "effect/Function"
import * as ParseResult from "effect/ParseResult"
import type * as Schema from "effect/Schema"
import { checkJson, makeWriter } from "./writer.js"

/** Encodes rows of a schema; what JSON would change or drop in silence is an issue, as is what the schema refuses. */
export const makeEncode = <A, I>(
  schema: Schema.Schema<A, I>
): ((row: A) => Either.Either<string, ReadonlyArray<Issue.Issue>>) => {
  const write = makeWriter(schema.ast)
  const encode = ParseResult.encodeUnknownEither(schema, { errors: "all" })
  const encodeRow = (row: A): Either.Either<string, ReadonlyArray<Issue.Issue>> => {
    const written = write(row)
    return written !== undefined
      ? Either.right(written)
      : Either.mapBoth(Either.flatMap(encode(row), checkJson), {
          onLeft: Issue.fromParseIssue,
          onRight: (json) => JSON.stringify(json)
        })
  }
  return (row) =>
    Either.try({
      try: () => encodeRow(row),
      catch: () => [{ path: [], expected: "a row that its schema can encode", received: "one on which it throws" }]
    }).pipe(Either.flatMap(identity))
}

/** An array of rows that are encoded. */
export const joinRows = (rows: ReadonlyArray<string>): string => `[${rows.join(",")}]`

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
