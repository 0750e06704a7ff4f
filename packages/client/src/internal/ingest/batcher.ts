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
  /** Enters a batch in the ledger when it gets its first row. */
  readonly begin: (batch: Batch<A>) => void
  /** Sends a batch to the workers. */
  readonly send: (batch: Batch<A>) => void
  /** Returns `true` if offers wait for room, so that no further row can fill the batch. */
  readonly isStuck: () => boolean
  /** Runs when the time of a batch is over. Waits until a worker can take the batch. */
  readonly awaitTurn: Effect.Effect<void>
}

export interface Batcher<A> {
  /** Adds a row to the batch. Returns the issues of a row that cannot be encoded, and does not add the row. */
  readonly add: (row: A) => Issue.Issues | undefined
  /**
   * Starts the timer of the batch if {@link add} has just put its first row in. Call this after each `add`. Returns
   * `undefined` if no timer starts.
   */
  readonly startTimer: () => Effect.Effect<void> | undefined
  /** Sends the batch as it is. Does nothing if the batch is empty. */
  readonly flush: () => void
  /** Returns the index of the first row of the batch, or `undefined` if the batch is empty. */
  readonly firstIndex: () => number | undefined
  /** Returns the number of batches sent so far. */
  readonly sent: () => number
}

/**
 * Makes a batcher, whose timers end with the scope. It keeps its one timer by itself: `FiberHandle` would add 1,660 bytes
 * to a bundle that has a sink.
 */
export const make = <A, I>(
  { maxBytes, maxRows, maxWait, schema }: Options<A, I>,
  dependencies: Dependencies<A>
): Effect.Effect<Batcher<A>, never, Scope.Scope> =>
  Effect.map(Effect.scope, (scope) => {
    const encoder = makeEncoder(schema)
    let batch = emptyBatch<A>()
    // join the texts when the batch is complete, because a text for each row in flight makes garbage collection slow
    let texts: Array<string> = []
    let batchLength = 0
    let batchBytes = 0
    let sent = 0
    let isNew = false
    let timer: Fiber.Fiber<void> = Fiber.void

    /** Starts a timer in place of the last one, whose batch has been sent. */
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
      // count a comma for each row, and the brackets
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
        // a later batch has its own timer
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
