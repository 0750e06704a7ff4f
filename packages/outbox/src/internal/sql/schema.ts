/**
 * The outbox's one table, and how one of an older version is brought up to date. Its columns tell its version. The records
 * of `@effect/sql`'s Migrator are written beside it for processes of the first version, which go by them; they are never
 * read here, so that a table is found without them, and made anew where only they are left.
 */
import type * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"
import { codeOf } from "../database/storeError.js"
import * as Dialect from "./dialect.js"

/** The name without its schema, as an index's has to be. */
const bare = (table: string): string => table.slice(table.lastIndexOf(".") + 1)

/** The longest name of a table, in bytes: Postgres cuts names after 63, and those of two indexes are made of this one. */
const longest = 61

const encoder = new TextEncoder()

/** Tells why a table can never have this name. */
export const wrongName = (sql: SqlClient.SqlClient, table: string): string | undefined => {
  const parts = table.split(".")
  const told = `the table's name ${JSON.stringify(table.slice(0, 200))}`
  if (parts.includes("") || /[\p{Cc}\p{Cs}]/u.test(table)) {
    return `${told} is empty in a part, or has a control character`
  }
  return sql.onDialectOrElse({
    pg: () => {
      if (parts.length > 2) return `${told} has more parts than a schema and a name`
      const bytes = Math.max(...parts.map((part) => encoder.encode(part).length))
      return bytes > longest
        ? `${told} has ${bytes} bytes, and Postgres takes ${longest} here: it would cut the names that are made of it`
        : undefined
    },
    orElse: () => (parts.length > 1 ? `${told} has a schema, which SQLite does not know: leave out the dot` : undefined)
  })
}

interface Version {
  readonly id: number
  readonly name: string
  /** A column that it adds, and by which it is known to be there. */
  readonly column: string
  readonly run: Effect.Effect<unknown, SqlError>
}

/**
 * One row for each event.
 *
 * - `sequence`: the order of offering; never used twice.
 * - `available_at`: the time from which a worker may claim the row, in milliseconds by the database's clock. That is the
 *   end of a back-off for a pending row and the end of the lease for a leased one, so that one index serves both; 0 for a
 *   row that has not failed, which is due whatever the clock says; null once the row is delivered or dead.
 * - `changed_at`: when `available_at` was set. If that is in the future, the clock was ahead, and the wait starts anew.
 * - `claims`: how often it was claimed. With `lease_owner` it names one claim, so that a worker whose lease was lost cannot
 *   settle what has been claimed since.
 * - `id` comes first in its index, and `outbox` in the other two, so that no planner takes the one for the others.
 * - `attempts`: how often it was tried since it was offered or re-driven, which its back-off grows with.
 * - `failing_since`: when the first of these attempts failed.
 * - `trace`: the span of its offer, as a W3C `traceparent`.
 */
const versions = (sql: SqlClient.SqlClient, table: string): ReadonlyArray<Version> => {
  const name = sql(table)
  const create = Effect.gen(function* () {
    const key = sql.onDialectOrElse({
      pg: () => "bigint generated always as identity primary key",
      orElse: () => "integer primary key autoincrement"
    })
    // rows change a few times each and are then deleted, so that Postgres has to tidy up early
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
  // nullable and without a default, so that no row is written anew, and processes of the first version go on
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

/** The longest wait of a change for each lock of the table. All other transactions wait behind it. */
const lockTimeout = "2s"

/** Makes what is missing, in one transaction. */
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
      // again, as another process may have made it since
      for (const { id, name, run } of yield* missing) {
        yield* sql`insert into ${records} (migration_id, name) values (${id}, ${name}) on conflict do nothing`
        yield* run
      }
    })
  )
}

/** Postgres tells so of what another process has made at the same time, and of a name that something else has. */
const isThere = (error: SqlError): boolean => /^(23505|42P07|42701)/.test(codeOf(error) ?? "")

/** Creates the table, or brings one of an older version up to date; takes no lock if there is nothing to do. */
export const migrate = (sql: SqlClient.SqlClient, table: string): Effect.Effect<void, SqlError> => {
  const all = versions(sql, table)
  const missing = Effect.map(Dialect.columns(sql, table), (columns) => all.filter(({ column }) => !columns.has(column)))
  return Effect.flatMap(missing, ({ length }) => (length === 0 ? Effect.void : upgrade(sql, table, missing))).pipe(
    // at once: the other process has ended its transaction when this one is told
    Effect.retry({ times: 3, while: isThere })
  )
}
