/**
 * Prepares rows for the store: encodes each row, and gives the row an id. Refuses a row if a function of the caller
 * throws.
 */
import type { Turns } from "@mammoth-effect/client/EventLoop"
import { lineOf } from "@mammoth-effect/client/FileRow"
import { RowRefused } from "@mammoth-effect/client/IngestError"
import type { Issue, Issues } from "@mammoth-effect/core/Issue"
import * as Json from "@mammoth-effect/core/Json"
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

/**
 * Prepares one row of an offer. `index` is the row's position in the offer. If `given` is an id, the row gets this id
 * instead of the id from the option `id`.
 */
export type Prepare<A> = (row: A, index: number, given: string | undefined) => Effect.Effect<NewRow, RowRefused>

/**
 * The issue to report if the function `id` throws for a row. Leaves out the error's message, because the message can
 * hold values of the row.
 */
const idThrew: Issue = { path: ["id"], expected: "an id", received: "an error that the function `id` threw" }
const schemaThrew: Issue = {
  path: [],
  expected: "a row that the schema can encode",
  received: "a row on which the schema throws"
}

export const make = <A>(options: Options<A>, turns: Turns): Prepare<A> => {
  const encode = Json.makeEncoder(Schema.make<A, unknown>(options.schema.ast))

  const encodeRow = (row: A): Either.Either<string, Issues> =>
    Either.flatMap(
      Either.try({ try: () => encode(row), catch: () => ({ issues: [schemaThrew], omitted: 0 }) }),
      identity
    )

  const idOf = (row: A, given: string | undefined): Effect.Effect<string, Issues> =>
    given === undefined && options.id === undefined
      ? Encode.newId
      : Either.try({
          try: () => given ?? options.id?.(row) ?? "",
          catch: () => ({ issues: [idThrew], omitted: 0 })
        })

  return (row, index, given) =>
    turns.available.pipe(
      // Encode the row before reading its id, because the function `id` may fail on a row that the schema refuses.
      Effect.flatMap(() => encodeRow(row)),
      Effect.flatMap((written) =>
        Effect.flatMap(idOf(row, given), (id) => Encode.withId(written, id, options.idColumn))
      ),
      Effect.mapError((wrong) => new RowRefused({ index, line: lineOf(row), ...wrong }))
    )
}
