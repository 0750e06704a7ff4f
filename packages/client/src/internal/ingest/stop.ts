/** Halts an ingestion, and keeps the reason. */
import type * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type * as IngestError from "../../IngestError.js"

export interface Stop {
  /** Prevents further requests. Requests in flight continue. */
  readonly halt: Effect.Effect<void>
  readonly isHalted: () => boolean
  /** Waits until the ingestion has halted. */
  readonly awaitHalt: Effect.Effect<void>
  /** Halts because of an error. Only the first error counts. */
  readonly fail: (error: IngestError.IngestError) => Effect.Effect<void>
  /** Halts because of a defect in the transport. Only the first defect counts. */
  readonly die: (cause: Cause.Cause<never>) => Effect.Effect<void>
  /** Records the defect of a callback, but does not halt. Only the first defect counts. */
  readonly noteDefect: (cause: Cause.Cause<never>) => void
  /**
   * Returns an effect that fails with the recorded defect. Without a defect, the effect fails with the recorded error.
   * Returns `undefined` if neither was recorded.
   */
  readonly reason: () => Effect.Effect<never, IngestError.IngestError> | undefined
}

/**
 * Makes a {@link Stop}. `onStop` runs when an error or a defect halts the ingestion. The error or defect is recorded
 * before `onStop` runs.
 */
export const make = (onStop: () => void): Effect.Effect<Stop> =>
  Effect.map(Deferred.make<void>(), (halted) => {
    let isHalted = false
    let error: IngestError.IngestError | undefined
    let defect: Cause.Cause<never> | undefined
    const halt = Effect.suspend(() => {
      isHalted = true
      return Effect.asVoid(Deferred.succeed(halted, undefined))
    })
    const noteDefect = (cause: Cause.Cause<never>): void => {
      defect ??= cause
    }
    return {
      halt,
      isHalted: () => isHalted,
      awaitHalt: Deferred.await(halted),
      fail: (given) =>
        Effect.suspend(() => {
          error ??= given
          onStop()
          return halt
        }),
      die: (cause) =>
        Effect.suspend(() => {
          noteDefect(cause)
          onStop()
          return halt
        }),
      noteDefect,
      reason: () =>
        defect !== undefined ? Effect.failCause(defect) : error !== undefined ? Effect.fail(error) : undefined
    }
  })
