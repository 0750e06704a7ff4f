/** Declares the parts that all statements share, and reads their results. */
import type * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import type { Identifier } from "@effect/sql/Statement"
import * as Effect from "effect/Effect"
import type { Failure, Service } from "../../OutboxStoreService.js"
import type * as Dialect from "./dialect.js"

/** A 64-bit integer, which Postgres returns as a string. */
export type Integer = number | string

/** The type of a statement: a function of the store, except that the statement fails with `SqlError`. */
type Statement<Request> = Request extends (...parameters: infer Parameters) => Effect.Effect<infer A, Failure>
  ? (...parameters: Parameters) => Effect.Effect<A, SqlError>
  : never

/** The statements of a store, one for each of its functions. */
export type Statements = { readonly [Name in keyof Service]: Statement<Service[Name]> }

/** The parts that every statement needs. */
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
