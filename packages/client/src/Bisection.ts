/**
 * Finds the rows of a request that the server refuses, and detects when the rows are not to blame.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import type { Verdict } from "./Verdict.js"

/**
 * Sends rows in one request. If the server refuses the rows, sends the two halves, one after the other. This continues
 * until each refused row is alone in its request.
 *
 * `request` sends rows in one request, and handles the result. If the server refuses several rows together, `request`
 * returns these rows, and they are sent again in halves. In all other cases, `request` returns no rows. If the server
 * refuses a row that is alone in its request, `request` has to set this row aside.
 *
 * The function assumes that the server refuses a request as a whole. If the server keeps some rows and refuses the
 * rest, the kept rows are duplicated.
 *
 * @example
 * import { Bisection, Verdict, Webhooks } from "@mammoth-effect/client"
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

/**
 * The number of failures, without a delivery between them, that show a fault of the webhook, the sender or the server.
 */
const systemic = 20

const isTooLarge = (error: object | undefined): boolean =>
  Predicate.hasProperty(error, "status") && error.status === 413

/**
 * The results of a sender's requests since the last delivery.
 *
 * @since 0.1.0
 * @category models
 */
export interface Streak {
  /** Records the result of a request, and the number of its rows. */
  readonly note: (verdict: Verdict, rows: number, error?: object) => void
  /**
   * Returns `true` if a row that was refused alone is to blame. Returns `false` after 20 rows that were refused alone,
   * without a delivery between them: then the webhook or the sender is at fault. A row that is too large (413) is
   * always to blame, and does not count.
   */
  readonly isRowToBlame: (error: object) => boolean
  /** Returns `true` after 20 requests with an unknown result, without a delivery between them. */
  readonly isServerDown: () => boolean
}

/**
 * Starts a streak. A streak distinguishes one bad row or one lost response from a server that accepts nothing.
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
