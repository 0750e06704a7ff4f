/** Tests offers in transactions. A row must be sent only if its transaction is committed. */
import { SqlClient } from "@effect/sql"
import { LibsqlClient } from "@effect/sql-libsql"
import { PgClient } from "@effect/sql-pg"
import { assert, describe, it } from "@effect/vitest"
import { Context, Deferred, Duration, Effect, Fiber, Layer, Option, Redacted, Schema } from "effect"
import { Outbox, OutboxError, OutboxStore, OutboxWorker } from "../src/index.js"
import * as Databases from "./support/Databases.js"
import * as Server from "./support/Server.js"

const Row = Schema.Struct({ n: Schema.Int })

const quick: OutboxWorker.Options = { pollInterval: "20 millis" }

/** Makes an outbox, and a table of the caller in the same database. */
const make = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const orders = sql(Databases.newTable())
  yield* Effect.acquireRelease(sql`create table ${orders} (n integer primary key)`, () =>
    Effect.orDie(sql`drop table ${orders}`)
  )
  const webhook = yield* Server.webhook
  const outbox = yield* Outbox.make(webhook, { name: "orders", schema: Row })
  const order = (n: number) => Effect.zipRight(sql`insert into ${orders} ${sql.insert({ n })}`, outbox.offer({ n }))
  const ordered = Effect.map(sql<{ n: number }>`select n from ${orders} order by n`, (rows) => rows.map(({ n }) => n))
  return { sql, webhook, outbox, order, ordered }
})

for (const { isThere, layer, name } of Databases.shared) {
  describe.skipIf(!isThere)(`An offer in a transaction on ${name}`, () => {
    const provided = Effect.provide([layer, Server.layer(), Server.quiet])

    it.live("stores a row that is sent only after the commit", () =>
      Effect.gen(function* () {
        const { order, ordered, outbox, sql, webhook } = yield* make
        yield* OutboxWorker.make(outbox, quick)
        yield* sql.withTransaction(
          Effect.gen(function* () {
            yield* order(1)
            yield* order(2)
            yield* Effect.sleep("150 millis")
            assert.strictEqual(yield* Server.pushes, 0)
          })
        )
        yield* outbox.drain
        assert.sameMembers(yield* Server.held(webhook.id), [1, 2])
        assert.deepStrictEqual(yield* ordered, [1, 2])
      }).pipe(Effect.scoped, provided)
    )

    it.live("stores no row if the transaction is rolled back", () =>
      Effect.gen(function* () {
        const { order, ordered, outbox, sql, webhook } = yield* make
        yield* OutboxWorker.make(outbox, quick)
        const failed = yield* Effect.flip(
          sql.withTransaction(Effect.zipRight(order(1), Effect.fail("the card was declined")))
        )
        assert.strictEqual(failed, "the card was declined")
        // Roll back only the inner transaction.
        yield* sql.withTransaction(
          Effect.zipRight(order(2), Effect.ignore(sql.withTransaction(Effect.zipRight(order(3), Effect.fail("no")))))
        )
        yield* outbox.drain
        yield* Effect.sleep("100 millis")
        assert.deepStrictEqual(yield* Server.held(webhook.id), [2])
        assert.deepStrictEqual(yield* ordered, [2])
        assert.deepStrictEqual(yield* outbox.counts, { pending: 0, leased: 0, delivered: 1, dead: 0 })
      }).pipe(Effect.scoped, provided)
    )

    it.live("stores a row that a worker delivers, even if the worker was started in the same transaction", () =>
      Effect.gen(function* () {
        const { order, outbox, sql, webhook } = yield* make
        yield* sql.withTransaction(Effect.zipRight(order(1), OutboxWorker.make(outbox, quick)))
        yield* outbox.drain
        assert.deepStrictEqual(yield* Server.held(webhook.id), [1])
      }).pipe(Effect.scoped, provided)
    )
  })
}

