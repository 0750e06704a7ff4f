/** Tests statements in transactions of other clients. A row must be sent only if its transaction is committed. */
import { join } from "node:path"
import { SqlClient } from "@effect/sql"
import { assert, describe, it } from "@effect/vitest"
import { Emulator } from "@mammoth-effect/emulator"
import { Context, Effect, Layer, Runtime, Schema, type Tracer } from "effect"
import { Outbox, OutboxStore, OutboxWorker } from "../src/index.js"
import * as Databases from "./support/Databases.js"
import * as Native from "./support/Native.js"
import * as Server from "./support/Server.js"

const Row = Schema.Struct({ n: Schema.Int })

const quick: OutboxWorker.Options = { pollInterval: "20 millis" }

/** Opens a store, and a client of another library on the same database. */
const opened = ({ database, open }: (typeof Native.clients)[number]) =>
  Effect.gen(function* () {
    const orders = Databases.newTable()
    if (database === "sqlite") {
      const filename = join(yield* Databases.folder, "app.db")
      const store = yield* Layer.build(OutboxStore.layerSqlite({ filename }))
      return { store, native: yield* open(filename, orders) }
    }
    const table = Databases.newTable()
    const store = yield* Layer.build(
      OutboxStore.layerSql({ table }).pipe(Layer.merge(Databases.dropped(table)), Layer.provide(Databases.postgres()))
    )
    return { store, native: yield* open(Databases.postgresUrl, orders) }
  })

for (const client of Native.clients) {
  describe.skipIf(!client.isThere)(`A statement in a transaction of ${client.name}`, () => {
    const make = Effect.gen(function* () {
      const { native, store } = yield* opened(client)
      const webhook = yield* Server.webhook
      const outbox = yield* Effect.provide(Outbox.make(webhook, { name: "orders", schema: Row }), store)
      return { native, outbox, webhook }
    })
    const provided = Effect.provide([Server.layer(), Server.quiet])

    it.live("stores a row that is sent only after the commit", () =>
      Effect.gen(function* () {
        const { native, outbox, webhook } = yield* make
        yield* OutboxWorker.make(outbox, quick)
        const run = Runtime.runPromise(yield* Effect.runtime<Emulator.Emulator>())
        const stored = yield* Effect.promise(() =>
          native.transaction(async ({ execute, order }) => {
            await order(1)
            const count = await execute(await run(outbox.statement({ n: 1 })))
            await run(Effect.sleep("150 millis"))
            assert.strictEqual(await run(Server.pushes), 0)
            return count
          })
        )
        assert.strictEqual(stored, 1)
        yield* outbox.drain
        assert.deepStrictEqual(yield* Server.held(webhook.id), [1])
        assert.deepStrictEqual(yield* Effect.promise(native.ordered), [1])
      }).pipe(Effect.scoped, provided)
    )

    it.live("stores no row if the transaction is rolled back", () =>
      Effect.gen(function* () {
        const { native, outbox, webhook } = yield* make
        yield* OutboxWorker.make(outbox, quick)
        const statement = yield* outbox.statement({ n: 1 })
        const failed = yield* Effect.promise(() =>
          native
            .transaction(async ({ execute, order }) => {
              await order(1)
              await execute(statement)
              throw new Error("the card was declined")
            })
            .catch((error: unknown) => error)
        )
        assert.include(String(failed), "the card was declined")
        yield* outbox.offer({ n: 2 })
        yield* outbox.drain
        assert.deepStrictEqual(yield* Server.held(webhook.id), [2])
        assert.deepStrictEqual(yield* Effect.promise(native.ordered), [])
        assert.deepStrictEqual(yield* outbox.counts, { pending: 0, leased: 0, delivered: 1, dead: 0 })
      }).pipe(Effect.scoped, provided)
    )

    it.live("stores nothing if the outbox has the id already", () =>
      Effect.gen(function* () {
        const { native, outbox, webhook } = yield* make
        yield* outbox.offer({ n: 1 }, { id: "a" })
        const statement = yield* outbox.statement({ n: 2 }, { id: "a" })
        assert.strictEqual(yield* Effect.promise(() => native.transaction(({ execute }) => execute(statement))), 0)
        yield* OutboxWorker.make(outbox, quick)
        yield* outbox.drain
        assert.deepStrictEqual(yield* Server.held(webhook.id), [1])
      }).pipe(Effect.scoped, provided)
    )

    it.live("does not change characters that SQL or JSON must escape", () =>
      Effect.gen(function* () {
        const { native, store } = yield* opened(client)
        const text = `it's "quoted" \\ $1 ? :a %s 🦣 \u0001\n`
        const outbox = yield* Effect.provide(Outbox.make("texts", { schema: Schema.String }), store)
        const statement = yield* outbox.statement(text, { id: `it's $1 ? 🦣` })
        yield* Effect.promise(() => native.transaction(({ execute }) => execute(statement)))
        const rows = yield* Context.get(store, OutboxStore.OutboxStore).claim("texts", {
          owner: "a worker",
          limit: 10,
          leaseMillis: 60_000
        })
        assert.deepStrictEqual(
          rows.map(({ id, payload }) => ({ id, text: JSON.parse(payload) as unknown })),
          [{ id: `it's $1 ? 🦣`, text }]
        )
      }).pipe(Effect.scoped)
    )
  })
}

