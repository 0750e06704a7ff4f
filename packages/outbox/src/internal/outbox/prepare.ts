/** Prepares rows for the store: gives each an id, and encodes it. Refuses a row on which the caller's functions throw. */
import type { Turns } from "@mammoth-effect/client/EventLoop"
import { lineOf } from "@mammoth-effect/client/FileRow"
import { RowRefused } from "@mammoth-effect/client/IngestError"
import type { Issue } from "@mammoth-effect/core/Issue"
import type { RowSchema } from "@mammoth-effect/core/RowSchema"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { identity } from "effect/Function"
import * as Schema from "effect/Schema"
import type { NewRow } from "../../OutboxStoreService.js"
import * as Encode from "./encode.js"

/** The options of an outbox that describe its rows. */
interface Options<A> {
  readonly schema: RowSchema<A>
  readonly id?: ((row: A) => string) | undefined
  readonly idColumn?: string | undefined
}

/** Prepares the row at an index of an offer. `given` is an id that takes precedence over the option `id`. */
export type Prepare<A> = (row: A, index: number, given: string | undefined) => Effect.Effect<NewRow, RowRefused>

/**
 * The issue of a function `id` that threw. Leaves out the message of the error, because it can hold values of the row.
 */
const idThrew: Issue = { path: ["id"], expected: "an id", received: "a row on which the function `id` throws" }
const schemaThrew: Issue = {
  path: [],
  expected: "a row that the schema can encode",
  received: "a row on which the schema throws"
}

export const make = <A>(options: Options<A>, turns: Turns): Prepare<A> => {
  const encode = Encode.make(Schema.make<A, unknown>(options.schema.ast), options.idColumn)

  const idOf = (row: A, index: number, given: string | undefined): Effect.Effect<string, RowRefused> =>
    given === undefined && options.id === undefined
      ? Encode.newId
      : Either.try({
          try: () => given ?? options.id?.(row) ?? "",
          catch: () => new RowRefused({ index, line: lineOf(row), issues: [idThrew] })
        })

  const encodeRow = (row: A, index: number, id: string): Either.Either<NewRow, RowRefused> =>
    Either.try({ try: () => encode(row, id), catch: () => ({ issues: [schemaThrew], omitted: 0 }) }).pipe(
      Either.flatMap(identity),
      Either.mapBoth({
        onLeft: (wrong) => new RowRefused({ index, line: lineOf(row), ...wrong }),
        onRight: (payload) => ({ id, payload })
      })
    )

  return (row, index, given) =>
    Effect.flatMap(Effect.zipRight(turns.available, idOf(row, index, given)), (id) => encodeRow(row, index, id))
}
