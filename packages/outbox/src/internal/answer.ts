/**
 * A limit to how long a database is waited for. A connection can fall silent without an end, as where its server went down
 * or a firewall forgot it, and its client then waits for ever.
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import { StoreError } from "../OutboxError.js"

/**
 * For so long a statement that was given up keeps its connection, which the pool would hand to the next one otherwise: by
 * then the system has noticed that nobody is there.
 */
const held = "15 minutes"

/** Postgres's code for a statement that has waited for a lock as long as it may. */
export const lockNotAvailable = "55P03"

/**
 * Fails statements that are not answered in time, whatever region they run in; what they did is then unknown.
 *
 * `isLocked` asks the database over another connection whether statements wait for a lock. If so, this one is cancelled and
 * its connection is free again; otherwise the connection is taken to be lost.
 */
export const within =
  (limit: Duration.Duration, scope: Scope.Scope, isLocked: Effect.Effect<boolean, unknown>) =>
  <A, E>(operation: string, statement: Effect.Effect<A, E>): Effect.Effect<A, E | StoreError> =>
    Effect.flatMap(Effect.forkDaemon(Effect.interruptible(statement)), (fiber) => {
      const answer = Fiber.await(fiber)
      const cancel = Fiber.interruptFork(fiber)
      const abandon = Effect.raceFirst(Effect.sleep(held), answer).pipe(Effect.ensuring(cancel))
      const failed = (reason: StoreError["reason"], code: string | null, what: string) =>
        new StoreError({ operation, reason, code, description: `${what} within ${Duration.format(limit)}` })
      return Effect.interruptible(answer).pipe(
        Effect.timeoutOption(limit),
        Effect.onInterrupt(() => cancel),
        Effect.flatMap((exit): Effect.Effect<A, E | StoreError> =>
          Option.isSome(exit)
            ? exit.value
            : Effect.if(isAnswered(isLocked), {
                // awaited, so that no next statement takes the connection that the cancelling needs
                onTrue: () =>
                  Effect.zipRight(Fiber.interrupt(fiber), failed("busy", lockNotAvailable, "it did not get a lock")),
                onFalse: () =>
                  Effect.zipRight(
                    Effect.forkIn(Effect.interruptible(abandon), scope),
                    failed("connection", null, "it did not answer")
                  )
              })
        )
      )
    })

/** An answer that does not come soon, as when every connection of the pool waits, is no. */
const isAnswered = (question: Effect.Effect<boolean, unknown>): Effect.Effect<boolean> =>
  Effect.interruptible(question).pipe(
    Effect.timeout("1 second"),
    Effect.orElseSucceed(() => false)
  )
