/**
 * Finds the rows that a server refuses among those that it takes, and tells when the rows are not to blame.
 *
 * @since 0.1.0
 */
import type { Verdict } from "@mammoth-effect/core/Verdict"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"

/**
 * Sends rows together. If they are refused, sends them in halves, one after the other, until those refused stand alone.
 *
 * `request` sends rows in one request and does what their end asks for. It returns the rows to be sent in halves: those
 * that were refused together, or none. A row that is refused alone is for `request` to set aside.
 *
 * This takes for granted that a request is refused whole: rows that a server kept before it refused the rest would be
 * there twice.
 *
 * @example
 * import { Bisection, Webhooks } from "@mammoth-effect/client"
 * import { Verdict } from "@mammoth-effect/core"
 * import { Console, Effect } from "effect"
 *
 * const push = (uri: string, rows: ReadonlyArray<{ readonly order: number }>) =>
 *   Bisection.run(rows, (part) =>
 *     Webhooks.addData(uri, part).pipe(
 *       Effect.as([]),
 *       Effect.catchIf(
 *         (error) => Verdict.of(error) === "refused",
 *         (error) => (part.length > 1 ? Effect.succeed(part) : Effect.as(Console.error(part, error.message), []))
 *       )
 *     )
 *   )
 *
 * @since 0.1.0
 * @category sending
 */
export const run = <A, E, R>(
  rows: ReadonlyArray<A>,
  request: (rows: ReadonlyArray<A>) => Effect.Effect<ReadonlyArray<A>, E, R>
): Effect.Effect<void, E, R> =>
  Effect.flatMap(request(rows), (refused) => {
    if (refused.length < 2) return Effect.void
    const half = Math.ceil(refused.length / 2)
    return Effect.zipRight(run(refused.slice(0, half), request), run(refused.slice(half), request))
  })

/** So many in a row are no coincidence. */
const systemic = 20

const isTooLarge = (error: object | undefined): boolean =>
  Predicate.hasProperty(error, "status") && error.status === 413

/**
 * How the requests of a sender have ended, since one was delivered.
 *
 * @since 0.1.0
 * @category models
 */
export interface Streak {
  /** Notes how a request ended that carried so many rows. */
  readonly note: (verdict: Verdict, rows: number, error?: object) => void
  /**
   * Returns whether a row that was refused alone is itself at fault. After 20 such rows without a delivery between them
   * none is: the webhook or the sender is. A row that is too large (413) always is, and does not count.
   */
  readonly isRowToBlame: (error: object) => boolean
  /** Returns `true` after 20 requests of which nobody knows, without a delivery between them. */
  readonly isServerDown: () => boolean
}

/**
 * Starts a streak, which tells one bad row or one lost response from a server that takes nothing.
 *
 * @example
 * import { Bisection } from "@mammoth-effect/client"
 *
 * const streak = Bisection.makeStreak()
 * for (let i = 0; i < 20; i++) streak.note("unknown", 500)
 * console.log(streak.isServerDown()) // true
 * streak.note("delivered", 500)
 * console.log(streak.isServerDown()) // false
 *
 * @since 0.1.0
 * @category constructors
 */
export const makeStreak = (): Streak => {
  let refused = 0
  let unknown = 0
  return {
    note: (verdict, rows, error) => {
      if (verdict === "delivered") {
        refused = 0
        unknown = 0
      } else if (verdict === "unknown") {
        unknown += 1
      } else if (verdict === "refused" && rows === 1 && !isTooLarge(error)) {
        refused += 1
      }
    },
    isRowToBlame: (error) => refused < systemic || isTooLarge(error),
    isServerDown: () => unknown >= systemic
  }
}
