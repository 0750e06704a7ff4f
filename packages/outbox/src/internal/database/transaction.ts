/** The transaction that a fiber is in, if any: `@effect/sql` marks it in the context, whichever client it belongs to. */
import * as SqlClient from "@effect/sql/SqlClient"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FiberRef from "effect/FiberRef"
import * as Option from "effect/Option"

/** The libSQL client has a mark of its own, which it does not export. */
class LibsqlTransaction extends Context.Tag("@effect/sql-libsql/LibsqlClient/LibsqlTransaction")<
  LibsqlTransaction,
  unknown
>() {}

/** Tells whether this runs within a transaction. */
export const isWithin: Effect.Effect<boolean> = Effect.map(
  Effect.all([Effect.serviceOption(SqlClient.TransactionConnection), Effect.serviceOption(LibsqlTransaction)]),
  ([any, libsql]) => Option.isSome(any) || Option.isSome(libsql)
)

/** Runs an effect, and all that it forks, as if no transaction were around it. */
export const outside = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.locallyWith(effect, FiberRef.currentContext, Context.omit(SqlClient.TransactionConnection, LibsqlTransaction))
