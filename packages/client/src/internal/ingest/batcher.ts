/** Encodes rows, and puts them into batches by size and time. */
import type * as Issue from "@mammoth-effect/core/Issue"
import * as Wait from "@mammoth-effect/core/Wait"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
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
  /** Counts an encoded row as offered, and returns its index. */
  readonly offer: () => number
  /** Adds a batch to the ledger. Runs when the batch has its first row. */
  readonly begin: (batch: Batch<A>) => void
  /** Sends a batch to the workers. */
  readonly send: (batch: Batch<A>) => void
  /** Returns `true` if the buffer is full and an offer waits for room. No further row can then join the batch. */
  readonly isStuck: () => boolean
  /**
   * Runs when the batch's `maxWait` is over. In a run, waits until workers have taken all earlier batches. In an
   * ingestor, does not wait.
   */
  readonly awaitTurn: Effect.Effect<void>
}

export interface Batcher<A> {
  /** Adds a row to the batch. If the row cannot be encoded, returns its issues and leaves the batch unchanged. */
  readonly add: (row: A) => Issue.Issues | undefined
  /**
   * Returns an effect that starts the batch's timer, if {@link add} has just added the first row of the batch.
   * Otherwise returns `undefined`. Call this after each `add`.
   */
  readonly startTimer: () => Effect.Effect<void> | undefined
  /** Sends the batch now, even if it is not full. Does nothing if the batch is empty. */
  readonly flush: () => void
  /** Returns the index of the first row of the batch, or `undefined` if the batch is empty. */
  readonly firstIndex: () => number | undefined
  /** Returns the number of batches sent so far. */
  readonly sent: () => number
}

/**
 * Makes a batcher. Its timer stops when the scope closes. The timer is a plain fiber, because `FiberHandle` would add
 * 1,660 bytes to a bundle that has a sink.
 */
export const make = <A, I>(
  { maxBytes, maxRows, maxWait, schema }: Options<A, I>,
  dependencies: Dependencies<A>
): Effect.Effect<Batcher<A>, never, Scope.Scope> =>
  Effect.map(Effect.scope, (scope) => {
    const encoder = makeEncoder(schema)
    let batch = emptyBatch<A>()
    // Collect the JSON of each row, and join the parts when the batch is complete. Separate strings for all rows in
    // flight would make garbage collection slow.
    let texts: Array<string> = []
    let batchLength = 0
    let batchBytes = 0
    let sent = 0
    let isNew = false
    let timer: Fiber.Fiber<void> = Fiber.void

    /** Starts a timer, and stops the previous timer, whose batch has already been sent. */
    const restart = (later: Effect.Effect<void>): Effect.Effect<void> =>
      Effect.flatMap(Effect.forkIn(Effect.interruptible(later), scope), (started) => {
        const last = timer
        timer = started
        return Fiber.interruptFork(last)
      })

    const flush = (): void => {
      if (batch.rows.length === 0) return
      const filled = batch
      filled.text = texts.join(",")
      batch = emptyBatch()
      texts = []
      batchLength = 0
      batchBytes = 0
      sent += 1
      dependencies.send(filled)
    }

    const add = (row: A): Issue.Issues | undefined => {
      const json = encoder.row(row)
      if (!Predicate.isString(json)) return json
      const bytes = encoder.byteLength(json)
      // Send the current batch first if this row would make it too long. The length includes a comma for each row, and
      // the two brackets.
      if (batch.rows.length > 0 && batchBytes + bytes + 2 > maxBytes) flush()
      batch.indexes.push(dependencies.offer())
      batch.rows.push(row)
      texts.push(json)
      batchLength += json.length
      batch.ends.push(batchLength)
      batchLength += 1
      batch.bytes.push(bytes)
      batchBytes += bytes + 1
      isNew = batch.rows.length === 1
      if (isNew) dependencies.begin(batch)
      if (batch.rows.length >= maxRows || batchBytes + 1 >= maxBytes || dependencies.isStuck()) flush()
      return undefined
    }

    return {
      add,
      startTimer: () => {
        if (!isNew || batch.rows.length === 0 || Option.isNone(maxWait)) return undefined
        // Remember the number of this batch. If the batch has been sent before its timer ends, the timer does nothing,
        // because a later batch has its own timer.
        const filling = sent
        const later = Wait.sleep(maxWait.value).pipe(
          Effect.zipRight(dependencies.awaitTurn),
          Effect.zipRight(Effect.sync(() => (filling === sent ? flush() : undefined)))
        )
        return restart(later)
      },
      flush,
      firstIndex: () => batch.indexes[0],
      sent: () => sent
    }
  })
