/**
 * Puts rows into batches, one row after the other. If the schema refuses a row or throws, records the row as refused.
 */
import type * as Issue from "@mammoth-effect/core/Issue"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type { Turns } from "../../EventLoop.js"
import { lineOf } from "../../FileRow.js"
import { type IngestError, RowRefused } from "../../IngestError.js"
import { threw } from "../codec/encodeRows.js"
import type { Batcher } from "./batcher.js"
import type { Ledger } from "./ledger.js"
import type { Restore } from "./sender.js"
import type { Stop } from "./stop.js"

export interface Options {
  readonly onBadRow: "fail" | "continue"
}

/** The parts that an intake uses. */
interface Dependencies<A> {
  readonly batcher: Batcher<A>
  readonly ledger: Ledger<A>
  readonly stop: Stop
  readonly turns: Turns
  /**
   * Runs after a row that completes a batch. In a run, waits until the workers have taken all batches. In an ingestor,
   * does not wait.
   */
  readonly awaitWorker: Effect.Effect<void>
  /**
   * Fails with the reason why the ingestion stopped. Runs only after the ingestion has stopped. In a run, first waits
   * for the requests in flight.
   */
  readonly failStopped: Effect.Effect<void, IngestError>
}

/**
 * Takes rows into batches. Call the functions within `Effect.uninterruptibleMask`, and pass its `restore` to them. Only
 * the waits of the functions can then be interrupted. A row that was counted before an interruption still gets an
 * outcome.
 */
export interface Intake<A> {
  /** Takes a row. Fails if the ingestion has stopped, or stops because of this row. */
  readonly take: (row: A, restore: Restore) => Effect.Effect<void, IngestError>
  /**
   * Takes rows, and lets the event loop run between them. Fails like {@link take}. Fails with a defect if the iterator
   * of the rows throws.
   */
  readonly takeAll: (rows: Iterable<A>, restore: Restore) => Effect.Effect<void, IngestError>
}

export const make = <A>({ onBadRow }: Options, dependencies: Dependencies<A>): Intake<A> => {
  const { awaitWorker, batcher, failStopped, ledger, stop, turns } = dependencies

  /** Records a row as refused. Stops the ingestion unless the option `onBadRow` is `continue`. */
  const refuse = (row: A, wrong: Issue.Issues, restore: Restore): Effect.Effect<void, IngestError> => {
    const index = ledger.offer()
    const error = new RowRefused({ index, line: lineOf(row), ...wrong })
    const ending = ledger.refuse(row, index, error)
    if (onBadRow === "continue") return ending
    return Effect.zipRight(Effect.zipRight(stop.fail(error), ending), restore(failStopped))
  }

  /** Adds a row to the batch. If an effect has to run before the next row is added, returns this effect. */
  const admit = (row: A, restore: Restore): Effect.Effect<void, IngestError> | undefined => {
    if (stop.reason() !== undefined) return restore(failStopped)
    const before = batcher.sent()
    const wrong = batcher.add(row)
    if (wrong !== undefined) return refuse(row, wrong, restore)
    const timer = batcher.startTimer()
    if (batcher.sent() === before) return timer
    return timer === undefined ? restore(awaitWorker) : Effect.zipRight(timer, restore(awaitWorker))
  }

  /** Adds a row. Refuses the row if the schema throws. */
  const tryAdmit = (row: A, restore: Restore): Effect.Effect<void, IngestError> | undefined =>
    Either.merge(Either.try({ try: () => admit(row, restore), catch: (thrown) => refuse(row, threw(thrown), restore) }))

  return {
    take: (row, restore) => tryAdmit(row, restore) ?? Effect.void,
    takeAll: (rows, restore) =>
      Effect.suspend(() => {
        const iterator = rows[Symbol.iterator]()
        const takeRest = (): Effect.Effect<void, IngestError> => {
          while (!turns.isOver()) {
            const next = iterator.next()
            if (next.done === true) return Effect.void
            const first = tryAdmit(next.value, restore)
            if (first !== undefined) return Effect.flatMap(first, takeRest)
          }
          return Effect.flatMap(restore(turns.available), takeRest)
        }
        return takeRest()
      })
  }
}
