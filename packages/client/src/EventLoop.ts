/**
 * Splits long synchronous work, such as encoding many rows, so that timers and requests can run between the parts.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"

/** The time limit for the work in one turn of the event loop, in milliseconds. Further work waits for the next turn. */
const longest = 10

declare const setImmediate: ((task: () => void) => unknown) | undefined

/**
 * Runs a task in the next turn of the event loop. Uses `setTimeout` in browsers, because they have no `setImmediate`.
 */
const inNextTurn = (task: () => void): unknown =>
  typeof setImmediate === "function" ? setImmediate(task) : setTimeout(task, 0)

/**
 * Divides long work between the turns of the event loop. The work is done in pieces, and waits for `available` before
 * each piece.
 *
 * @since 0.1.0
 * @category models
 */
export interface Turns {
  /**
   * Returns `true` if this turn has lasted 10 ms or more. `available` then waits for the next turn. The time of a turn
   * is measured from the first call of `isOver` or `available` in that turn.
   */
  readonly isOver: () => boolean
  /** Waits for the next turn if this turn is over. Fibers continue in the order in which they began to wait. */
  readonly available: Effect.Effect<void>
}

/**
 * Makes a `Turns` object, which several fibers can share. The clock of the calling fiber measures the time. A piece of
 * work is never interrupted, so a piece of 100 ms blocks the event loop for 100 ms.
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
