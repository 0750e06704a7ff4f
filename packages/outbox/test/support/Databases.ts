/**
 * Provides the databases for the tests. The tests always use SQLite. They use Postgres and better-sqlite3 only if these
 * are available.
 */
import { randomUUID } from "node:crypto"
import { rm, mkdtemp } from "node:fs/promises"
import { connect } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { SqlClient } from "@effect/sql"
import { LibsqlClient } from "@effect/sql-libsql"
import { PgClient } from "@effect/sql-pg"
import { Effect, Layer, Redacted } from "effect"
import { OutboxStore } from "../../src/index.js"

/** Makes a folder, and removes the folder when the scope ends. */
export const folder = Effect.acquireRelease(
  Effect.promise(() => mkdtemp(join(tmpdir(), "outbox-"))),
  (path) => Effect.promise(() => rm(path, { recursive: true, force: true }))
)

export const postgresUrl = process.env["TEST_POSTGRES_URL"] ?? "postgres://postgres@127.0.0.1:5432/test"

const isReachable = (url: URL) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(Number(url.port === "" ? 5432 : url.port), url.hostname)
    socket.setTimeout(1000, () => socket.destroy())
    socket.on("connect", () => socket.end())
    socket.on("error", () => resolve(false))
    socket.on("close", (hadError) => resolve(!hadError))
  })

/**
 * Is true if the tests of Postgres run. If `TEST_POSTGRES_URL` is set but Postgres does not respond, the tests run and
 * fail.
 */
export const hasPostgres = process.env["TEST_POSTGRES_URL"] !== undefined || (await isReachable(new URL(postgresUrl)))

export const postgres = (url: string = postgresUrl) => PgClient.layer({ url: Redacted.make(url) })

/** Creates a Postgres database with the given encoding, and drops it at the end. */
export const newDatabase = (encoding: string) =>
  Layer.unwrapScoped(
    Effect.gen(function* () {
      const name = newTable()
      const server = Effect.provide(postgres())
      const run = (statement: string) => server(Effect.flatMap(SqlClient.SqlClient, (sql) => sql.unsafe(statement)))
      yield* Effect.acquireRelease(
        run(`create database ${name} template template0 encoding '${encoding}' locale 'C'`),
        () => Effect.orDie(run(`drop database ${name} with (force)`))
      )
      const url = new URL(postgresUrl)
      url.pathname = `/${name}`
      return postgres(url.toString())
    })
  )

/** Makes the name of a table that no other test uses. */
export const newTable = () => `outbox_${randomUUID().replaceAll("-", "").slice(0, 12)}`

/** Drops the tables of an outbox at the end. */
export const dropped = (table: string) =>
  Layer.scopedDiscard(
    Effect.flatMap(SqlClient.SqlClient, (sql) =>
      Effect.addFinalizer(() =>
        Effect.orDie(Effect.forEach([table, `${table}_migrations`], (name) => sql`drop table if exists ${sql(name)}`))
      )
    )
  )

/** Makes the name of a new table. Drops the table when the scope ends. */
export const ownTable = Effect.tap(Effect.sync(newTable), (table) => Layer.build(dropped(table)))

/** Opens a client of a new SQLite file. */
export const sqlite = Layer.unwrapScoped(
  Effect.map(folder, (path) => LibsqlClient.layer({ url: `file:${join(path, "app.db")}` }))
)

/** The clients for which an outbox must behave in the same way. */
export const clients: ReadonlyArray<{
  readonly name: string
  readonly client: Layer.Layer<SqlClient.SqlClient, unknown>
  readonly isThere: boolean
}> = [
  { name: "SQLite", client: sqlite, isThere: true },
  { name: "Postgres", client: Layer.suspend(() => postgres()), isThere: hasPostgres }
]

type Both = Layer.Layer<OutboxStore.OutboxStore | SqlClient.SqlClient, unknown>

/** Keeps an outbox in a new table of the test's Postgres. */
export const onPostgres: Both = Layer.suspend(() => {
  const table = newTable()
  return OutboxStore.layerSql({ table }).pipe(Layer.merge(dropped(table)), Layer.provideMerge(postgres()))
})

/** Keeps an outbox in a new SQLite file, over a client of the caller. */
export const onSqlite: Both = OutboxStore.layerSql().pipe(Layer.provideMerge(sqlite))

/** Keeps an outbox in its own new SQLite file. */
export const onOwnSqlite: Layer.Layer<OutboxStore.OutboxStore, unknown> = Layer.unwrapScoped(
  Effect.map(folder, (path) => OutboxStore.layerSqlite({ filename: join(path, "an outbox.db") }))
)

/** Loads better-sqlite3 if it is installed. No package.json of this repository lists it. */
const betterSqlite: Both | undefined = await import(["@effect/sql-sqlite-node", "SqliteClient"].join("/")).then(
  (module: { readonly layer: (options: { readonly filename: string }) => Layer.Layer<SqlClient.SqlClient> }): Both =>
    Layer.unwrapScoped(
      Effect.map(folder, (path) =>
        OutboxStore.layerSql().pipe(Layer.provideMerge(module.layer({ filename: join(path, "app.db") })))
      )
    ),
  () => undefined
)

export interface Database<R> {
  readonly name: string
  readonly layer: Layer.Layer<OutboxStore.OutboxStore | R, unknown>
  readonly isThere: boolean
}

/** The stores with a client whose transactions the caller can use. */
export const shared: ReadonlyArray<Database<SqlClient.SqlClient>> = [
  { name: "SQLite (libSQL)", layer: onSqlite, isThere: true },
  {
    name: "SQLite (better-sqlite3)",
    layer: betterSqlite ?? Layer.die("not installed"),
    isThere: betterSqlite !== undefined
  },
  { name: "Postgres", layer: onPostgres, isThere: hasPostgres }
]

/** The stores that must behave in the same way. */
export const all: ReadonlyArray<Database<never>> = [
  { name: "SQLite", layer: onOwnSqlite, isThere: true },
  ...shared.filter(({ layer }) => layer !== onSqlite)
]
