/** Encodes rows as JSON, each once. */
import * as Issue from "@mammoth-effect/core/Issue"
import * as Json from "@mammoth-effect/core/Json"
import * as JsonText from "@mammoth-effect/core/JsonText"
import * as Operations from "@mammoth-effect/core/Operations"
import { InvalidRequest } from "@mammoth-effect/core/WebhooksError"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Predicate from "effect/Predicate"
import type * as Schema from "effect/Schema"
import * as EventLoop from "../../EventLoop.js"
import { lineOf } from "../../FileRow.js"
import { RowRefused } from "../../IngestError.js"
import { identify } from "../http/call.js"
import { makeWriter } from "./writer.js"

/** Encodes rows of a schema. */
export interface Encoder<A> {
  /**
   * Returns the JSON of a row, or issues. Values that JSON would change or drop in silence are issues, and so are
   * values that the schema refuses.
   */
  readonly row: (row: A) => string | Issue.Issues
  /** Returns the length in UTF-8, in bytes, of the JSON of the row that was encoded last. */
  readonly byteLength: (json: string) => number
}

/** Makes the encoder of a schema. */
export const makeEncoder = <A, I>(schema: Schema.Schema<A, I>): Encoder<A> => {
  const writer = makeWriter(schema.ast)
  const encodeSlowly = Json.makeEncoder(schema)
  let isAscii = false
  return {
    row: (row) => {
      const json = writer.write(row)
      isAscii = json !== undefined && writer.isAscii()
      return json ?? Either.merge(encodeSlowly(row))
    },
    byteLength: (json) => (isAscii ? json.length : byteLength(json))
  }
}

/** Makes the issues of a row whose encoding throws: its JSON is too long, or a function of the row or schema fails. */
export const threw = (thrown: unknown): Issue.Issues => {
  if (JsonText.isTooLong(thrown)) return JsonText.tooLong(undefined)
  const received = "a row that throws (check its toJSON and getters, and the functions of the schema)"
  return { issues: [{ path: [], expected: "a row that its schema and JSON can write", received }], omitted: 0 }
}

/** Makes the error of a replacement whose rows as a whole are wrong. */
const refuse = (...issues: ReadonlyArray<Issue.Issue>): InvalidRequest =>
  new InvalidRequest({
    ...identify(Operations.addData, "replaceAll"),
    issues: issues.map((issue) => ({ ...issue, path: ["rows"] })),
    omitted: 0
  })

/** Joins encoded rows to an array, unless it would be longer than a text can be. */
const join = (rows: ReadonlyArray<string>): Either.Either<string, InvalidRequest> =>
  Either.try({
    try: () => `[${rows.join(",")}]`,
    catch: () => refuse(...JsonText.tooLong(rows.reduce((length, row) => length + row.length + 1, 1)).issues)
  })

/** Encodes rows as one array. Closes their iterator at the first row that is refused, or when it is interrupted. */
export const encodeAll = <A, I>(
  schema: Schema.Schema<A, I>,
  rows: Iterable<A>
): Effect.Effect<string, RowRefused | InvalidRequest> =>
  Effect.flatMap(EventLoop.makeTurns, (turns) => {
    const wrong = Issue.ofRows(rows)
    if (wrong !== undefined) return Effect.fail(refuse(wrong))
    const encoder = makeEncoder(schema)
    const documents: Array<string> = []
    const iterator = rows[Symbol.iterator]()
    const encodeRest = (): Effect.Effect<string, RowRefused | InvalidRequest> => {
      while (!turns.isOver()) {
        const next = iterator.next()
        if (!Predicate.isObject(next)) {
          const expected = "an iterator whose `next` returns an object with `done` and `value`"
          return Effect.fail(refuse({ path: [], expected, received: Issue.shape(next) }))
        }
        if (next.done === true) return join(documents)
        const json = Either.merge(Either.try({ try: () => encoder.row(next.value), catch: threw }))
        if (!Predicate.isString(json)) {
          return Effect.fail(new RowRefused({ index: documents.length, line: lineOf(next.value), ...json }))
        }
        documents.push(json)
      }
      return Effect.flatMap(turns.available, encodeRest)
    }
    return Effect.onError(Effect.suspend(encodeRest), () => Effect.ignore(Effect.try(() => iterator.return?.())))
  })

/** Returns the length of a text in UTF-8, in bytes. */
export const byteLength = (text: string): number => {
  let bytes = text.length
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x80) continue
    bytes += unit < 0x800 ? 1 : 2
    // skip the second half of a pair, whose two units are four bytes
    if (unit >= 0xd800 && unit < 0xdc00) i++
  }
  return bytes
}
