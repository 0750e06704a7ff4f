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

/** Fails statements that are not answered in time, whatever region they run in; what they did is then unknown. */
export const within =
  (limit: Duration.Duration, scope: Scope.Scope) =>
  <A, E>(operation: string, statement: Effect.Effect<A, E>): Effect.Effect<A, E | StoreError> =>
    Effect.flatMap(Effect.forkDaemon(Effect.interruptible(statement)), (fiber) => {
      const answer = Fiber.await(fiber)
      const abandon = Effect.raceFirst(Effect.sleep(held), answer).pipe(Effect.ensuring(Fiber.interruptFork(fiber)))
      return Effect.interruptible(answer).pipe(
        Effect.timeoutOption(limit),
        Effect.onInterrupt(() => Fiber.interruptFork(fiber)),
        Effect.flatMap((exit): Effect.Effect<A, E | StoreError> =>
          Option.isSome(exit)
            ? exit.value
            : Effect.zipRight(
                Effect.forkIn(Effect.interruptible(abandon), scope),
                new StoreError({
                  operation,
                  reason: "connection",
                  code: null,
                  description: `it did not answer within ${Duration.format(limit)}`
                })
              )
        )
      )
    })
