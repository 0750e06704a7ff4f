/** What SQLite and Postgres write differently: the time, a list as a parameter, and how a row is claimed. */
import type * as SqlClient from "@effect/sql/SqlClient"
import type * as Statement from "@effect/sql/Statement"

/** The columns of a list that is given as JSON, with their Postgres types. */
export type Columns = { readonly [name: string]: "bigint" | "text" }

export interface Dialect {
  /** The database's time in milliseconds since 1970: it alone decides what is due, whatever the machines' clocks say. */
  readonly now: Statement.Fragment
  /** A list of objects, given as one JSON parameter, as a relation named `given`. */
  readonly given: (json: string, columns: Columns) => Statement.Fragment
  /** The rows of an outbox that are due, as a bound of the index over `outbox, available_at, sequence`. */
  readonly isDue: (outbox: string) => Statement.Fragment
  /** How rows that another worker is claiming at this moment are passed over, where several can be at it at once. */
  readonly skipLocked: Statement.Fragment
  /** Makes a sub-select run exactly once. */
  readonly once: Statement.Fragment
}

/** Any SQLite client, or that of Postgres. */
export const of = (sql: SqlClient.SqlClient): Dialect => {
  // in a sub-select, so that it is read once and can bound an index scan, which a volatile function cannot
  const postgresNow = sql.literal("(select (extract(epoch from clock_timestamp()) * 1000)::bigint)")
  const sqliteNow = sql.literal("cast(unixepoch('subsec') * 1000 as integer)")
  return sql.onDialectOrElse({
    pg: (): Dialect => ({
      now: postgresNow,
      // compared as pairs, which means the same as `outbox = … and available_at <= …`: of those Postgres takes the result
      // for small where it has no statistics, and then reads and sorts all that is pending instead of the first few
      isDue: (outbox) => sql`
        (outbox, available_at) >= (${outbox}, 0) and (outbox, available_at) <= (${outbox}, ${postgresNow})
        and available_at is not null`,
      given: (json, columns) =>
        sql`json_to_recordset(${json}::json) as given(${sql.literal(
          Object.entries(columns)
            .map(([name, type]) => `${name} ${type}`)
            .join(", ")
        )})`,
      skipLocked: sql.literal("for update skip locked"),
      once: sql.literal("materialized")
    }),
    // SQLite has one writer at a time, so that nothing is ever locked by another
    orElse: (): Dialect => ({
      now: sqliteNow,
      isDue: (outbox) => sql`outbox = ${outbox} and available_at <= ${sqliteNow}`,
      given: (json, columns) =>
        sql`(select ${sql.literal(
          Object.keys(columns)
            .map((name) => `value ->> '${name}' as ${name}`)
            .join(", ")
        )} from json_each(${json})) as given`,
      skipLocked: sql.literal(""),
      once: sql.literal("materialized")
    })
  })
}
