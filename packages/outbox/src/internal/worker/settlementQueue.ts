/**
 * Queues rows to settle. Settles many rows in one statement, and retries until the database has recorded their results.
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Failure, Settlement } from "../../OutboxStoreService.js"
import { describe, untilItReturns } from "./repeat.js"

export interface SettlementQueue {
  readonly add: (settlements: ReadonlyArray<Settlement>) => Effect.Effect<void>
  /** Settles the rows of the queue, forever. */
  readonly run: Effect.Effect<never>
  /** Waits until the queue is empty. */
  readonly flush: Effect.Effect<void>
}

/** The time to wait for more rows if the queue has few rows, so that fewer statements write to the disk. */
const gather = "10 millis"
const few = 100
const most = 2000

/** Returns true if the data caused the failure. A retry would then fail, too. */
const isAboutData = (cause: Cause.Cause<Failure>): boolean =>
  Option.exists(Cause.failureOption(cause), (error) => error._tag === "MammothStoreError" && error.reason === "data")

/** The message that is stored if the database cannot hold the message of an error. */
const untold = "the database cannot hold the message of this error"

export const make = (
  settle: (settlements: ReadonlyArray<Settlement>) => Effect.Effect<void, Failure>
): Effect.Effect<SettlementQueue> =>
  Effect.gen(function* () {
    /**
     * Settles rows. If the database cannot hold the message of a row, replaces the message. So this row does not keep
     * other rows waiting.
     */
    const settleAll = (settlements: ReadonlyArray<Settlement>): Effect.Effect<void> =>
      settle(settlements).pipe(
        Effect.sandbox,
        Effect.tapError((cause) =>
          Effect.logWarning(`the results of deliveries could not be recorded and will be retried: ${describe(cause)}`)
        ),
        Effect.retry({ schedule: untilItReturns, while: (cause) => !isAboutData(cause) }),
        Effect.catchAll(() => {
          const [only] = settlements
          if (only === undefined) return Effect.void
          if (settlements.length > 1) {
            const half = Math.ceil(settlements.length / 2)
            return Effect.zipRight(settleAll(settlements.slice(0, half)), settleAll(settlements.slice(half)))
          }
          return only.error === null || only.error === untold
            ? Effect.logError(
                `the result of row ${only.sequence} cannot be recorded: the row will be sent again after this worker ends`
              )
            : settleAll([{ ...only, error: untold }])
        })
      )

    const waiting: Array<Settlement> = []
    const some = yield* Effect.makeLatch(false)
    const none = yield* Effect.makeLatch(true)

    const next = some.await.pipe(
      Effect.zipRight(Effect.suspend(() => (waiting.length < few ? Effect.sleep(gather) : Effect.void))),
      Effect.zipRight(Effect.suspend(() => settleAll(waiting.splice(0, most)))),
      Effect.zipRight(
        Effect.suspend(() => {
          if (waiting.length > 0) return Effect.void
          some.unsafeClose()
          return none.open
        })
      )
    )

    return {
      add: (settlements) =>
        Effect.suspend(() => {
          if (settlements.length === 0) return Effect.void
          waiting.push(...settlements)
          none.unsafeClose()
          return some.open
        }),
      run: Effect.forever(next),
      flush: none.await
    }
  })
