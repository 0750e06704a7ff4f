/**
 * Collects all statements of the outbox. Each statement takes effect completely or not at all. A list is passed as one
 * JSON parameter, so the SQL is the same for one row and for thousands of rows.
 */
import type * as SqlClient from "@effect/sql/SqlClient"
import * as Claim from "./claim.js"
import * as Dialect from "./dialect.js"
import * as Insert from "./insert.js"
import * as Maintain from "./maintain.js"
import type { Parts, Statements } from "./query.js"
import * as Read from "./read.js"
import * as Settle from "./settle.js"

export type { Statements } from "./query.js"

export const make = (sql: SqlClient.SqlClient, tableName: string, settings?: Dialect.Settings): Statements => {
  const parts: Parts = { sql, table: sql(tableName), dialect: Dialect.of(sql, settings) }
  return {
    ...Insert.make(parts),
    ...Claim.make(parts),
    ...Settle.make(parts),
    ...Read.make(parts),
    ...Maintain.make(parts)
  }
}
