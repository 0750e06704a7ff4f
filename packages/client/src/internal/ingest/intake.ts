/** Takes rows, one after the other. A row that its schema refuses, or on which the schema throws, ends here. */
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

/** The parts that rows pass on their way in. */
interface Dependencies<A> {
  readonly batcher: Batcher<A>
  readonly ledger: Ledger<A>
  readonly stop: Stop
  readonly turns: Turns
  /** Waits for a worker after a batch was sent. */
  readonly awaitWorker: Effect.Effect<void>
  /** Fails once the ingestion was stopped. */
  readonly fail: Effect.Effect<void, IngestError>
}

export interface Intake<A> {
  readonly take: (row: A, restore: Restore) => Effect.Effect<void, IngestError>
  readonly takeAll: (rows: Iterable<A>, restore: Restore) => Effect.Effect<void, IngestError>
}

export const make = <A>({ onBadRow }: Options, dependencies: Dependencies<A>): Intake<A> => {
  const { awaitWorker, batcher, fail, ledger, stop, turns } = dependencies

  const refuse = (row: A, wrong: Issue.Issues, restore: Restore): Effect.Effect<void, IngestError> => {
    const index = ledger.offer()
    const error = new RowRefused({ index, line: lineOf(row), ...wrong })
    const ending = ledger.refuse(row, index, error)
    if (onBadRow === "continue") return ending
    return Effect.zipRight(Effect.zipRight(stop.fail(error), ending), restore(fail))
  }

  /** Adds a row to the batch. Returns an effect that has to run before the next row, if there is any. */
  const admit = (row: A, restore: Restore): Effect.Effect<void, IngestError> | undefined => {
    if (stop.reason() !== undefined) return restore(fail)
    const before = batcher.sent()
    const wrong = batcher.add(row)
    if (wrong !== undefined) return refuse(row, wrong, restore)
    const timer = batcher.startTime()
    if (batcher.sent() === before) return timer
    return timer === undefined ? restore(awaitWorker) : Effect.zipRight(timer, restore(awaitWorker))
  }

  /** The same, for a row on which the schema may throw. */
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
