/** Loads a database's driver when it is needed: who keeps the outbox in another database need not install it. */
import { shorten } from "@mammoth-effect/core/Issue"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { identity } from "effect/Function"
import * as Predicate from "effect/Predicate"
import { StoreError } from "../../OutboxError.js"

/** Tells which package could not be loaded. */
export const missing =
  (name: string) =>
  (error: unknown): Either.Either<never, StoreError> => {
    const reason = Predicate.isError(error) ? shorten(error.message, 400) : "it tells no reason"
    return Either.left(
      new StoreError({ operation: "open", reason: "driver", description: `${name} cannot be loaded: ${reason}` })
    )
  }

/** The caller handles both ends of its `import` in one `then`, so that bundlers let the package be absent. */
export const load = <A>(module: () => Promise<Either.Either<A, StoreError>>): Effect.Effect<A, StoreError> =>
  Effect.flatMap(Effect.promise(module), identity)
