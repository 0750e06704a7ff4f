/** Makes a table as the first version of this package did, and runs the statements of that version's workers. */
import { SqlClient } from "@effect/sql"
import { Effect } from "effect"

const isPostgres = (sql: SqlClient.SqlClient) => sql.onDialectOrElse({ pg: () => true, orElse: () => false })

const now = (sql: SqlClient.SqlClient) =>
  sql.literal(
    isPostgres(sql)
      ? "(select (extract(epoch from clock_timestamp()) * 1000)::bigint)"
      : "cast(unixepoch('subsec') * 1000 as integer)"
  )

/** Creates the table and the records of its migration. */
export const create = (table: string) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const records = `${table}_migrations`
    yield* sql.unsafe(
      isPostgres(sql)
        ? `create table ${records} (migration_id integer primary key, created_at timestamp with time zone not null default now(), name text not null)`
        : `create table ${records} (migration_id integer primary key not null, created_at datetime not null default current_timestamp, name varchar(255) not null)`
    )
    yield* sql.unsafe(`insert into ${records} (migration_id, name) values (1, 'create')`)
    yield* sql.unsafe(`
      create table ${table} (
        sequence ${isPostgres(sql) ? "bigint generated always as identity primary key" : "integer primary key autoincrement"},
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
      )`)
    yield* sql.unsafe(
      `create index ${table}_open on ${table} (outbox, available_at, sequence) where available_at is not null`
    )
    yield* sql.unsafe(
      `create index ${table}_settled on ${table} (outbox, state, settled_at, sequence) where settled_at is not null`
    )
  })

/** The states in which the first version can leave a row. `due` is in milliseconds from now. */
export const states = {
  fresh: { state: "pending", attempts: 0, claims: 0, due: 0, owner: null, settled: false, error: null },
  offeredAhead: { state: "pending", attempts: 0, claims: 0, due: 86_400_000, owner: null, settled: false, error: null },
  retried: { state: "pending", attempts: 2, claims: 2, due: 300, owner: null, settled: false, error: "503" },
  expired: { state: "leased", attempts: 1, claims: 1, due: -1000, owner: "gone", settled: false, error: null },
  leased: { state: "leased", attempts: 1, claims: 1, due: 60_000, owner: "first", settled: false, error: null },
  dead: { state: "dead", attempts: 1, claims: 1, due: null, owner: null, settled: true, error: "422" },
  delivered: { state: "delivered", attempts: 1, claims: 1, due: null, owner: null, settled: true, error: null }
} as const

/** Inserts a row in each of the states. The rows have the numbers 1, 2 and so on. */
export const fill = (table: string, outbox: string) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    let n = 0
    for (const { attempts, claims, due, error, owner, settled, state } of Object.values(states)) {
      n += 1
      yield* sql`
        insert into ${sql(table)} (
          outbox, id, state, payload, claims, attempts, offered_at, available_at, lease_owner, settled_at, last_error
        ) values (
          ${outbox}, ${`n${n}`}, ${state}, ${`{"n":${n}}`}, ${claims}, ${attempts}, ${now(sql)} - 10000,
          ${due === null ? sql.literal("null") : sql`${now(sql)} + ${sql.literal(String(due))}`}, ${owner},
          ${settled ? now(sql) : sql.literal("null")}, ${error}
        )`
    }
  })

/** Stores a row as the first version does. */
export const offer = (table: string, outbox: string, n: number) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql`
      insert into ${sql(table)} (outbox, id, payload, offered_at, available_at)
      values (${outbox}, ${`n${n}`}, ${`{"n":${n}}`}, ${now(sql)}, ${now(sql)})
      on conflict (id, outbox) do nothing`
  )

/** Claims a row as the first version does, and returns its id. */
export const claim = (table: string, outbox: string) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql<{ readonly id: string }>`
      with due as materialized (
        select sequence from ${sql(table)}
        where outbox = ${outbox} and available_at <= ${now(sql)}
        order by outbox, available_at, sequence
        limit 1
        ${sql.literal(isPostgres(sql) ? "for update skip locked" : "")}
      )
      update ${sql(table)}
      set state = 'leased', claims = claims + 1, attempts = attempts + 1, lease_owner = 'first',
        available_at = ${now(sql)} + 60000
      where sequence in (select sequence from due)
      returning id`
  ).pipe(Effect.map(([row]) => row?.id))

/** Settles the rows that the first version has claimed. */
export const settle = (table: string, becomes: "delivered" | "pending") =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    becomes === "delivered"
      ? sql`
          update ${sql(table)}
          set state = 'delivered', available_at = null, settled_at = ${now(sql)}, lease_owner = null
          where lease_owner = 'first'`
      : sql`
          update ${sql(table)}
          set state = 'pending', available_at = ${now(sql)} + 100, lease_owner = null, last_error = '503'
          where lease_owner = 'first'`
  )
