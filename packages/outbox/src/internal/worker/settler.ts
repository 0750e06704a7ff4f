/** Writes down what became of rows: many in one statement, again until the database takes it. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import type { Failure, Settlement } from "../../OutboxStoreService.js"

export interface Settler {
  readonly settle: (settlements: ReadonlyArray<Settlement>) => Effect.Effect<void>
  /** Writes what comes, for ever. */
  readonly run: Effect.Effect<never>
  /** Waits until all is written. */
  readonly flush: Effect.Effect<void>
}

/** So long it waits for more, where there is little: each statement has to reach the disk. */
const gather = "10 millis"
const little = 100
const most = 2000

/** Waits between tries of a database that fails. */
export const untilItReturns = Schedule.exponential("100 millis", 2).pipe(
  Schedule.union(Schedule.spaced("5 seconds")),
  Schedule.jittered
)

/** A failure in a line; a defect, which nobody foresaw, with its stack. */
export const describe = (cause: Cause.Cause<Error>): string =>
  Option.match(Cause.failureOption(cause), { onNone: () => Cause.pretty(cause), onSome: ({ message }) => message })

/** Does a failure speak of what was to be written, so that it would come again? */
const isAboutData = (cause: Cause.Cause<Failure>): boolean =>
  Option.exists(Cause.failureOption(cause), (error) => error._tag === "StoreError" && error.reason === "data")

/** Stands for an error's text that the database cannot hold. */
const untold = "the database cannot hold the text of this error"

export const make = (
  write: (settlements: ReadonlyArray<Settlement>) => Effect.Effect<void, Failure>
): Effect.Effect<Settler> =>
  Effect.gen(function* () {
    /** Writes results, and without its error's text one that the database cannot hold, so that it holds up no other. */
    const writeAll = (settlements: ReadonlyArray<Settlement>): Effect.Effect<void> =>
      write(settlements).pipe(
        Effect.sandbox,
        Effect.tapError((cause) => Effect.logWarning(`results wait to be written: ${describe(cause)}`)),
        Effect.retry({ schedule: untilItReturns, while: (cause) => !isAboutData(cause) }),
        Effect.catchAll(() => {
          const [only] = settlements
          if (only === undefined) return Effect.void
          if (settlements.length > 1) {
            const half = Math.ceil(settlements.length / 2)
            return Effect.zipRight(writeAll(settlements.slice(0, half)), writeAll(settlements.slice(half)))
          }
          return only.error === null || only.error === untold
            ? Effect.logError(`the result of row ${only.sequence} cannot be written, and is left out`)
            : writeAll([{ ...only, error: untold }])
        })
      )

    const waiting: Array<Settlement> = []
    const some = yield* Effect.makeLatch(false)
    const none = yield* Effect.makeLatch(true)

    const next = some.await.pipe(
      Effect.zipRight(Effect.suspend(() => (waiting.length < little ? Effect.sleep(gather) : Effect.void))),
      Effect.zipRight(Effect.suspend(() => writeAll(waiting.splice(0, most)))),
      Effect.zipRight(
        Effect.suspend(() => {
          if (waiting.length > 0) return Effect.void
          some.unsafeClose()
          return none.open
        })
      )
    )

    return {
      settle: (settlements) =>
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