for (const { isThere, layer, name } of Databases.all) {
  describe.skipIf(!isThere)(`A statement of an outbox on ${name}`, () => {
    it.live("stores a row when a client executes the statement, and not earlier", () =>
      Effect.gen(function* () {
        const outbox = yield* Outbox.make("orders", { schema: Row })
        const { id, params } = yield* outbox.statement({ n: 1 })
        assert.strictEqual(params[0], "orders")
        assert.include(params.join(), id)
        assert.strictEqual((yield* outbox.counts).pending, 0)
      }).pipe(Effect.provide(layer))
    )

    it.live("refuses the rows that an offer refuses", () =>
      Effect.gen(function* () {
        const outbox = yield* Outbox.make("orders", {
          schema: Schema.Struct({ n: Schema.Int, secret: Schema.optional(Schema.Unknown) }),
          idColumn: "id"
        })
        for (const [row, options] of [
          [{ n: 1.5 }, {}],
          [{ n: 1, secret: 1n }, {}],
          [{ n: 1 }, { id: "" }],
          [{ n: 1 }, { id: "a\nb" }]
        ] as const) {
          const [offered, stated] = yield* Effect.all([
            Effect.flip(outbox.offer(row, options)),
            Effect.flip(outbox.statement(row, options))
          ])
          assert.strictEqual(stated._tag, "MammothRowRefused")
          assert.strictEqual(stated.message, offered.message)
        }
      }).pipe(Effect.provide(layer))
    )

    it.live("uses the options id and idColumn, and the span of the caller", () =>
      Effect.gen(function* () {
        const outbox = yield* Outbox.make("orders", { schema: Row, id: ({ n }) => `order-${n}`, idColumn: "event" })
        const [statement, span] = yield* Effect.all([
          outbox.statement({ n: 1 }),
          Effect.currentSpan.pipe(Effect.map((current: Tracer.Span) => current.spanId))
        ]).pipe(Effect.withSpan("order"))
        assert.strictEqual(statement.id, "order-1")
        assert.include(statement.params[1], span)
        assert.deepStrictEqual(JSON.parse(statement.params[2] ?? ""), [
          { id: "order-1", payload: `{"n":1,"event":"order-1"}` }
        ])
      }).pipe(Effect.provide(layer))
    )
  })
}

describe("A statement", () => {
  it.live("provides its SQL as a string with placeholders, and as the parts of a template", () =>
    Effect.gen(function* () {
      const outbox = yield* Outbox.make("orders", { schema: Row })
      const { params, sql, strings } = yield* outbox.statement({ n: 1 })
      assert.match(sql, /^insert into "mammoth_outbox" \(/)
      assert.notInclude(sql, "\n")
      assert.strictEqual(sql, strings.join("?"))
      assert.strictEqual(strings.length, params.length + 1)
      assert.deepStrictEqual([...strings.raw], [...strings])
    }).pipe(Effect.provide(Databases.onOwnSqlite))
  )

  it.live("can be made within a transaction of another client, because it is not executed there", () =>
    Effect.gen(function* () {
      const outbox = yield* Outbox.make("orders", { schema: Row })
      const sql = yield* SqlClient.SqlClient
      const statement = yield* sql.withTransaction(outbox.statement({ n: 1 }))
      assert.include(statement.sql, "mammoth_outbox")
    }).pipe(Effect.provide([Databases.onOwnSqlite, Databases.sqlite]))
  )
})

describe.skipIf(!Databases.hasPostgres)("A statement on Postgres", () => {
  it.live("numbers its placeholders correctly, even if the table's name ends with $1", () =>
    Effect.gen(function* () {
      const table = `${Databases.newTable()}_$1`
      const context = yield* Layer.build(
        OutboxStore.layerSql({ table }).pipe(
          Layer.merge(Databases.dropped(table)),
          Layer.provideMerge(Databases.postgres())
        )
      )
      const outbox = yield* Effect.provide(Outbox.make("orders", { schema: Row }), context)
      const { params, sql, strings } = yield* outbox.statement({ n: 1 })
      assert.include(strings[0], table)
      assert.deepStrictEqual(sql.replace(table, "").match(/\$\d/g), ["$1", "$2", "$3"])
      const client = Context.get(context, SqlClient.SqlClient)
      yield* client.unsafe(sql, params)
      assert.strictEqual((yield* outbox.counts).pending, 1)
    }).pipe(Effect.scoped)
  )

  it.live("escapes characters outside ASCII if the database is not encoded in UTF-8", () =>
    Effect.gen(function* () {
      const outbox = yield* Outbox.make("orders", { schema: Schema.String })
      const { params } = yield* outbox.statement("🦣")
      assert.include(params[2], String.raw`\\ud83e\\udda3`)
      assert.match(params[2] ?? "", /^[\x20-\x7e]+$/)
    }).pipe(Effect.provide(OutboxStore.layerSql().pipe(Layer.provide(Databases.newDatabase("LATIN1")))))
  )
})
