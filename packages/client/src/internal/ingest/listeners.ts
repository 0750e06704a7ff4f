/** Calls the callbacks of an ingestion when rows get their outcome. */
import type * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import type * as IngestError from "../../IngestError.js"
import type { End } from "../../IngestReport.js"
import type { AddDataError } from "../../WebhooksService.js"

/** The outcome of one row. `error` says why the row was not accepted. */
export interface Outcome<A> {
  readonly row: A
  readonly index: number
  readonly end: End
  readonly bytes: number
  readonly error: IngestError.RowRefused | AddDataError | undefined
}

/** The callbacks that receive the outcome of each row. */
export interface Listeners<A> {
  /** Receives each row that the SDK or the server refused, before `onOutcome`. */
  readonly onRefusal: ((outcome: Outcome<A>) => Effect.Effect<void>) | undefined
  readonly onOutcome: ((outcome: Outcome<A>) => Effect.Effect<void>) | undefined
  /** Receives the defect of a callback that fails. The other callbacks still receive the row. */
  readonly onDefect: (cause: Cause.Cause<never>) => void
}

const isRefusal = (way: End): boolean => way === "refused" || way === "dead"

export interface Tell<A> {
  /** Returns `true` if a callback receives the rows with this outcome. */
  readonly isHeard: (way: End) => boolean
  /** Calls the callbacks for a row. Continues if a callback fails. */
  readonly tell: (outcome: Outcome<A>) => Effect.Effect<void>
}

export const make = <A>({ onDefect, onOutcome, onRefusal }: Listeners<A>): Tell<A> => {
  const survive = (callback: Effect.Effect<void>): Effect.Effect<void> =>
    Effect.catchAllCause(callback, (cause) => {
      onDefect(cause)
      return Effect.logError("a callback of the ingestion failed", cause)
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
