/** Loads the driver of a database when it is needed, so that nobody has to install the driver of another database. */
import { shorten } from "@mammoth-effect/core/Issue"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { identity } from "effect/Function"
import * as Predicate from "effect/Predicate"
import { StoreError } from "../../OutboxError.js"

/** Turns a failed import into an error that names the missing package. */
export const missing =
  (name: string) =>
  (error: unknown): Either.Either<never, StoreError> => {
    const reason = Predicate.isError(error) ? shorten(error.message, 400) : "no reason given"
    return Either.left(
      new StoreError({ operation: "open", reason: "driver", description: `${name} cannot be loaded: ${reason}` })
    )
  }

/**
 * Loads a module. The function `module` must handle the success and the failure of its `import` in one `then`, so that
 * bundlers accept a missing package.
 */
export const load = <A>(module: () => Promise<Either.Either<A, StoreError>>): Effect.Effect<A, StoreError> =>
  Effect.flatMap(Effect.promise(module), identity)