describe.skipIf(!Databases.hasPostgres)("Two transactions on Postgres that offer the same id", () => {
  const two = Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const outbox = yield* Outbox.make("orders", { schema: Row, id: ({ n }) => String(n) })
    const [offered, ended] = yield* Effect.all([Deferred.make<void>(), Deferred.make<void, string>()])
    const first = yield* Effect.fork(
      sql.withTransaction(
        outbox
          .offer({ n: 1 })
          .pipe(Effect.zipRight(Deferred.succeed(offered, undefined)), Effect.zipRight(Deferred.await(ended)))
      )
    )
    yield* Deferred.await(offered)
    return { sql, outbox, first, ended }
  })

  for (const isCommitted of [true, false]) {
    it.live(
      `store one row, because the second transaction waits until the first ${isCommitted ? "is committed" : "is rolled back"}`,
      () =>
        Effect.gen(function* () {
          const { ended, first, outbox, sql } = yield* two
          const second = yield* Effect.fork(sql.withTransaction(outbox.offer({ n: 1 })))
          yield* Effect.sleep("50 millis")
          assert.isNull(yield* Fiber.poll(second).pipe(Effect.map(Option.getOrNull)))
          yield* isCommitted ? Deferred.succeed(ended, undefined) : Deferred.fail(ended, "no")
          yield* Fiber.await(first)
          assert.deepStrictEqual(yield* Fiber.join(second), { id: "1", isDuplicate: isCommitted })
          assert.strictEqual((yield* outbox.counts).pending, 1)
        }).pipe(Effect.scoped, Effect.provide(Databases.onPostgres))
    )
  }

  it.live("fail with the code of the lock timeout if the wait exceeds the lock timeout", () =>
    Effect.gen(function* () {
      const { ended, first, outbox, sql } = yield* two
      const error = yield* Effect.flip(
        sql.withTransaction(Effect.zipRight(sql`set local lock_timeout = '50ms'`, outbox.offer({ n: 1 })))
      )
      assert.strictEqual(error._tag, "MammothStoreError")
      if (error._tag === "MammothStoreError") assert.deepStrictEqual([error.reason, error.code], ["busy", "55P03"])
      yield* Deferred.succeed(ended, undefined)
      yield* Fiber.await(first)
      assert.strictEqual((yield* outbox.counts).pending, 1)
    }).pipe(Effect.scoped, Effect.provide(Databases.onPostgres))
  )
})

