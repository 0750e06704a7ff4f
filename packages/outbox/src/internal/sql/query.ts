/** The parts that statements share: the table, what the database writes in its own way, and readings of a result. */
import type * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import type { Identifier } from "@effect/sql/Statement"
import * as Effect from "effect/Effect"
import type { Failure, Service } from "../../OutboxStoreService.js"
import type * as Dialect from "./dialect.js"

/** Postgres answers 64-bit integers as strings. */
export type Integer = number | string

/** A request to the store as one statement of its database. */
type Statement<Request> = Request extends (...parameters: infer Parameters) => Effect.Effect<infer A, Failure>
  ? (...parameters: Parameters) => Effect.Effect<A, SqlError>
  : never

/** The statements of a store, one for each of its requests. */
export type Statements = { readonly [Name in keyof Service]: Statement<Service[Name]> }

/** The parts of a statement. */
export interface Parts {
  readonly sql: SqlClient.SqlClient
  readonly table: Identifier
  readonly dialect: Dialect.Dialect
}

/** Returns the `sequence` of each row. */
export const sequences: <E, R>(
  rows: Effect.Effect<ReadonlyArray<{ readonly sequence: Integer }>, E, R>
) => Effect.Effect<ReadonlyArray<number>, E, R> = Effect.map((rows) => rows.map((row) => Number(row.sequence)))

/** Returns the number of rows. */
export const length: <E, R>(rows: Effect.Effect<ReadonlyArray<object>, E, R>) => Effect.Effect<number, E, R> =
  Effect.map((rows) => rows.length)
