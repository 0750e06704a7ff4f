/** Encodes all rows of a replacement as one document. */
import * as Issue from "@mammoth-effect/core/Issue"
import * as JsonText from "@mammoth-effect/core/JsonText"
import * as Operations from "@mammoth-effect/core/Operations"
import type { RowSchema } from "@mammoth-effect/core/RowSchema"
import { InvalidRequest } from "@mammoth-effect/core/WebhooksError"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import * as EventLoop from "../../EventLoop.js"
import { lineOf } from "../../FileRow.js"
import { RowRefused } from "../../IngestError.js"
import { makeEncoder, threw } from "../codec/encodeRows.js"
import { identify } from "../http/call.js"

/** Makes the error for an invalid argument `rows` of `replaceAll`. */
const refuse = (...issues: ReadonlyArray<Issue.Issue>): InvalidRequest =>
  new InvalidRequest({
    ...identify(Operations.addData, "replaceAll"),
    issues: issues.map((issue) => ({ ...issue, path: ["rows"] })),
    omitted: 0
  })

/** Joins encoded rows into a JSON array. Fails if the array would be too long for a string. */
const join = (rows: ReadonlyArray<string>): Either.Either<string, InvalidRequest> =>
  Either.try({
    try: () => `[${rows.join(",")}]`,
    catch: () => refuse(...JsonText.tooLong(rows.reduce((length, row) => length + row.length + 1, 1)).issues)
  })

/** Encodes rows as one array. If a row is refused or the effect is interrupted, closes the iterator of the rows. */
export const encodeAll = <A>(
  schema: RowSchema<A>,
  rows: Iterable<A>
): Effect.Effect<string, RowRefused | InvalidRequest> =>
  Effect.flatMap(EventLoop.makeTurns, (turns) => {
    const wrong = Issue.ofRows(rows)
    if (wrong !== undefined) return Effect.fail(refuse(wrong))
    const encoder = makeEncoder(Schema.make<A, unknown>(schema.ast))
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