describe.skipIf(!Databases.hasPostgres)("A statement that waits for a lock of another transaction on Postgres", () => {
  /** Makes an outbox with its own pool, while another client holds a transaction open. */
  const locked = (
    lock: (parts: {
      readonly sql: SqlClient.SqlClient
      readonly table: string
      readonly offer: Effect.Effect<unknown, unknown>
    }) => Effect.Effect<unknown, unknown>,
    options: { readonly url?: string; readonly answerTimeout: Duration.DurationInput }
  ) =>
    Effect.gen(function* () {
      const table = Databases.newTable()
      const open = (client: Layer.Layer<SqlClient.SqlClient, unknown>) =>
        Layer.build(
          OutboxStore.layerSql({ table, answerTimeout: options.answerTimeout }).pipe(Layer.provideMerge(client))
        )
      const other = yield* open(Databases.postgres())
      yield* Effect.provide(Layer.build(Databases.dropped(table)), other)
      const here = yield* open(
        PgClient.layer({ url: Redacted.make(options.url ?? Databases.postgresUrl), maxConnections: 2 })
      )
      const outbox = yield* Effect.provide(Outbox.make("orders", { schema: Row }), here)
      const blocking = yield* Effect.provide(Outbox.make("orders", { schema: Row }), other)
      const elsewhere = Context.get(other, SqlClient.SqlClient)
      const [isLocked, ended] = yield* Effect.all([Deferred.make<void>(), Deferred.make<void>()])
      const holding = yield* elsewhere
        .withTransaction(
          lock({ sql: elsewhere, table, offer: blocking.offer({ n: 1 }, { id: "same" }) }).pipe(
            Effect.zipRight(Deferred.succeed(isLocked, undefined)),
            Effect.zipRight(Deferred.await(ended))
          )
        )
        .pipe(Effect.fork)
      yield* Deferred.await(isLocked)
      return {
        outbox,
        sql: Context.get(here, SqlClient.SqlClient),
        end: Effect.zipRight(Deferred.succeed(ended, undefined), Fiber.join(holding))
      }
    })

  const busy = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
    Effect.map(Effect.timed(Effect.flip(effect)), ([time, error]) => {
      assert.strictEqual(error instanceof OutboxError.StoreError && error.reason, "busy")
      return Duration.toMillis(time)
    })

  it.live("fails as busy and frees its connection if the lock is on a row", () =>
    Effect.gen(function* () {
      const { end, outbox } = yield* locked(({ offer }) => offer, { answerTimeout: "400 millis" })
      for (let i = 0; i < 3; i++) yield* busy(outbox.offer({ n: 1 }, { id: "same" }))
      yield* outbox.offer({ n: 2 }, { id: "another" })
      yield* end
      assert.isTrue((yield* outbox.offer({ n: 1 }, { id: "same" })).isDuplicate)
    }).pipe(Effect.scoped)
  )

  it.live("fails as busy and frees its connection if the lock is on the table", () =>
    Effect.gen(function* () {
      const { end, outbox, sql } = yield* locked(
        ({ sql, table }) => sql`lock table ${sql(table)} in access exclusive mode`,
        { answerTimeout: "300 millis" }
      )
      yield* busy(outbox.offer({ n: 1 }))
      yield* busy(outbox.counts)
      yield* busy(outbox.offer({ n: 2 }))
      assert.deepStrictEqual(yield* Effect.all([sql`select 1 as n`, sql`select 1 as n`], { concurrency: 2 }), [
        [{ n: 1 }],
        [{ n: 1 }]
      ])
      yield* end
      yield* outbox.offer({ n: 3 })
      assert.strictEqual((yield* outbox.counts).pending, 1)
    }).pipe(Effect.scoped)
  )

  it.live("gives up after half of answerTimeout, and fails with the error code of Postgres", () =>
    Effect.gen(function* () {
      const { end, outbox } = yield* locked(({ offer }) => offer, { answerTimeout: "4 seconds" })
      const error = yield* Effect.flip(outbox.offer({ n: 1 }, { id: "same" }))
      assert.deepInclude(error, { _tag: "MammothStoreError", reason: "busy", code: "55P03" })
      assert.include(error.message, "canceling statement due to lock timeout")
      yield* end
    }).pipe(Effect.scoped)
  )

  it.live("gives up after the lock_timeout of the database", () =>
    Effect.gen(function* () {
      const url = new URL(Databases.postgresUrl)
      url.searchParams.set("options", "-c lock_timeout=50ms")
      const { end, outbox } = yield* locked(({ offer }) => offer, { url: url.toString(), answerTimeout: "1 minute" })
      assert.isBelow(yield* busy(outbox.offer({ n: 1 }, { id: "same" })), 3000)
      yield* end
    }).pipe(Effect.scoped)
  )
})

describe("An outbox in its own file", () => {
  for (const [name, client, isThere] of [
    ["SQLite", LibsqlClient.layer({ url: "file::memory:" }), true],
    ["Postgres", Databases.postgres(), Databases.hasPostgres]
  ] as const) {
    it.live.skipIf(!isThere)(`refuses an offer within a transaction of ${name}, which the outbox cannot join`, () =>
      Effect.gen(function* () {
        const outbox = yield* Outbox.make("orders", { schema: Row })
        const sql = yield* SqlClient.SqlClient
        const error = yield* Effect.flip(sql.withTransaction(outbox.offer({ n: 1 })))
        assert.strictEqual(error._tag, "MammothForeignTransaction")
        assert.include(error.message, "Use Outbox.layerSql")
        assert.strictEqual((yield* outbox.counts).pending, 0)
      }).pipe(Effect.provide([Databases.onOwnSqlite, client]))
    )
  }
})
