/** Tests tables of the first version, tables of a restored backup, names of tables, and roles of Postgres. */
import { join } from "node:path"
import { SqlClient } from "@effect/sql"
import { PgClient } from "@effect/sql-pg"
import { assert, describe, it } from "@effect/vitest"
import { Chunk, Duration, Effect, Layer, Redacted, Schedule, Schema, Stream, String } from "effect"
import { Outbox, OutboxStore, OutboxWorker } from "../src/index.js"
import * as Databases from "./support/Databases.js"
import * as FirstVersion from "./support/FirstVersion.js"
import * as Server from "./support/Server.js"

const Row = Schema.Struct({ n: Schema.Int })

const quick: OutboxWorker.Options = {
  backoff: { initialInterval: "20 millis", maxInterval: "100 millis" },
  pollInterval: "20 millis"
}

/** Makes an outbox over a table. Creates the table if it does not exist. */
const open = (table: string, sql?: Layer.Layer<SqlClient.SqlClient, unknown>) =>
  Effect.flatMap(
    Layer.build(
      sql === undefined ? OutboxStore.layerSql({ table }) : OutboxStore.layerSql({ table }).pipe(Layer.provide(sql))
    ),
    (store) => Effect.provide(Outbox.make("rows", { schema: Row, id: ({ n }) => `n${n}` }), store)
  )

const work = (outbox: Outbox.Outbox<typeof Row.Type, unknown>) =>
  Effect.gen(function* () {
    const webhook = yield* Server.webhook
    yield* OutboxWorker.make({ source: { ...outbox.source, webhook: Effect.succeed(webhook) } }, quick)
    return webhook.id
  })

for (const { client, isThere, name } of Databases.clients) {
  describe.skipIf(!isThere)(`A table of the first version on ${name}`, () => {
    const provided = Effect.provide([client, Server.layer(), Server.quiet])

    it.live("keeps its rows in every state, and a worker delivers the due rows", () =>
      Effect.gen(function* () {
        const table = yield* Databases.ownTable
        yield* FirstVersion.create(table)
        yield* FirstVersion.fill(table, "rows")
        const outbox = yield* open(table)
        assert.deepStrictEqual(yield* outbox.counts, { pending: 4, leased: 1, delivered: 1, dead: 1 })
        const { failing } = yield* outbox.status
        assert.deepInclude(failing, { error: "503", rows: 1 })
        const [letter] = Chunk.toReadonlyArray(yield* Stream.runCollect(outbox.deadLetters))
        assert.deepStrictEqual([letter?.id, letter?.document, letter?.error], ["n6", { n: 6 }, "422"])
        assert.isTrue((yield* outbox.offer({ n: 7 })).isDuplicate)
        yield* outbox.redrive()
        const webhook = yield* work(outbox)
        yield* Effect.repeat(outbox.counts, {
          until: ({ delivered }) => delivered === 6,
          schedule: Schedule.spaced("10 millis")
        })
        assert.sameMembers(yield* Server.held(webhook), [1, 2, 3, 4, 6])
        assert.deepStrictEqual(yield* outbox.counts, { pending: 0, leased: 1, delivered: 6, dead: 0 })
      }).pipe(Effect.scoped, provided)
    )

    it.live("still works for workers of the first version after the migration", () =>
      Effect.gen(function* () {
        const table = yield* Databases.ownTable
        yield* FirstVersion.create(table)
        yield* FirstVersion.offer(table, "rows", 1)
        assert.strictEqual(yield* FirstVersion.claim(table, "rows"), "n1")
        const outbox = yield* open(table)
        yield* outbox.offer({ n: 2 })
        yield* FirstVersion.settle(table, "delivered")
        // Check that each version claims rows that the other version has stored or put back.
        assert.strictEqual(yield* FirstVersion.claim(table, "rows"), "n2")
        yield* FirstVersion.settle(table, "pending")
        yield* FirstVersion.offer(table, "rows", 3)
        const webhook = yield* work(outbox)
        yield* outbox.drain
        assert.sameMembers(yield* Server.held(webhook), [2, 3])
        assert.deepStrictEqual(yield* outbox.counts, { pending: 0, leased: 0, delivered: 3, dead: 0 })
        // Check the migration records: a process of the first version would now start and find nothing to migrate.
        const sql = yield* SqlClient.SqlClient
        assert.deepStrictEqual(
          yield* sql`select migration_id, name from ${sql(`${table}_migrations`)} order by migration_id`,
          [
            { migration_id: 1, name: "create" },
            { migration_id: 2, name: "extend" }
          ]
        )
      }).pipe(Effect.scoped, provided)
    )
  })

  describe.skipIf(!isThere)(`A partly restored database on ${name}`, () => {
    for (const [lost, rows] of [
      ["the records of migrations", 1],
      ["the table", 0]
    ] as const) {
      it.live(`works without ${lost}`, () =>
        Effect.gen(function* () {
          const sql = yield* SqlClient.SqlClient
          const table = yield* Databases.ownTable
          yield* Effect.scoped(Effect.flatMap(open(table), ({ offer }) => offer({ n: 1 })))
          yield* sql`drop table ${sql(rows === 1 ? `${table}_migrations` : table)}`
          const outbox = yield* open(table)
          yield* outbox.offer({ n: 2 })
          assert.strictEqual((yield* outbox.counts).pending, rows + 1)
        }).pipe(Effect.scoped, Effect.provide(client))
      )
    }
  })
}

