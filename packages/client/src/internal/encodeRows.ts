/** Rows as JSON in UTF-8, each encoded once. */
import * as Issue from "@mammoth-effect/core/Issue"
import { Json } from "@mammoth-effect/core/Json"
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import type * as Schema from "effect/Schema"

const checkJson = ParseResult.encodeUnknownEither(Json)

/** Encodes rows of a schema; what JSON would change or drop in silence is an issue, as is what the schema refuses. */
export const makeEncode = <A, I>(
  schema: Schema.Schema<A, I>
): ((row: A) => Either.Either<Uint8Array, ReadonlyArray<Issue.Issue>>) => {
  const encoder = new TextEncoder()
  const encode = ParseResult.encodeUnknownEither(schema, { errors: "all" })
  return (row) =>
    Either.mapBoth(Either.flatMap(encode(row), checkJson), {
      onLeft: Issue.fromParseIssue,
      onRight: (json) => encoder.encode(JSON.stringify(json))
    })
}

const [open, comma, close] = [0x5b, 0x2c, 0x5d]

/** An array of rows that are encoded. */
export const joinRows = (rows: ReadonlyArray<Uint8Array>): Uint8Array => {
  // a comma or bracket after each row, and the bracket before them
  const joined = new Uint8Array(rows.reduce((sum, row) => sum + row.length + 1, rows.length === 0 ? 2 : 1))
  let at = 0
  joined[at++] = open
  rows.forEach((row, i) => {
    if (i > 0) joined[at++] = comma
    joined.set(row, at)
    at += row.length
  })
  joined[at] = close
  return joined
}
