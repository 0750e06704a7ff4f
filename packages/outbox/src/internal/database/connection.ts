/**
 * Closes a connection after a failure, and opens another one for the next statement. libSQL does not reset a statement that
 * failed, so SQLite treats the statement as still running. Later writes on the same connection then seem to succeed, but are
 * never committed.
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"

interface Held<C> {
  readonly connection: C
  readonly scope: Scope.CloseableScope
}

/**
 * Opens a connection. Returns a function that runs one statement at a time on the connection. Closes the connection when
 * the scope ends.
 */
export const make = <C, E>(
  open: Effect.Effect<C, E, Scope.Scope>
): Effect.Effect<<A, E2>(use: (connection: C) => Effect.Effect<A, E2>) => Effect.Effect<A, E | E2>, E, Scope.Scope> =>
  Effect.gen(function* () {
    let held: Held<C> | undefined
    const close = Effect.suspend(() => {
      const last = held
      held = undefined
      return last === undefined ? Effect.void : Scope.close(last.scope, Exit.void)
    })
    const acquire: Effect.Effect<C, E> = Effect.suspend(() =>
      held !== undefined
        ? Effect.succeed(held.connection)
        : Effect.flatMap(Scope.make(), (scope) =>
            Scope.extend(open, scope).pipe(
              Effect.tap((connection) => {
                held = { connection, scope }
                return Effect.void
              }),
              Effect.onError((cause) => Scope.close(scope, Exit.failCause(cause)))
            )
          )
    )
    yield* Effect.addFinalizer(() => close)
    const alone = yield* Effect.makeSemaphore(1)
    yield* Effect.uninterruptible(acquire)
    return (use) =>
      alone.withPermits(1)(
        // Make the statement uninterruptible, so that the next caller never gets a connection with a running statement.
        Effect.uninterruptible(
          Effect.flatMap(acquire, use).pipe(Effect.onExit((exit) => (Exit.isSuccess(exit) ? Effect.void : close)))
        )
      )
  })
