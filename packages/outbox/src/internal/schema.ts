/** The outbox's one table, and its migrations. */
import * as Migrator from "@effect/sql/Migrator"
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"

/** The name without its schema, as an index's has to be. */
const bare = (table: string): string => table.slice(table.lastIndexOf(".") + 1)

/**
 * One row for each event.
 *
 * - `sequence`: the order of offering; never used twice.
 * - `available_at`: when a worker may claim the row, in milliseconds by the database's clock. That is the end of a
 *   back-off for a pending row and the end of the lease for a leased one, so that one index serves both; null once the
 *   row is settled.
 * - `claims`: how often it was claimed. With `lease_owner` it names one claim, so that a worker whose lease was lost cannot
 *   settle what has been claimed since.
 * - `id` comes first in its index, and `outbox` in the other two, so that no planner takes the one for the others.
 * - `attempts`: how often it was tried since it was offered or re-driven, which its back-off grows with.
 */
const create = (table: string) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
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
      create table ${sql(table)} (
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
      create index ${sql(`${bare(table)}_open`)} on ${sql(table)} (outbox, available_at, sequence)
      where available_at is not null`
    yield* sql`
      create index ${sql(`${bare(table)}_settled`)} on ${sql(table)} (outbox, state, settled_at, sequence)
      where settled_at is not null`
  })

const migrations = (table: string) => ({ "1_create": create(table) })

const latest = 1

/** Has this version's table been made? */
const isCurrent = (sql: SqlClient.SqlClient, table: string): Effect.Effect<boolean> =>
  Effect.match(sql<{ readonly latest: number | null }>`select max(migration_id) as latest from ${sql(table)}`, {
    onFailure: () => false,
    onSuccess: ([row]) => (row?.latest ?? 0) >= latest
  })

/** Creates the table, or brings that of an older version up to date; takes no lock where there is nothing to do. */
export const migrate = (table: string): Effect.Effect<void, Migrator.MigrationError | SqlError, SqlClient.SqlClient> =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const records = `${table}_migrations`
    if (yield* isCurrent(sql, records)) return
    yield* Migrator.make({})({ table: records, loader: Migrator.fromRecord(migrations(table)) })
  })
