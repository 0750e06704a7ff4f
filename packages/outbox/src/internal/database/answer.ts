/**
 * Limits the wait for a database. A connection can fall silent without an end, such as when its server goes down or a
 * firewall forgets it. Its client then waits for ever.
 *
 * The client's `internal/http/limited.ts` and `Effect.timeoutOption` limit an effect too, but they interrupt it when the
 * time is over, and so its connection would return to the pool. Here a statement goes on running after the limit: the
 * caller gets its fiber, and decides whether to cancel the statement or to keep its connection from others. So the limit is
 * for the wait alone. It applies within `Effect.uninterruptible`, too, and there nothing else ends the wait.
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
 * The time for which a statement that was given up keeps its connection. The pool would hand it to the next statement
 * otherwise. By then the system has noticed that nobody is there.
 */
const held = "15 minutes"

/** Postgres's code for a statement that has waited for a lock as long as it may. */
export const lockNotAvailable = "55P03"

/** Returns the answer to a statement. Gives the fiber of a statement that has no answer in time to `otherwise`. */
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
      // if the caller cannot be interrupted, a row that was claimed must not get lost with the answer
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
 * Fails statements that are not answered in time, whatever region they run in; what they did is then unknown.
 *
 * `isLocked` asks the database over another connection whether statements wait for a lock. If so, this one is cancelled and
 * its connection is free again; otherwise the connection is taken to be lost.
 */
export const within = (limit: Duration.Duration, scope: Scope.Scope, isLocked: Effect.Effect<boolean, unknown>) => {
  const abandon = <A, E>(fiber: Fiber.Fiber<A, E>) =>
    Effect.raceFirst(Effect.sleep(held), Fiber.await(fiber)).pipe(
      Effect.ensuring(Fiber.interruptFork(fiber)),
      Effect.interruptible,
      Effect.forkIn(scope)
    )
  // no answer, as when every connection of the pool waits or is lost, is no
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
        // awaited, so that no next statement takes the connection that the cancelling needs
        onTrue: () =>
          Effect.zipRight(Fiber.interrupt(fiber), failed("busy", lockNotAvailable, "it did not get a lock")),
        onFalse: () => Effect.zipRight(abandon(fiber), failed("connection", undefined, "it did not answer"))
      })
    )
  }
}
