/** Tells the callbacks of an ingestion how its rows end. */
import type * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import type * as IngestError from "../../IngestError.js"
import type { End } from "../../IngestReport.js"
import type { AddDataError } from "../../WebhooksService.js"

/** The end of one row. */
export interface Outcome<A> {
  readonly row: A
  readonly index: number
  readonly end: End
  readonly bytes: number
  readonly error: IngestError.RowRefused | AddDataError | undefined
}

/** The callbacks that hear how rows end. */
export interface Listeners<A> {
  /** Hears of each row that is refused, here or by the server, before `onOutcome` does. */
  readonly onRefusal: ((outcome: Outcome<A>) => Effect.Effect<void>) | undefined
  readonly onOutcome: ((outcome: Outcome<A>) => Effect.Effect<void>) | undefined
  /** Hears of the defect if a listener dies. The other listeners hear of the row all the same. */
  readonly onDefect: (cause: Cause.Cause<never>) => void
}

const isRefusal = (way: End): boolean => way === "refused" || way === "dead"

export interface Tell<A> {
  /** Does any callback hear of rows that end in this way? */
  readonly isHeard: (way: End) => boolean
  /** Tells the callbacks of a row. It does not fail if a callback dies. */
  readonly tell: (outcome: Outcome<A>) => Effect.Effect<void>
}

export const make = <A>({ onDefect, onOutcome, onRefusal }: Listeners<A>): Tell<A> => {
  const survive = (callback: Effect.Effect<void>): Effect.Effect<void> =>
    Effect.catchAllCause(callback, (cause) => {
      onDefect(cause)
      return Effect.logError("a callback of the ingestion died", cause)
    })

  const tell = (outcome: Outcome<A>): Effect.Effect<void> => {
    const refusal =
      onRefusal !== undefined && isRefusal(outcome.end)
        ? survive(Effect.suspend(() => onRefusal(outcome)))
        : Effect.void
    return onOutcome === undefined
      ? refusal
      : Effect.zipRight(refusal, survive(Effect.suspend(() => onOutcome(outcome))))
  }

  const isHeard = (way: End): boolean => onOutcome !== undefined || (onRefusal !== undefined && isRefusal(way))

  return { isHeard, tell }
}
