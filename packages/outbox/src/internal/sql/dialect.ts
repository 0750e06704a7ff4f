/** The SQL that differs between SQLite and Postgres: the time, a list as a parameter, and the claim of a row. */
import type * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import type * as Statement from "@effect/sql/Statement"
import * as Effect from "effect/Effect"
import { identity } from "effect/Function"

/** The columns of a list that is given as JSON, with their Postgres types. */
export type Columns = { readonly [name: string]: "bigint" | "text" }

/** Settings of a database beyond its kind. */
export interface Settings {
  /** If true, the database's encoding lacks most characters. Default: false, for UTF-8. */
  readonly isAsciiOnly?: boolean | undefined
  /** The longest wait for each lock of another transaction, in milliseconds. Default: as the database is set. */
  readonly lockTimeout?: number | undefined
}

export interface Dialect {
  /** The database's time in milliseconds since 1970: it alone decides what is due, whatever the machines' clocks say. */
  readonly now: Statement.Fragment
  /** A list of objects, given as one JSON parameter, as a relation named `given`. */
  readonly given: (json: string, columns: Columns) => Statement.Fragment
  /** The rows of an outbox that waited and are due, as a bound of the index over `outbox, available_at, sequence`. */
  readonly isDue: (outbox: string) => Statement.Fragment
  /** The rows of an outbox that are always due, as a bound of the same index. */
  readonly isFresh: (outbox: string) => Statement.Fragment
  /** Passes over rows that another worker is claiming at this moment, in a database with several writers at once. */
  readonly skipLocked: Statement.Fragment
  /** Makes a sub-select run exactly once. */
  readonly once: Statement.Fragment
  /**
   * A condition that is always true. It bounds the wait for rows that another transaction has locked, unless the database
   * is set to do so. Postgres evaluates it before the statement takes any row, and forgets the setting with the statement.
   */
  readonly boundsLocks: Statement.Fragment
  /** Stands for a parameter, by its position from 1. */
  readonly placeholder: (position: number) => string
  /** Writes JSON, or words for an operator, in characters that the database's encoding has. */
  readonly text: (text: string) => string
}

/** ASCII means the same in every encoding, and JSON can be written in it. */
const ascii = (text: string): string =>
  text.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)

/** Tells whether the encoding of this Postgres database has every character. */
export const isUnicode = (sql: SqlClient.SqlClient): Effect.Effect<boolean, SqlError> =>
  Effect.map(
    sql<{ readonly encoding: string }>`select current_setting('server_encoding') as encoding`,
    ([row]) => row?.encoding === "UTF8"
  )

/** A table's name as a statement has it: quoted, and changed if the client changes names. */
const identifier = (sql: SqlClient.SqlClient, table: string): string => sql`${sql(table)}`.compile()[0]

/** The names of a table's columns; there are none if there is no such table. */
export const columns = (sql: SqlClient.SqlClient, table: string): Effect.Effect<ReadonlySet<string>, SqlError> => {
  const name = identifier(sql, table)
  return Effect.map(
    sql.onDialectOrElse({
      pg: () => sql<{ readonly name: string }>`
        select attname as name from pg_attribute
        where attrelid = to_regclass(${name}) and attnum > 0 and not attisdropped`,
      orElse: () => sql<{ readonly name: string }>`
        select name from pragma_table_info(${name.slice(1, -1).replaceAll('""', '"')})`
    }),
    (rows) => new Set(rows.map(({ name }) => name))
  )
}

/** Tells whether a statement on this table of Postgres waits for a lock. */
export const isWaiting = (sql: SqlClient.SqlClient, table: string): Effect.Effect<boolean, SqlError> =>
  Effect.map(
    sql`
      select from pg_locks as wanted join pg_locks as held using (pid)
      where not wanted.granted and held.relation = to_regclass(${identifier(sql, table)})
      limit 1`,
    (rows) => rows.length > 0
  )

/** The path of a SQLite database's file, or `""` if it is in memory. */
export const file = (sql: SqlClient.SqlClient): Effect.Effect<string, SqlError> =>
  Effect.map(
    sql<{ readonly file: string | null }>`select file from pragma_database_list where name = 'main'`,
    ([row]) => row?.file ?? ""
  )

/** Any SQLite client, or that of Postgres. */
export const of = (sql: SqlClient.SqlClient, settings: Settings = {}): Dialect => {
  // in a sub-select, so that it is read once and can bound an index scan, which a volatile function cannot
  const postgresNow = sql.literal("(select (extract(epoch from clock_timestamp()) * 1000)::bigint)")
  const sqliteNow = sql.literal("cast(unixepoch('subsec') * 1000 as integer)")
  return sql.onDialectOrElse({
    pg: (): Dialect => ({
      now: postgresNow,
      // compared as pairs, which means the same as `outbox = … and available_at <= …`: of those Postgres takes the result
      // for small where it has no statistics, and then reads and sorts all that is pending instead of the first few
      isDue: (outbox) => sql`
        (outbox, available_at) >= (${outbox}, 1) and (outbox, available_at) <= (${outbox}, ${postgresNow})
        and available_at is not null`,
      isFresh: (outbox) => sql`
        (outbox, available_at) >= (${outbox}, 0) and (outbox, available_at) <= (${outbox}, 0)
        and available_at is not null`,
      // a text first: other clients write a parameter of type `json` as JSON once more
      given: (json, columns) =>
        sql`json_to_recordset(${json}::text::json) as given(${sql.literal(
          Object.entries(columns)
            .map(([name, type]) => `${name} ${type}`)
            .join(", ")
        )})`,
      skipLocked: sql.literal("for update skip locked"),
      once: sql.literal("materialized"),
      boundsLocks:
        settings.lockTimeout === undefined
          ? sql.literal("true")
          : sql.literal(`(
              select set_config('lock_timeout', coalesce(nullif(current_setting('lock_timeout'), '0'), '${settings.lockTimeout}'), true)
            ) is not null`),
      placeholder: (position) => `$${position}`,
      text: settings.isAsciiOnly === true ? ascii : identity
    }),
    // SQLite has one writer at a time, so that nothing is ever locked by another
    orElse: (): Dialect => ({
      now: sqliteNow,
      isDue: (outbox) => sql`outbox = ${outbox} and available_at > 0 and available_at <= ${sqliteNow}`,
      isFresh: (outbox) => sql`outbox = ${outbox} and available_at = 0`,
      given: (json, columns) =>
        sql`(select ${sql.literal(
          Object.keys(columns)
            .map((name) => `value ->> '${name}' as ${name}`)
            .join(", ")
        )} from json_each(${json})) as given`,
      skipLocked: sql.literal(""),
      once: sql.literal("materialized"),
      boundsLocks: sql.literal("true"),
      placeholder: () => "?",
      text: identity
    })
  })
}
