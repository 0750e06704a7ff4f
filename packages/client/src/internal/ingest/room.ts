/**
 * Shares the room of a buffer. An offer is a call that adds one row to the buffer. If the buffer is full, each offer
 * waits, and the offers get room in the order of their arrival.
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberId from "effect/FiberId"
import type { Restore } from "./sender.js"

export interface Room {
  /** Returns `true` if an offer has to wait, because the buffer is full or other offers already wait. */
  readonly isShort: () => boolean
  /** Returns `true` if the rows and the reservations together fill the buffer. */
  readonly isFull: () => boolean
  /** Returns `true` if an offer waits for room. */
  readonly hasWaiting: () => boolean
  /**
   * Reserves room for one row. Waits if {@link isShort} returns `true`. Returns `false` if the offer is turned away.
   */
  readonly reserve: (restore: Restore) => Effect.Effect<boolean>
  /**
   * Ends a reservation. Call this when the row is added, because `held` then counts the row. Also call this if the row
   * will not be added.
   */
  readonly release: () => void
  /** Reserves room for waiting offers, in their order, while the buffer has room. */
  readonly letIn: () => void
  /** Turns away all waiting offers: {@link reserve} returns `false` for them. */
  readonly turnAway: () => void
}

/** Makes the room of a buffer that may hold `capacity` rows. `held` returns the number of rows in the buffer. */
export const make = (capacity: number, held: () => number): Room => {
  /**
   * The waiting offers, in order. An offer resumes with `true` if it gets room, and with `false` if it is turned away.
   */
  const waiting = new Set<Deferred.Deferred<boolean>>()
  let reserved = 0

  const isFull = (): boolean => held() + reserved >= capacity

  const letIn = (): void => {
    for (const offer of waiting) {
      if (isFull()) return
      waiting.delete(offer)
      reserved += 1
      Deferred.unsafeDone(offer, Exit.succeed(true))
    }
  }

  const release = (): void => {
    reserved -= 1
  }

  return {
    isShort: () => waiting.size > 0 || isFull(),
    isFull,
    hasWaiting: () => waiting.size > 0,
    reserve: (restore) =>
      Effect.suspend(() => {
        if (waiting.size === 0 && !isFull()) {
          reserved += 1
          return Effect.succeed(true)
        }
        const offer = Deferred.unsafeMake<boolean>(FiberId.none)
        waiting.add(offer)
        return Effect.onInterrupt(restore(Deferred.await(offer)), () =>
          Effect.suspend(() =>
            waiting.delete(offer)
              ? Effect.void
              : // Release the reserved room if the offer was interrupted after it got room, but before it could use the
                // room.
                Effect.map(Deferred.await(offer), (hasRoom) => {
                  if (!hasRoom) return
                  release()
                  letIn()
                })
          )
        )
      }),
    release,
    letIn,
    turnAway: () => {
      for (const offer of waiting) Deferred.unsafeDone(offer, Exit.succeed(false))
      waiting.clear()
    }
  }
}
