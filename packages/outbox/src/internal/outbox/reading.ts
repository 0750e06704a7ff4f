/** Reads the state of an outbox: rows that fail, rows that still have to be delivered, and dead letters. */
import { Json } from "@mammoth-effect/core/Json"
import * as Chunk from "effect/Chunk"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { DeadRow, Service } from "../../OutboxStoreService.js"
import * as Time from "../time.js"
import * as Trace from "../trace.js"

/** Returns the rows that wait after a failed attempt, if there are any. */
export const status = (store: Service, name: string) =>
  Effect.map(store.failing(name), (failing) => ({
    failing:
      failing === undefined
        ? undefined
        : { rows: failing.rows, since: DateTime.unsafeMake(failing.sinceMillis), error: failing.error }
  }))

/** Waits until every row is delivered or dead. */
export const drain = (store: Service, name: string) =>
  Effect.repeat(Trace.untraced(store.isOpen(name)), {
    while: (isOpen) => isOpen,
    schedule: Schedule.spaced("50 millis")
  }).pipe(Effect.asVoid, Time.tellsOfTestClock)

const decodeJson = Schema.decodeUnknownEither(Schema.parseJson(Json))

/**
 * Reads the JSON of a dead letter. If the stored string is not JSON, returns the string itself, because another program
 * may have changed the string.
 */
const parse = (text: string): Json => Either.getOrElse(decodeJson(text), () => text)

const deadLetter = (row: DeadRow) => ({
  id: row.id,
  document: parse(row.payload),
  attempts: row.attempts,
  offeredAt: DateTime.unsafeMake(row.offeredAtMillis),
  diedAt: DateTime.unsafeMake(row.settledAtMillis),
  error: row.error
})

const pageSize = 500

/** Reads the dead letters page by page, in the order in which the server refused them. */
export const deadLetters = (store: Service, name: string) =>
  Stream.paginateChunkEffect(
    { settledAtMillis: -1, sequence: -1 },
    (after: Pick<DeadRow, "settledAtMillis" | "sequence">) =>
      Effect.map(store.dead(name, after, pageSize), (rows) => {
        const last = rows.at(-1)
        return [
          Chunk.map(Chunk.unsafeFromArray([...rows]), deadLetter),
          rows.length < pageSize || last === undefined ? Option.none() : Option.some(last)
        ] as const
      })
  )
