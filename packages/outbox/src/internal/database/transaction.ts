/**
 * Checks if a fiber is in a transaction. `@effect/sql` marks transactions in the context, in the same way for every
 * client.
 */
import * as SqlClient from "@effect/sql/SqlClient"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FiberRef from "effect/FiberRef"
import * as Option from "effect/Option"

/**
 * The tag with which the libSQL client marks a transaction. This file declares the tag again, because the client does
 * not export it.
 */
class LibsqlTransaction extends Context.Tag("@effect/sql-libsql/LibsqlClient/LibsqlTransaction")<
  LibsqlTransaction,
  unknown
>() {}

/** Returns true if the current fiber is in a transaction. */
export const isWithin: Effect.Effect<boolean> = Effect.map(
  Effect.all([Effect.serviceOption(SqlClient.TransactionConnection), Effect.serviceOption(LibsqlTransaction)]),
  ([any, libsql]) => Option.isSome(any) || Option.isSome(libsql)
)

/** Runs an effect, and every fiber that it forks, outside the surrounding transaction. */
export const outside = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.locallyWith(effect, FiberRef.currentContext, Context.omit(SqlClient.TransactionConnection, LibsqlTransaction))
