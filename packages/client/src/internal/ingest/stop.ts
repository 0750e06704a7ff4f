/** Whether an ingestion sends anything more, and why not. */
import type * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type * as IngestError from "../../IngestError.js"

export interface Stop {
  /** Sends nothing more. */
  readonly halt: Effect.Effect<void>
  readonly isHalted: () => boolean
  /** Waits until nothing more is sent. */
  readonly awaitHalt: Effect.Effect<void>
  /** Halts with an error, of which the first one counts. */
  readonly fail: (error: IngestError.IngestError) => Effect.Effect<void>
  /** Remembers what a callback or the transport died of, of which the first one counts. */
  readonly die: (cause: Cause.Cause<never>) => void
  /** Fails with the error, or dies of the defect; `undefined` while there is neither. */
  readonly reason: () => Effect.Effect<never, IngestError.IngestError> | undefined
}

/** Makes a stop; `onFail` runs when an error halts the ingestion. */
export const make = (onFail: () => void): Effect.Effect<Stop> =>
  Effect.map(Deferred.make<void>(), (halted) => {
    let isHalted = false
    let error: IngestError.IngestError | undefined
    let defect: Cause.Cause<never> | undefined
    const halt = Effect.suspend(() => {
      isHalted = true
      return Effect.asVoid(Deferred.succeed(halted, undefined))
    })
    return {
      halt,
      isHalted: () => isHalted,
      awaitHalt: Deferred.await(halted),
      fail: (given) =>
        Effect.suspend(() => {
          error ??= given
          onFail()
          return halt
        }),
      die: (cause) => {
        defect ??= cause
      },
      reason: () =>
        defect !== undefined ? Effect.failCause(defect) : error !== undefined ? Effect.fail(error) : undefined
    }
  })