describe("A table's name that cannot be used", () => {
  /** Returns the reason why a name is refused. Fails if the refusal takes 5 seconds or more. */
  const refused = <A, E, R>(layer: Layer.Layer<A, E, R>) =>
    Effect.map(Effect.timed(Effect.flip(Effect.scoped(Layer.build(layer)))), ([time, error]) => {
      assert.isBelow(Duration.toMillis(time), 5000)
      assert.strictEqual(error instanceof Object && "reason" in error && error.reason, "schema")
      return error instanceof Error ? error.message : ""
    })

  it.live("is refused on SQLite if it names a schema, is empty, or has a control character", () =>
    Effect.gen(function* () {
      const filename = join(yield* Databases.folder, "outbox.db")
      assert.include(
        yield* refused(OutboxStore.layerSqlite({ filename, table: "events.outbox" })),
        '"events.outbox" has a schema, but SQLite has no schemas'
      )
      for (const table of ["events.outbox", "", "a\u0000b"]) {
        assert.include(yield* refused(OutboxStore.layerSql({ table })), "the table's name")
      }
    }).pipe(Effect.scoped, Effect.provide(Databases.sqlite))
  )

  it.live.skipIf(!Databases.hasPostgres)("is refused on Postgres if it is too long or has too many parts", () =>
    Effect.gen(function* () {
      for (const table of ["x".repeat(62), "é".repeat(31), "a.b.c", "a.", "public." + "x".repeat(70)]) {
        assert.include(yield* refused(OutboxStore.layerSql({ table })), "the table's name")
      }
      // Use the longest valid name. Then use a name whose index would have the same name as an existing table.
      const table = yield* Effect.map(Databases.ownTable, (name) => name.padEnd(61, "x"))
      yield* Layer.build(Databases.dropped(table))
      yield* Effect.flatMap(open(table), ({ offer }) => offer({ n: 1 }))
      const sql = yield* SqlClient.SqlClient
      const taken = yield* Databases.ownTable
      yield* sql`create table ${sql(`${taken}_open`)} (n integer)`
      yield* Effect.addFinalizer(() => Effect.orDie(sql`drop table ${sql(`${taken}_open`)}`))
      assert.include(yield* refused(OutboxStore.layerSql({ table: taken })), `"${taken}_open" already exists`)
      assert.include(yield* refused(OutboxStore.layerSql({ table: "no_such_schema.outbox" })), "no_such_schema")
    }).pipe(Effect.scoped, Effect.provide(Databases.postgres()))
  )
})

describe.skipIf(!Databases.hasPostgres)("An outbox over a Postgres client that changes names", () => {
  for (const [what, transforms] of [
    ["of queries and results", { transformQueryNames: String.camelToSnake, transformResultNames: String.snakeToCamel }],
    ["of queries only", { transformQueryNames: String.camelToSnake }],
    ["of results only", { transformResultNames: String.snakeToCamel }]
  ] as const) {
    it.live(`uses the same table in every statement if the client changes the names ${what}`, () =>
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        const suffix = Databases.newTable()
        const table = `ownCase_${suffix}`
        yield* Effect.forEach([table, `own_case_${suffix}`], (name) => Layer.build(Databases.dropped(name)))
        const client = PgClient.layer({ url: Redacted.make(Databases.postgresUrl), ...transforms })
        for (const n of [1, 2]) {
          const outbox = yield* open(table, client)
          yield* outbox.offer({ n })
          assert.strictEqual((yield* outbox.counts).pending, n)
        }
        const tables = yield* sql`select relname from pg_class where relkind = 'r' and relname like ${`%${suffix}%`}`
        assert.strictEqual(tables.length, 2)
      }).pipe(Effect.scoped, Effect.provide(Databases.postgres()))
    )
  }
})

describe.skipIf(!Databases.hasPostgres)("A Postgres role without the right to create tables", () => {
  it.live("can offer, deliver and prune rows of an existing table", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const role = Databases.newTable()
      const table = yield* Databases.ownTable
      yield* Effect.scoped(open(table))
      yield* Effect.acquireRelease(sql.unsafe(`create role ${role} login`), () =>
        Effect.orDie(sql.unsafe(`drop owned by ${role}; drop role ${role}`))
      )
      yield* sql.unsafe(`grant select, insert, update, delete on ${table} to ${role}`)
      const url = new URL(Databases.postgresUrl)
      url.searchParams.set("options", `-c role=${role}`)
      const outbox = yield* open(table, Databases.postgres(url.toString()))
      yield* outbox.offer({ n: 1 })
      const webhook = yield* work(outbox)
      yield* outbox.drain
      assert.deepStrictEqual(yield* Server.held(webhook), [1])
      yield* Effect.sleep("5 millis")
      assert.strictEqual(yield* outbox.prune("1 millis"), 1)
      const error = yield* Effect.flip(open(Databases.newTable(), Databases.postgres(url.toString())))
      assert.include(globalThis.String(error), "permission denied for schema public")
    }).pipe(Effect.scoped, Effect.provide([Databases.postgres(), Server.layer(), Server.quiet]))
  )
})
