/** Encodes rows as the JSON documents that are stored and later sent. */
import { RowRefused } from "@mammoth-effect/client/IngestError"
import * as Issue from "@mammoth-effect/core/Issue"
import { maxLength } from "@mammoth-effect/core/JsonText"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Predicate from "effect/Predicate"
import type { NewRow } from "../../OutboxStoreService.js"

const only = (issue: Issue.Issue): Issue.Issues => ({ issues: [issue], omitted: 0 })

/** Returns true for a string that every database stores unchanged, and that fits into an index. */
export const isName = (text: unknown): text is string =>
  Predicate.isString(text) && text !== "" && text.length <= 255 && !/[\p{Cc}\p{Cs}]/u.test(text)

export const nameExpected = "a string of 1 to 255 characters, without control characters or lone surrogates"

/** Checks the id of an encoded row. If `column` is given, adds the id to the row's JSON under the key `column`. */
export const withId = (
  written: string,
  id: unknown,
  column: string | undefined
): Either.Either<NewRow, Issue.Issues> => {
  if (!isName(id)) return Either.left(only({ path: ["id"], expected: nameExpected, received: Issue.shape(id) }))
  return column === undefined
    ? Either.right({ id, payload: written })
    : Either.map(withColumn(written, column, id), (payload) => ({ id, payload }))
}

/**
 * Adds the id to the JSON of a row, under the key `column`. Changes the JSON and not the row, because the JSON already
 * holds the results of all `toJSON` methods.
 */
const withColumn = (written: string, column: string, id: string): Either.Either<string, Issue.Issues> => {
  const row: unknown = JSON.parse(written)
  if (!Predicate.isRecord(row)) {
    return Either.left(
      only({
        path: [],
        expected: `an object, because the outbox adds the id as ${JSON.stringify(column)}`,
        received: Issue.shape(row)
      })
    )
  }
  if (!Object.hasOwn(row, column)) {
    const last = `${JSON.stringify(column)}:${JSON.stringify(id)}}`
    return Either.right(written === "{}" ? `{${last}` : `${written.slice(0, -1)},${last}`)
  }
  return row[column] === id
    ? Either.right(written)
    : Either.left(
        only({
          path: [column],
          expected: "no value, or the row's id",
          received: Issue.shape(row[column])
        })
      )
}

/**
 * Returns the maximum number of characters that a row can add to the statement's JSON. Escaping can double the row's
 * length.
 */
const longest = ({ id, payload }: NewRow): number => 2 * (id.length + payload.length) + 32

/** Refuses rows that together are too long for the JSON of one statement. */
export const checkLength = (rows: ReadonlyArray<NewRow>): Either.Either<void, RowRefused> => {
  let length = 0
  const index = rows.findIndex((row) => (length += longest(row)) > maxLength)
  if (index === -1) return Either.right(undefined)
  const characters = rows.reduce((sum, { payload }) => sum + payload.length, 0)
  const expected = `JSON of at most ${maxLength / 2} characters in one call (offer the rows in parts)`
  const received = `${characters} characters in ${rows.length} rows`
  return Either.left(new RowRefused({ index, ...only({ path: [], expected, received }) }))
}

/** Makes a new id (UUID version 7). Later ids sort after earlier ids, so an index grows at its end. */
export const newId: Effect.Effect<string> = Effect.map(Clock.currentTimeMillis, (now) => {
  const time = now.toString(16).padStart(12, "0")
  // Append the version digit 7, and the last part of a random UUID.
  return `${time.slice(0, 8)}-${time.slice(8, 12)}-7${crypto.randomUUID().slice(15)}`
})
