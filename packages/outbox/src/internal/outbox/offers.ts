/**
 * Stores the rows of an offer in one statement, and reports which ids the outbox already had. Also writes that
 * statement as SQL for another client.
 */
import { RowRefused } from "@mammoth-effect/client/IngestError"
import { ofRows } from "@mammoth-effect/core/Issue"
import * as Effect from "effect/Effect"
import type { StoreError } from "../../OutboxError.js"
import type { Failure, Insertion, NewRow, Service } from "../../OutboxStoreService.js"
import * as Trace from "../trace.js"
import * as Encode from "./encode.js"
import type { Prepare } from "./prepare.js"

interface Receipt {
  readonly id: string
  readonly isDuplicate: boolean
}

interface Statement extends Insertion {
  readonly id: string
}

export interface Offers<A> {
  readonly offer: (
    row: A,
    options?: { readonly id?: string | undefined }
  ) => Effect.Effect<Receipt, RowRefused | Failure>
  /** Stores several rows with one statement. If one row cannot be stored, stores none. */
  readonly offerAll: (rows: Iterable<A>) => Effect.Effect<ReadonlyArray<Receipt>, RowRefused | Failure>
  /** Returns the statement that stores a row, and stores nothing itself. */
  readonly statement: (
    row: A,
    options?: { readonly id?: string | undefined }
  ) => Effect.Effect<Statement, RowRefused | StoreError>
}

/** The parts of the outbox that the functions in this file use. */
interface Dependencies<A> {
  readonly name: string
  readonly store: Service
  /** The latch that opens when rows are offered, to wake the workers of this process. */
  readonly offered: Effect.Latch
  readonly prepare: Prepare<A>
}

/** Fails if the rows are not iterable. Also fails for a string, because each of its characters would be a row. */
const checkRows = (rows: unknown): Effect.Effect<void, RowRefused> => {
  const wrong = ofRows(rows)
  return wrong === undefined ? Effect.void : new RowRefused({ index: 0, issues: [wrong] })
}

export const make = <A>({ name, offered, prepare, store }: Dependencies<A>): Offers<A> => {
  const insert = (rows: ReadonlyArray<NewRow>): Effect.Effect<ReadonlyArray<Receipt>, RowRefused | Failure> =>
    Effect.gen(function* () {
      if (rows.length === 0) return []
      yield* Encode.checkLength(rows)
      const stored = yield* store.insert(name, rows, yield* Trace.current)
      offered.unsafeOpen()
      const fresh = new Set(stored)
      // If an id is repeated in one call, report its later rows as duplicates: only the first row was stored.
      return rows.map(({ id }) => ({ id, isDuplicate: !fresh.delete(id) }))
    })

  return {
    offer: (row, given) =>
      Effect.flatMap(prepare(row, 0, given?.id), (prepared) =>
        Effect.map(insert([prepared]), ([receipt]) => receipt ?? { id: prepared.id, isDuplicate: false })
      ).pipe(Trace.offering(name)),
    offerAll: (rows) =>
      checkRows(rows).pipe(
        Effect.flatMap(() => Effect.forEach(rows, (row, index) => prepare(row, index, undefined))),
        Effect.flatMap(insert),
        Trace.offering(name)
      ),
    statement: (row, given) =>
      Effect.gen(function* () {
        const prepared = yield* prepare(row, 0, given?.id)
        yield* Encode.checkLength([prepared])
        const insertion = yield* store.insertion(name, [prepared], yield* Trace.current)
        return { id: prepared.id, ...insertion }
      })
  }
}
