/** Encodes rows, and puts them into batches by size and time. */
import type * as Issue from "@mammoth-effect/core/Issue"
import * as Wait from "@mammoth-effect/core/Wait"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FiberHandle from "effect/FiberHandle"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import type * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { makeEncoder } from "../codec/encodeRows.js"
import { type Batch, emptyBatch } from "./ledger.js"

export interface Options<A, I> {
  readonly schema: Schema.Schema<A, I>
  readonly maxRows: number
  readonly maxBytes: number
  readonly maxWait: Option.Option<Duration.Duration>
}

/** The functions of the engine that a batcher calls. */
export interface Dependencies<A> {
  /** Gives a row that was encoded its index. */
  readonly offer: () => number
  /** Enters a batch with its first row. */
  readonly begin: (batch: Batch<A>) => void
  /** Sends a batch to the workers. */
  readonly send: (batch: Batch<A>) => void
  /** Whether offers wait for room although the batch is not full. */
  readonly isStuck: () => boolean
  /** Waits, after the time of a batch is over, until the batch is to be sent. */
  readonly awaitTurn: Effect.Effect<void>
}

export interface Batcher<A> {
  /** Adds a row to the batch that fills. Returns what is wrong with a row that cannot be encoded. */
  readonly add: (row: A) => Issue.Issues | undefined
  /** Starts the time of the batch if its first row was added last. Runs after each {@link add}. */
  readonly startTime: () => Effect.Effect<void> | undefined
  /** Sends the batch as it is. */
  readonly flush: () => void
  /** The index of the first row of the batch; none while the batch is empty. */
  readonly firstIndex: () => number | undefined
  /** The number of batches sent so far. */
  readonly sent: () => number
}

/** Makes a batcher, whose timers end with the scope. */
export const make = <A, I>(
  { maxBytes, maxRows, maxWait, schema }: Options<A, I>,
  dependencies: Dependencies<A>
): Effect.Effect<Batcher<A>, never, Scope.Scope> =>
  Effect.map(FiberHandle.make(), (timer) => {
    const encoder = makeEncoder(schema)
    let batch = emptyBatch<A>()
    let batchBytes = 0
    let sent = 0
    let isNew = false

    const flush = (): void => {
      if (batch.rows.length === 0) return
      const full = batch
      batch = emptyBatch()
      batchBytes = 0
      sent += 1
      dependencies.send(full)
    }

    const add = (row: A): Issue.Issues | undefined => {
      const json = encoder.row(row)
      if (!Predicate.isString(json)) return json
      const bytes = encoder.byteLength(json)
      // a comma for each row, and the brackets
      if (batch.rows.length > 0 && batchBytes + bytes + 2 > maxBytes) flush()
      batch.indexes.push(dependencies.offer())
      batch.rows.push(row)
      batch.texts.push(json)
      batch.bytes.push(bytes)
      batchBytes += bytes + 1
      isNew = batch.rows.length === 1
      if (isNew) dependencies.begin(batch)
      if (batch.rows.length >= maxRows || batchBytes + 1 >= maxBytes || dependencies.isStuck()) flush()
      return undefined
    }

    return {
      add,
      startTime: () => {
        if (!isNew || batch.rows.length === 0 || Option.isNone(maxWait)) return undefined
        const filling = sent
        const later = Wait.sleep(maxWait.value).pipe(
          Effect.zipRight(dependencies.awaitTurn),
          Effect.zipRight(Effect.sync(() => (filling === sent ? flush() : undefined)))
        )
        return Effect.asVoid(FiberHandle.run(timer, Effect.interruptible(later)))
      },
      flush,
      firstIndex: () => batch.indexes[0],
      sent: () => sent
    }
  })
