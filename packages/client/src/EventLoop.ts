/**
 * Splits long synchronous work, such as encoding many rows, so that timers and requests run in between.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"

/** The time limit of a turn, in milliseconds. After this time, further work waits for the next turn. */
const longest = 10

declare const setImmediate: ((task: () => void) => unknown) | undefined

/**
 * Runs a task in the next turn of the event loop. Uses `setTimeout` in browsers, because they have no `setImmediate`.
 */
const inNextTurn = (task: () => void): unknown =>
  typeof setImmediate === "function" ? setImmediate(task) : setTimeout(task, 0)

/**
 * The turns of the event loop, for work that is done in pieces.
 *
 * @since 0.1.0
 * @category models
 */
export interface Turns {
  /**
   * Returns `true` if the pieces of this turn have taken 10 ms or more. `available` then waits for the next turn. The
   * first call of `isOver` or `available` in a turn starts the turn's clock.
   */
  readonly isOver: () => boolean
  /** Waits until a turn has time left. Fibers continue in the order in which they began to wait. */
  readonly available: Effect.Effect<void>
}

/**
 * Makes turns that several pieces of work share. The clock of the calling fiber measures the time.
 *
 * The turns do not interrupt a piece, so a piece of 100 ms blocks the event loop for 100 ms.
 *
 * @example
 * import { EventLoop } from "@mammoth-effect/client"
 * import { Effect } from "effect"
 *
 * const parseAll = (lines: ReadonlyArray<string>) =>
 *   Effect.flatMap(EventLoop.makeTurns, ({ available }) =>
 *     Effect.forEach(lines, (line) => Effect.map(available, (): unknown => JSON.parse(line)))
 *   )
 *
 * @since 0.1.0
 * @category constructors
 */
export const makeTurns: Effect.Effect<Turns> = Effect.clockWith((clock) =>
  Effect.sync(() => {
    let startedAt: number | undefined
    const waiting = new Set<() => void>()

    const end = (): void => {
      startedAt = undefined
      const woken = Array.from(waiting)
      waiting.clear()
      for (const wake of woken) wake()
    }

    const isOver = (): boolean => {
      const now = clock.unsafeCurrentTimeMillis()
      if (startedAt !== undefined) return now - startedAt >= longest
      startedAt = now
      inNextTurn(end)
      return false
    }

    const next = Effect.async<void>((resume) => {
      // Continue immediately if the turn ended before this effect ran.
      if (startedAt === undefined) return resume(Effect.void)
      const wake = (): void => resume(Effect.void)
      waiting.add(wake)
      return Effect.sync(() => void waiting.delete(wake))
    })

    const available: Effect.Effect<void> = Effect.suspend(() =>
      isOver() ? Effect.zipRight(next, available) : Effect.void
    )

    return { isOver, available }
  })
)
