/**
 * Limits the wait for a response of the database. A connection can fall silent without being closed, for example when
 * its server goes down or a firewall forgets the connection. The client would then wait forever.
 *
 * `Effect.timeoutOption` and the client's `internal/http/limited.ts` interrupt an effect at its timeout. If a
 * statement were interrupted, the pool would give the statement's connection to another statement. Here, the timeout ends
 * only the wait. The statement continues, and the caller gets the statement's fiber. The caller then cancels the
 * statement, or keeps the statement's connection out of the pool. The limit also applies within
 * `Effect.uninterruptible`, where only this limit can end a wait.
 */
import * as Time from "@mammoth-effect/core/Time"
import * as Deferred from "effect/Deferred"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import { StoreError } from "../../OutboxError.js"

/**
 * The time for which an abandoned statement keeps its connection. During this time, the pool cannot give the connection
 * to another statement. After this time, the operating system has noticed that the server is gone.
 */
const held = "15 minutes"

/** The code of Postgres for a statement that did not get a lock in time. */
export const lockNotAvailable = "55P03"

/**
 * Returns the result of a statement. If the statement exceeds the limit, runs `otherwise` with the statement's fiber, and
 * returns the result of `otherwise`.
 */
const answerOf = <A, E, E2>(
  statement: Effect.Effect<A, E>,
  limit: Duration.DurationInput,
  otherwise: (fiber: Fiber.Fiber<A, E>) => Effect.Effect<A, E2>
): Effect.Effect<A, E | E2> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.gen(function* () {
      const ended = yield* Deferred.make<Option.Option<Exit.Exit<A, E>>>()
      const fiber = yield* Effect.forkDaemon(Effect.interruptible(statement))
      fiber.addObserver((exit) => Deferred.unsafeDone(ended, Exit.succeed(Option.some(exit))))
      const timeUp = Effect.zipRight(Effect.sleep(limit), Deferred.succeed(ended, Option.none()))
      const timer = yield* Effect.forkDaemon(Effect.interruptible(timeUp))
      // Make the wait interruptible only if the caller is interruptible. An uninterruptible caller must get the result
      // even after an interruption, because the statement may have claimed rows.
      const first = yield* restore(Deferred.await(ended)).pipe(
        Effect.onInterrupt(() => Fiber.interruptFork(fiber)),
        Effect.ensuring(Fiber.interruptFork(timer))
      )
      return yield* restore(
        Option.match(first, {
          onNone: (): Effect.Effect<A, E | E2> => otherwise(fiber),
          onSome: (exit) => exit
        })
      )
    })
  )

/**
 * Fails a statement if the database does not respond within the limit, even in an uninterruptible region. It is then
 * unknown whether the database executed the statement.
 *
 * `isLocked` uses another connection to check if a late statement waits for a lock. If so, the statement is cancelled,
 * and its connection is free again. Otherwise the connection counts as lost.
 */
export const within = (limit: Duration.Duration, scope: Scope.Scope, isLocked: Effect.Effect<boolean, unknown>) => {
  const abandon = <A, E>(fiber: Fiber.Fiber<A, E>) =>
    Effect.raceFirst(Effect.sleep(held), Fiber.await(fiber)).pipe(
      Effect.ensuring(Fiber.interruptFork(fiber)),
      Effect.interruptible,
      Effect.forkIn(scope)
    )
  // Return false if this check gets no result in time. All connections of the pool may then be waiting or lost.
  const isWaiting = answerOf(
    Effect.orElseSucceed(isLocked, () => false),
    "1 second",
    (fiber) => Effect.as(abandon(fiber), false)
  )
  return <A, E>(operation: string, statement: Effect.Effect<A, E>): Effect.Effect<A, E | StoreError> => {
    const failed = (reason: StoreError["reason"], code: string | undefined, what: string) =>
      new StoreError({ operation, reason, code, description: `${what} within ${Time.format(limit)}` })
    return answerOf(statement, limit, (fiber) =>
      Effect.if(isWaiting, {
        // Wait until the statement is cancelled, because the cancellation needs a connection. Without this wait,
        // another statement could take that connection.
        onTrue: () =>
          Effect.zipRight(Fiber.interrupt(fiber), failed("busy", lockNotAvailable, "the statement did not get a lock")),
        onFalse: () => Effect.zipRight(abandon(fiber), failed("connection", undefined, "the database did not respond"))
      })
    )
  }
}
