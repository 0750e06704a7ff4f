/**
 * Finds the bad rows in a refused request, and detects refusals that the rows did not cause.
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
 * refuses a row that is alone in its request, `request` has to handle this row itself, for example as a dead letter.
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
 * The number of failures since a sender's last delivery after which the rows no longer count as the cause. The cause is
 * then the webhook, the sender or the server.
 */
const systemic = 20

const isTooLarge = (error: object | undefined): boolean =>
  Predicate.hasProperty(error, "status") && error.status === 413

/**
 * Counts a sender's failures since the last delivery, to find out if the rows cause them.
 *
 * @since 0.1.0
 * @category models
 */
export interface Streak {
  /**
   * Records the result of a request. `rows` is the number of rows in the request. The verdict `delivered` resets the
   * counts.
   */
  readonly note: (verdict: Verdict, rows: number, error?: object) => void
  /**
   * Call this after the server has refused a single row. Returns `true` if the row itself is the cause. Returns `false`
   * if the server has refused 20 single rows since the last delivery, because the cause is then the webhook or the
   * sender. If a row is too large (413), always returns `true`. The 20 rows do not include rows that are too large.
   */
  readonly isRowToBlame: (error: object) => boolean
  /** Returns `true` if 20 requests since the last delivery had an unknown result. */
  readonly isServerDown: () => boolean
}

/**
 * Makes an empty streak, which counts the failures since the last delivery. With these counts, a sender can distinguish
 * one bad row or one lost response from a server that accepts nothing.
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
