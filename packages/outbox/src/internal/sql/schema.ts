/**
 * Creates the table of the outboxes, and migrates a table of an older version. The columns of a table show its version.
 *
 * Also writes the records of `@effect/sql`'s Migrator, because processes of the first version read these records. This
 * version never reads the records. So a table works without its records. If the table is lost and its records are left,
 * the table is created again.
 */
import type * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"
import { codeOf } from "../database/storeError.js"
import * as Dialect from "./dialect.js"

/** Returns a table's name without its schema, because the name of an index must not have a schema. */
const bare = (table: string): string => table.slice(table.lastIndexOf(".") + 1)

/**
 * The maximum length of a table's name, in bytes. Postgres cuts names after 63 bytes. Up to this length, the cut names
 * of the table's indexes still differ.
 */
const longest = 61

const encoder = new TextEncoder()

/** Returns the reason why a table can never have this name, or `undefined` if the name is valid. */
export const wrongName = (sql: SqlClient.SqlClient, table: string): string | undefined => {
  const parts = table.split(".")
  const told = `the table's name ${JSON.stringify(table.slice(0, 200))}`
  if (parts.includes("") || /[\p{Cc}\p{Cs}]/u.test(table)) {
    return `${told} has an empty part or a control character: use another name`
  }
  return sql.onDialectOrElse({
    pg: () => {
      if (parts.length > 2) return `${told} has more parts than a schema and a name: use at most one dot`
      const bytes = Math.max(...parts.map((part) => encoder.encode(part).length))
      return bytes > longest
        ? `${told} has ${bytes} bytes, but the maximum is ${longest}: use a shorter name`
        : undefined
    },
    orElse: () => (parts.length > 1 ? `${told} has a schema, but SQLite has no schemas: leave out the dot` : undefined)
  })
}

interface Version {
  readonly id: number
  readonly name: string
  /** A column that this version adds. If a table has this column, the migration to this version has run. */
  readonly column: string
  readonly run: Effect.Effect<unknown, SqlError>
}

/**
 * Lists the versions of the table, oldest first. The table holds one row for each offered row:
 *
 * - `sequence`: the number of the row, in the order of the offers. A number is never used twice.
 * - `available_at`: the time from which a worker can claim the row, in milliseconds by the database's clock. For a
 *   pending row, this time is the end of the backoff. For a leased row, this time is the end of the lease. So one index
 *   serves pending and leased rows. The value is 0 for a row that has not failed: that row is always due. The value is
 *   null once the row is delivered or dead.
 * - `changed_at`: the time at which `available_at` was set. A time in the future shows that the clock was ahead. The
 *   wait or lease then restarts.
 * - `claims`: the number of claims so far. Together with `lease_owner`, the number identifies one claim. So a worker
 *   that lost its lease cannot settle a row that was claimed again.
 * - `id`: the row's id. The index that finds ids begins with `id`, and the other two indexes begin with `outbox`. With
 *   different first columns, no query planner picks the wrong index.
 * - `attempts`: the number of attempts since the row was offered or re-driven. The row's backoff grows with this
 *   number.
 * - `failing_since`: the time at which the first of these attempts failed.
 * - `trace`: the span of the offer, as a W3C `traceparent`.
 */
const versions = (sql: SqlClient.SqlClient, table: string): ReadonlyArray<Version> => {
  const name = sql(table)
  const create = Effect.gen(function* () {
    const key = sql.onDialectOrElse({
      pg: () => "bigint generated always as identity primary key",
      orElse: () => "integer primary key autoincrement"
    })
    // Make Postgres vacuum the table early, because rows change a few times and are then deleted.
    const storage = sql.onDialectOrElse({
      pg: () => "with (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000)",
      orElse: () => ""
    })
    yield* sql`
      create table ${name} (
        sequence ${sql.literal(key)},
        outbox text not null,
        id text not null,
        state text not null default 'pending' check (state in ('pending', 'leased', 'delivered', 'dead')),
        payload text not null,
        claims integer not null default 0,
        attempts integer not null default 0,
        offered_at bigint not null,
        available_at bigint,
        lease_owner text,
        settled_at bigint,
        last_error text,
        unique (id, outbox)
      ) ${sql.literal(storage)}`
    yield* sql`
      create index ${sql(`${bare(table)}_open`)} on ${name} (outbox, available_at, sequence)
      where available_at is not null`
    yield* sql`
      create index ${sql(`${bare(table)}_settled`)} on ${name} (outbox, state, settled_at, sequence)
      where settled_at is not null`
  })
  // Add nullable columns without a default. So no row is rewritten, and processes of the first version still work.
  const extend = Effect.gen(function* () {
    for (const column of ["failing_since bigint", "trace text", "changed_at bigint"]) {
      yield* sql`alter table ${name} add column ${sql.literal(column)}`
    }
    yield* sql`
      update ${name} set available_at = 0
      where state = 'pending' and attempts = 0 and available_at > ${Dialect.of(sql).now}`
  })
  return [
    { id: 1, name: "create", column: "sequence", run: create },
    { id: 2, name: "extend", column: "changed_at", run: extend }
  ]
}

/**
 * The longest wait of a migration for each lock on the table. While the migration waits, all other transactions that
 * use the table wait, too.
 */
const lockTimeout = "2s"

/** Runs the missing migrations, in one transaction. */
const upgrade = (
  sql: SqlClient.SqlClient,
  table: string,
  missing: Effect.Effect<ReadonlyArray<Version>, SqlError>
): Effect.Effect<void, SqlError> => {
  const records = sql(`${table}_migrations`)
  const createdAt = sql.onDialectOrElse({
    pg: () => "timestamp with time zone not null default now()",
    orElse: () => "datetime not null default current_timestamp"
  })
  return sql.withTransaction(
    Effect.gen(function* () {
      yield* sql.onDialectOrElse({
        pg: () => sql`set local lock_timeout = ${sql.literal(`'${lockTimeout}'`)}`,
        orElse: () => Effect.void
      })
      yield* sql`
        create table if not exists ${records} (
          migration_id integer primary key not null, created_at ${sql.literal(createdAt)}, name text not null
        )`
      // Check again which migrations are missing, because another process may have run them in the meantime.
      for (const { id, name, run } of yield* missing) {
        yield* sql`insert into ${records} (migration_id, name) values (${id}, ${name}) on conflict do nothing`
        yield* run
      }
    })
  )
}

/**
 * Returns true if the table, a column or an index exists already: another process has created it in the meantime, or
 * something else already has the same name.
 */
const isThere = (error: SqlError): boolean => /^(23505|42P07|42701)/.test(codeOf(error) ?? "")

/** Creates the table, or migrates a table of an older version. Takes no lock if there is nothing to do. */
export const migrate = (sql: SqlClient.SqlClient, table: string): Effect.Effect<void, SqlError> => {
  const all = versions(sql, table)
  const missing = Effect.map(Dialect.columns(sql, table), (columns) => all.filter(({ column }) => !columns.has(column)))
  return Effect.flatMap(missing, ({ length }) => (length === 0 ? Effect.void : upgrade(sql, table, missing))).pipe(
    // Retry without a pause, because Postgres reports this error only after the other process has ended its
    // transaction.
    Effect.retry({ times: 3, while: isThere })
  )
}
