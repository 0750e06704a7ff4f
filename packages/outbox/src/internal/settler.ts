/** Writes down what became of rows: many in one statement, again until the database takes it. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import type * as OutboxStore from "../OutboxStore.js"
import type { Settlement } from "./statements.js"

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

export const make = (
  write: (settlements: ReadonlyArray<Settlement>) => Effect.Effect<void, OutboxStore.Failure>
): Effect.Effect<Settler> =>
  Effect.gen(function* () {
    const waiting: Array<Settlement> = []
    const some = yield* Effect.makeLatch(false)
    const none = yield* Effect.makeLatch(true)

    const next = some.await.pipe(
      Effect.zipRight(Effect.suspend(() => (waiting.length < little ? Effect.sleep(gather) : Effect.void))),
      Effect.zipRight(
        Effect.suspend(() => {
          return write(waiting.splice(0, most)).pipe(
            Effect.sandbox,
            Effect.tapError((cause) => Effect.logWarning(`results wait to be written: ${describe(cause)}`)),
            Effect.retry(untilItReturns),
            Effect.orDie
          )
        })
      ),
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
