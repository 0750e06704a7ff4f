/** Writes the SQL that differs between SQLite and Postgres: the time, a list as a parameter, and the claim of rows. */
import type * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import type * as Statement from "@effect/sql/Statement"
import * as Effect from "effect/Effect"
import { identity } from "effect/Function"

/** The columns of a list that is passed as JSON, with their Postgres types. */
export type Columns = { readonly [name: string]: "bigint" | "text" }

/** Settings of one database. */
export interface Settings {
  /** If true, all strings are written in ASCII, because the database's encoding is not UTF-8. Default: false. */
  readonly isAsciiOnly?: boolean | undefined
  /** The longest wait for each lock of another transaction, in milliseconds. Default: the database's own setting. */
  readonly lockTimeout?: number | undefined
}

export interface Dialect {
  /** The database's time in milliseconds since 1970. Only this clock decides which rows are due. */
  readonly now: Statement.Fragment
  /** Reads a list of objects from one JSON parameter, as a relation with the name `given`. */
  readonly given: (json: string, columns: Columns) => Statement.Fragment
  /**
   * Matches the rows of an outbox whose wait for a retry has ended, or whose lease has ended. With this condition, the
   * database can read only the matching part of the index `outbox, available_at, sequence`.
   */
  readonly isDue: (outbox: string) => Statement.Fragment
  /**
   * Matches the rows of an outbox that have not failed, which are always due. With this condition, the database can
   * read only the matching part of the index `outbox, available_at, sequence`.
   */
  readonly isFresh: (outbox: string) => Statement.Fragment
  /**
   * The clause that skips rows that another worker is claiming at this moment. The clause is empty if the database has
   * only one writer at a time.
   */
  readonly skipLocked: Statement.Fragment
  /** The keyword that makes a sub-select run exactly once. */
  readonly once: Statement.Fragment
  /**
   * A condition that is always true. Evaluating the condition limits how long the statement waits for rows that another
   * transaction has locked. If the database has its own limit, that limit applies instead. Postgres evaluates the
   * condition before the statement takes a row, and removes the limit after the statement.
   */
  readonly boundsLocks: Statement.Fragment
  /** Returns the placeholder of a parameter. The first position is 1. */
  readonly placeholder: (position: number) => string
  /** Writes JSON or an error's message in characters that the database's encoding has. */
  readonly text: (text: string) => string
}

/** Escapes every character outside ASCII as JSON does. Every encoding has the characters of ASCII. */
const ascii = (text: string): string =>
  text.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)

/** Returns true if this Postgres database is encoded in UTF-8. */
export const isUnicode = (sql: SqlClient.SqlClient): Effect.Effect<boolean, SqlError> =>
  Effect.map(
    sql<{ readonly encoding: string }>`select current_setting('server_encoding') as encoding`,
    ([row]) => row?.encoding === "UTF8"
  )

/** Returns a table's name as this client writes it in statements: quoted, and renamed if the client renames tables. */
const identifier = (sql: SqlClient.SqlClient, table: string): string => sql`${sql(table)}`.compile()[0]

/** Returns the names of a table's columns. Returns an empty set if the table does not exist. */
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

/** Returns true if a statement on this Postgres table waits for a lock. */
export const isWaiting = (sql: SqlClient.SqlClient, table: string): Effect.Effect<boolean, SqlError> =>
  Effect.map(
    sql`
      select from pg_locks as wanted join pg_locks as held using (pid)
      where not wanted.granted and held.relation = to_regclass(${identifier(sql, table)})
      limit 1`,
    (rows) => rows.length > 0
  )

/** Returns the path of a SQLite database. Returns `""` if the database is in memory. */
export const file = (sql: SqlClient.SqlClient): Effect.Effect<string, SqlError> =>
  Effect.map(
    sql<{ readonly file: string | null }>`select file from pragma_database_list where name = 'main'`,
    ([row]) => row?.file ?? ""
  )

/** Returns the dialect of a client. Treats every client except a Postgres client as a SQLite client. */
export const of = (sql: SqlClient.SqlClient, settings: Settings = {}): Dialect => {
  // Wrap the time in a sub-select. Postgres evaluates the sub-select once, so its value can limit an index scan. A
  // volatile function alone cannot limit an index scan.
  const postgresNow = sql.literal("(select (extract(epoch from clock_timestamp()) * 1000)::bigint)")
  const sqliteNow = sql.literal("cast(unixepoch('subsec') * 1000 as integer)")
  return sql.onDialectOrElse({
    pg: (): Dialect => ({
      now: postgresNow,
      // Compare pairs instead of `outbox = … and available_at <= …`. The result is the same. If the table has no
      // statistics, Postgres expects few rows for the plain comparison. Postgres then reads and sorts all pending rows
      // instead of only the first rows.
      isDue: (outbox) => sql`
        (outbox, available_at) >= (${outbox}, 1) and (outbox, available_at) <= (${outbox}, ${postgresNow})
        and available_at is not null`,
      isFresh: (outbox) => sql`
        (outbox, available_at) >= (${outbox}, 0) and (outbox, available_at) <= (${outbox}, 0)
        and available_at is not null`,
      // Declare the parameter as text, and then cast it to `json`. The caller may execute this SQL with another client
      // library, and some libraries would encode a parameter of type `json` a second time.
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
    // Leave out the clauses about locks. SQLite has one writer at a time, so no other transaction ever locks a row.
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
