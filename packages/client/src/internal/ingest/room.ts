/** The room in a buffer. Offers that find none wait for it, first come, first served. */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberId from "effect/FiberId"
import type { Restore } from "./sender.js"

export interface Room {
  /** Is there no room, or somebody before who waits for it? */
  readonly isShort: () => boolean
  readonly isFull: () => boolean
  readonly hasWaiting: () => boolean
  /** Takes room, and waits for it if there is none. Returns `false` if there will be none. */
  readonly reserve: (restore: Restore) => Effect.Effect<boolean>
  /** Gives up room that was reserved: because the row has been taken, or will not be. */
  readonly release: () => void
  /** Lets offers in that wait, as far as there is room. */
  readonly letIn: () => void
  /** Tells all who wait that there will be no room. */
  readonly turnAway: () => void
}

/** Makes the room of a buffer, given how many rows it may hold and how many it holds. */
export const make = (capacity: number, held: () => number): Room => {
  /** The offers that wait. Each hears whether it has room. */
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
              : // the offer was told, but has not heard whether it has room
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
