/** Rows as the JSON documents that are stored and later sent. */
import { RowRefused } from "@mammoth-effect/client/IngestError"
import * as Issue from "@mammoth-effect/core/Issue"
import { Json } from "@mammoth-effect/core/Json"
import { maxLength, stringify } from "@mammoth-effect/core/JsonText"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Predicate from "effect/Predicate"
import type * as Schema from "effect/Schema"
import type { NewRow } from "./statements.js"

type Issues = ReadonlyArray<Issue.Issue>

const checkJson = ParseResult.encodeUnknownEither(Json)

/** Text that a database keeps as it is, and an index can hold. */
export const isName = (text: unknown): text is string =>
  Predicate.isString(text) && text !== "" && text.length <= 255 && !/[\p{Cc}\p{Cs}]/u.test(text)

export const nameExpected = "1 to 255 characters, none of them a control character"

/** Encodes rows of a schema, each with its id in a column where one is named. */
export const make = <A, I>(schema: Schema.Schema<A, I>, idColumn: string | undefined) => {
  const encode = ParseResult.encodeUnknownEither(schema, { errors: "all" })
  return (row: A, id: string): Either.Either<string, Issues> =>
    isName(id)
      ? Either.flatMap(Either.mapLeft(Either.flatMap(encode(row), checkJson), Issue.fromParseIssue), (json) =>
          idColumn === undefined ? write(json) : withColumn(json, idColumn, id)
        )
      : Either.left([{ path: ["id"], expected: nameExpected, received: Issue.shape(id) }])
}

const write = (json: unknown): Either.Either<string, Issues> => Either.mapLeft(stringify(json), (issue) => [issue])

const withColumn = (json: unknown, column: string, id: string): Either.Either<string, Issues> => {
  if (!Predicate.isRecord(json) || Array.isArray(json)) {
    return Either.left([
      { path: [], expected: `an object, to hold the id as ${JSON.stringify(column)}`, received: Issue.shape(json) }
    ])
  }
  return Object.hasOwn(json, column) && json[column] !== id
    ? Either.left([
        {
          path: [column],
          expected: "no value, or the row's id, which is written there",
          received: Issue.shape(json[column])
        }
      ])
    : write({ ...json, [column]: id })
}

/** How long a row is at most in the JSON that an insertion is written as, which escapes quotes. */
const longest = ({ id, payload }: NewRow): number => 2 * (id.length + payload.length) + 32

/** Refuses rows that together are longer than the text of one insertion can be. */
export const checkLength = (rows: ReadonlyArray<NewRow>): Either.Either<void, RowRefused> => {
  let length = 0
  const index = rows.findIndex((row) => (length += longest(row)) > maxLength)
  if (index === -1) return Either.right(undefined)
  const characters = rows.reduce((sum, { payload }) => sum + payload.length, 0)
  const expected = `JSON of at most ${maxLength / 2} characters in one call (offer the rows in parts)`
  const received = `${characters} characters in ${rows.length} rows`
  return Either.left(new RowRefused({ index, issues: [{ path: [], expected, received }] }))
}

/** A new id (UUID version 7): ids that are made later sort later, so that an index grows at its end. */
export const newId: Effect.Effect<string> = Effect.map(Clock.currentTimeMillis, (now) => {
  const time = now.toString(16).padStart(12, "0")
  // hexadecimal digits 13 and on, of which the first tells the version
  return `${time.slice(0, 8)}-${time.slice(8, 12)}-7${crypto.randomUUID().slice(15)}`
})
