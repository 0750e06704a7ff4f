/**
 * Tests databases that are full, read-only, locked or gone. An offer must then fail or wait, and delivery must continue
 * later.
 */
import { mkdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import * as Reactivity from "@effect/experimental/Reactivity"
import { SqlClient } from "@effect/sql"
import { LibsqlClient } from "@effect/sql-libsql"
import { assert, describe, it } from "@effect/vitest"
import { Fault } from "@mammoth-effect/emulator"
import {
  Config,
  ConfigProvider,
  type Context,
  Duration,
  Effect,
  Fiber,
  Layer,
  Logger,
  LogLevel,
  Redacted,
  Schedule,
  Schema
} from "effect"
import { Outbox, OutboxError, OutboxStore, OutboxWorker, WebhookResolver } from "../src/index.js"
import * as Databases from "./support/Databases.js"
import * as Proxy from "./support/Proxy.js"
import * as Server from "./support/Server.js"

const Row = Schema.Struct({ n: Schema.Int })

const quick: OutboxWorker.Options = {
  backoff: { initialInterval: "20 millis", maxInterval: "100 millis" },
  pollInterval: "20 millis"
}

/** Returns the `StoreError` of an effect. */
const storeError = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.map(Effect.flip(effect), (error) =>
    error instanceof OutboxError.StoreError ? error : assert.fail(`another error: ${String(error)}`)
  )

/** Creates a new table by the outbox's migration, and returns its name. Drops the table when the scope ends. */
const newTable = Effect.gen(function* () {
  const table = Databases.newTable()
  yield* Layer.build(
    OutboxStore.layerSql({ table }).pipe(Layer.merge(Databases.dropped(table)), Layer.provide(Databases.postgres()))
  )
  return table
})

/** Offers a row through each store in turn. Checks that each store sees all rows that were offered so far. */
const areOne = (stores: ReadonlyArray<Context.Context<OutboxStore.OutboxStore>>) =>
  Effect.forEach(stores, (store, n) =>
    Effect.gen(function* () {
      const outbox = yield* Effect.provide(Outbox.make("rows", { schema: Row }), store)
      yield* outbox.offer({ n })
      assert.strictEqual((yield* outbox.counts).pending, n + 1)
    })
  )

describe("An offer that finds the file locked", () => {
  it.scopedLive("waits for the lock, and other processes then see its row and the rows of later offers", () =>
    Effect.gen(function* () {
      const filename = join(yield* Databases.folder, "outbox.db")
      yield* Effect.gen(function* () {
        const outbox = yield* Outbox.make("rows", { schema: Row })
        yield* outbox.offer({ n: 0 })
        const other = yield* LibsqlClient.make({ url: `file:${filename}` }).pipe(Effect.provide(Reactivity.layer))
        const seen = Effect.map(other`select count(*) as n from mammoth_outbox`, ([row]) => row?.["n"])
        yield* other`begin immediate`
        const release = yield* Effect.fork(Effect.delay(other`commit`, "400 millis"))
        yield* Effect.all([outbox.offer({ n: 1 }), outbox.offer({ n: 2 }), outbox.offerAll([{ n: 3 }, { n: 4 }])], {
          concurrency: "unbounded"
        })
        yield* Fiber.join(release)
        yield* outbox.offer({ n: 5 })
        assert.strictEqual(yield* seen, 6)
        // Check that the lock is free again.
        yield* other`begin immediate`
        yield* other`commit`
      }).pipe(Effect.provide(OutboxStore.layerSqlite({ filename })))
    })
  )
})

describe("An offer", () => {
  it.live("fails while the disk is full, and a worker delivers the stored rows once there is room", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const webhook = yield* Server.webhook
      const outbox = yield* Outbox.make(webhook, {
        name: "rows",
        schema: Schema.Struct({ n: Schema.Int, text: Schema.String })
      })
      const text = "x".repeat(100_000)
      yield* sql`pragma max_page_count = 50`
      let stored = 0
      const error = yield* storeError(
        Effect.forever(
          Effect.tap(
            Effect.suspend(() => outbox.offer({ n: stored, text })),
            () => Effect.sync(() => (stored += 1))
          )
        )
      )
      assert.strictEqual(error.reason, "full")
      assert.include(error.message, "Make room on the disk")
      assert.strictEqual((yield* outbox.counts).pending, stored)
      assert.strictEqual(
        (yield* storeError(
          outbox.offerAll([
            { n: 98, text },
            { n: 99, text }
          ])
        )).code,
        "SQLITE_FULL"
      )
      yield* OutboxWorker.make(outbox, quick)
      yield* Effect.sleep("300 millis")
      yield* sql`pragma max_page_count = 1000`
      yield* outbox.drain
      assert.strictEqual((yield* Server.held(webhook.id)).length, stored)
    }).pipe(Effect.scoped, Effect.provide([Databases.onSqlite, Server.layer(), Server.quiet]))
  )

  it.live("fails if the database is read-only", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const outbox = yield* Outbox.make("rows", { schema: Row })
      yield* sql`pragma query_only = on`
      const error = yield* storeError(outbox.offer({ n: 1 }))
      assert.strictEqual(error.reason, "readonly")
      assert.strictEqual((yield* outbox.counts).pending, 0)
    }).pipe(Effect.provide(Databases.onSqlite))
  )

  it.live.skipIf(!Databases.hasPostgres)("fails if Postgres is read-only, as a standby is", () =>
    Effect.gen(function* () {
      const url = new URL(Databases.postgresUrl)
      url.searchParams.set("options", "-c default_transaction_read_only=on")
      const outbox = yield* Effect.provide(
        Outbox.make("rows", { schema: Row }),
        // Create the table with another client, because this client can only read.
        yield* Layer.build(
          Layer.unwrapEffect(
            Effect.map(newTable, (table) =>
              OutboxStore.layerSql({ table }).pipe(Layer.provide(Databases.postgres(url.toString())))
            )
          )
        )
      )
      const error = yield* storeError(outbox.offer({ n: 1 }))
      assert.deepStrictEqual([error.reason, error.code], ["readonly", "25006"])
    }).pipe(Effect.scoped)
  )

  it.live("waits for another writer, and then succeeds", () =>
    Effect.gen(function* () {
      const path = join(yield* Databases.folder, "outbox.db")
      const store = yield* Layer.build(OutboxStore.layerSqlite({ filename: path }))
      const outbox = yield* Effect.provide(Outbox.make("rows", { schema: Row }), store)
      const other = yield* Layer.build(LibsqlClient.layer({ url: `file:${path}` }))
      const { withTransaction } = yield* Effect.provide(SqlClient.SqlClient, other)
      const holding = yield* Effect.fork(withTransaction(Effect.sleep("500 millis")))
      yield* Effect.sleep("50 millis")
      yield* outbox.offer({ n: 1 })
      yield* Fiber.join(holding)
      assert.strictEqual((yield* outbox.counts).pending, 1)
    }).pipe(Effect.scoped)
  )
})

describe("A store in a file", () => {
  const opening = (filename: string) => storeError(Layer.build(OutboxStore.layerSqlite({ filename })))

  it.live("fails to open if the folder is missing, the name is empty, or the file is not a database", () =>
    Effect.gen(function* () {
      const path = yield* Databases.folder
      yield* Effect.promise(() =>
        writeFile(join(path, "text.db"), "no database, but a text that is long enough\n".repeat(50))
      )
      yield* Effect.promise(() => mkdir(join(path, "folder.db")))
      for (const name of ["no folder/outbox.db", "text.db", "folder.db"]) {
        assert.strictEqual((yield* opening(join(path, name))).reason, "storage", name)
      }
      for (const name of ["", ":memory:"]) assert.include((yield* opening(name)).message, "give the name of a file")
    }).pipe(Effect.scoped)
  )

  it.live("is created once, even if several connections open it at the same time", () =>
    Effect.gen(function* () {
      const filename = join(yield* Databases.folder, "outbox.db")
      const stores = yield* Effect.all(
        Array.from({ length: 4 }, () => Layer.build(OutboxStore.layerSqlite({ filename }))),
        { concurrency: "unbounded" }
      )
      yield* areOne(stores)
    }).pipe(Effect.scoped)
  )
})

/** Makes an outbox whose connections to Postgres go through a proxy. */
const proxied = (options?: OutboxStore.SqlOptions) =>
  Effect.gen(function* () {
    const proxy = yield* Proxy.make(new URL(Databases.postgresUrl))
    const table = yield* newTable
    const store = yield* Layer.build(
      OutboxStore.layerSql({ ...options, table }).pipe(Layer.provide(Databases.postgres(proxy.url)))
    )
    const webhook = yield* Server.webhook
    const outbox = yield* Effect.provide(Outbox.make(webhook, { name: "rows", schema: Row }), store)
    return { proxy, outbox, webhook }
  })

/** Waits until a request is in flight. */
const isPushed = Effect.repeat(Server.pushes, {
  until: (pushes) => pushes === 1,
  schedule: Schedule.spaced("5 millis")
})

/** Checks that a fourth row is stored after the third offer failed, and that each stored row is delivered in one attempt. */
const goesOn = (
  { outbox, webhook }: Effect.Effect.Success<ReturnType<typeof proxied>>,
  worker: Effect.Effect.Success<ReturnType<typeof OutboxWorker.make>>
) =>
  Effect.gen(function* () {
    yield* Effect.retry(outbox.offer({ n: 4 }), { times: 5 })
    yield* Effect.retry(outbox.drain, { times: 5 })
    assert.sameMembers(yield* Server.held(webhook.id), [1, 2, 4])
    assert.deepStrictEqual(yield* worker.report, { delivered: 3, dead: 0, retried: 0, lost: 0 })
  })

describe.skipIf(!Databases.hasPostgres)("A table of Postgres", () => {
  it.live("is created once, even if several clients start at the same time", () =>
    Effect.gen(function* () {
      const table = Databases.newTable()
      yield* Layer.build(Databases.dropped(table).pipe(Layer.provide(Databases.postgres())))
      const stores = yield* Effect.all(
        Array.from({ length: 4 }, () =>
          Layer.build(Layer.fresh(OutboxStore.layerSql({ table }).pipe(Layer.provide(Databases.postgres()))))
        ),
        { concurrency: "unbounded" }
      )
      yield* areOne(stores)
    }).pipe(Effect.scoped)
  )
})

describe.skipIf(!Databases.hasPostgres)("A lost connection to Postgres", () => {
  it.live("makes offers fail, and delivery continues when the connection is back", () =>
    Effect.gen(function* () {
      const parts = yield* proxied()
      const { outbox, proxy } = parts
      yield* Server.inject(Fault.delay({ operation: "addData", times: "every", delayBefore: "100 millis" }))
      yield* outbox.offerAll([{ n: 1 }, { n: 2 }])
      const worker = yield* OutboxWorker.make(outbox, { ...quick, concurrency: 1 })
      // Wait until the first row is in flight. Its result is recorded once the database is back.
      yield* isPushed
      yield* proxy.down
      assert.strictEqual((yield* storeError(outbox.offer({ n: 3 }))).reason, "connection")
      yield* Effect.sleep("300 millis")
      yield* proxy.up
      yield* goesOn(parts, worker)
    }).pipe(Effect.scoped, Effect.provide([Server.layer(), Server.quiet]))
  )

  it.live("is abandoned when it falls silent, and delivery continues over another connection", () =>
    Effect.gen(function* () {
      const parts = yield* proxied({ answerTimeout: "300 millis" })
      const { outbox, proxy } = parts
      yield* Server.inject(Fault.delay({ operation: "addData", delayBefore: "100 millis" }))
      yield* outbox.offerAll([{ n: 1 }, { n: 2 }])
      const worker = yield* OutboxWorker.make(outbox, { ...quick, concurrency: 1 })
      yield* isPushed
      yield* proxy.silence
      const error = yield* storeError(outbox.offer({ n: 3 }))
      assert.strictEqual(error.reason, "connection")
      assert.include(error.message, "the database did not respond within 300ms")
      // Let `goesOn` retry its statements: each silent connection makes one statement fail.
      yield* goesOn(parts, worker)
    }).pipe(Effect.scoped, Effect.provide([Server.layer(), Server.quiet]))
  )

  it.live("receives no further statement after one statement got no response", () =>
    Effect.gen(function* () {
      const { outbox, proxy } = yield* proxied({ answerTimeout: "300 millis" })
      yield* outbox.offer({ n: 1 })
      yield* proxy.silence
      assert.strictEqual((yield* storeError(outbox.offer({ n: 2 }))).reason, "connection")
      for (const n of [3, 4]) {
        yield* Effect.sleep("300 millis")
        yield* outbox.offer({ n })
      }
      assert.strictEqual((yield* outbox.counts).pending, 3)
    }).pipe(Effect.scoped, Effect.provide([Server.layer(), Server.quiet]))
  )

  it.live("does not delay the end of a worker after the database stops responding", () =>
    Effect.gen(function* () {
      const { outbox, proxy } = yield* proxied()
      yield* Effect.scoped(
        Effect.gen(function* () {
          yield* outbox.offer({ n: 1 })
          yield* Server.inject(Fault.delay({ operation: "addData", delayBefore: "100 millis" }))
          yield* OutboxWorker.make(outbox, { ...quick, shutdownTimeout: "200 millis" })
          yield* isPushed
          yield* proxy.silence
          // Sleep until the worker has sent a claim and a settlement to the silent database.
          yield* Effect.sleep("200 millis")
        })
      ).pipe(
        Effect.timed,
        Effect.map(([time]) => assert.isBelow(Duration.toSeconds(time), 3))
      )
    }).pipe(Effect.scoped, Effect.provide([Server.layer(), Server.quiet]))
  )
})

describe("A webhook's key", () => {
  it.live("is never stored or logged, even if responses contain the key", () => {
    const logged: Array<string> = []
    const log = Logger.replace(
      Logger.defaultLogger,
      Logger.map(Logger.jsonLogger, (line) => void logged.push(line))
    )
    return Effect.gen(function* () {
      const path = join(yield* Databases.folder, "outbox.db")
      const store = yield* Layer.build(OutboxStore.layerSqlite({ filename: path }))
      const webhook = yield* Server.webhook
      const outbox = yield* Effect.provide(Outbox.make("rows", { schema: Row }), store)
      const key = Redacted.value(webhook.uri).split("/").at(-1) ?? ""
      const escaped = Array.from(key, (c) => `\\u00${c.charCodeAt(0).toString(16)}`).join("")
      const encoded = Buffer.from(`key:${key}`).toString("base64")
      for (const [status, text] of [
        [404, key],
        [500, escaped],
        [400, `${key} ${escaped} ${encoded}`]
      ] as const) {
        yield* Server.inject(
          Fault.status(status, { operation: "addData", body: JSON.stringify({ detail: `no ${text}` }) })
        )
      }
      yield* outbox.offer({ n: 1 })
      yield* Effect.provide(OutboxWorker.make(outbox, quick), WebhookResolver.layer({ rows: webhook }))
      yield* outbox.drain
      assert.strictEqual((yield* outbox.counts).dead, 1)
      const files = yield* Effect.forEach([path, `${path}-wal`], (file) =>
        Effect.promise(() => readFile(file, "latin1"))
      )
      assert.include(files.join(""), '{"n":1}')
      assert.include(files.join(""), "<redacted>")
      assert.include(logged.join(""), "is now a dead letter")
      assert.include(logged.join(""), "will be sent again")
      for (const form of [key, escaped, escaped.slice(0, 60), encoded]) {
        assert.notInclude(files.join(""), form)
        assert.notInclude(logged.join("").replaceAll("\\\\", "\\"), form)
      }
    }).pipe(Effect.scoped, Effect.provide([Server.layer(), log, Logger.minimumLogLevel(LogLevel.All)]))
  })
})

describe("WebhookResolver.layerConfig", () => {
  it.effect("treats an empty variable as missing", () =>
    Effect.gen(function* () {
      const { resolve } = yield* WebhookResolver.WebhookResolver
      const found = yield* resolve("full")
      assert.strictEqual(Redacted.value(found.uri), "key")
      for (const outbox of ["empty", "blank", "missing"]) {
        assert.include((yield* Effect.flip(resolve(outbox))).message, "the webhook's key is not in the configuration")
      }
    }).pipe(
      Effect.provide(
        WebhookResolver.layerConfig({
          full: Config.redacted("FULL"),
          empty: Config.redacted("EMPTY"),
          blank: Config.redacted("BLANK"),
          missing: Config.redacted("MISSING")
        })
      ),
      Effect.withConfigProvider(
        ConfigProvider.fromMap(
          new Map([
            ["FULL", "key"],
            ["EMPTY", ""],
            ["BLANK", " \n"]
          ])
        )
      )
    )
  )
})

describe("OutboxStore.layerSql", () => {
  it.effect("refuses a wrong answerTimeout before the first statement, and names the option", () =>
    Effect.gen(function* () {
      for (const answerTimeout of [Number.NaN, 0, "-1 seconds"] as const) {
        const layer = OutboxStore.layerSql({ answerTimeout }).pipe(
          Layer.provide(LibsqlClient.layer({ url: ":memory:" }))
        )
        const error = yield* Effect.flip(Effect.scoped(Layer.build(layer)))
        assert.include(String(error), "answerTimeout: expected a time above zero")
      }
    })
  )
})

describe("OutboxWorker.make", () => {
  it.effect("names every wrong option in its error, with a reason for each", () =>
    Effect.gen(function* () {
      const outbox = yield* Outbox.make("rows", { schema: Row })
      const error = yield* Effect.flip(
        OutboxWorker.make(outbox, {
          concurrency: 0,
          batch: { maxRows: 1.5 },
          lease: "10 seconds",
          timeout: "6 seconds",
          backoff: { exponent: 0.5, initialInterval: Number.NaN, maxInterval: "0 seconds" },
          rateLimit: { requests: -1, per: "30 days" }
        })
      )
      assert.deepStrictEqual(
        error.issues.map(({ path }) => path.join(".")),
        [
          "timeout",
          "backoff.exponent",
          "rateLimit.requests",
          "rateLimit.per",
          "concurrency",
          "batch.maxRows",
          "backoff.initialInterval",
          "backoff.maxInterval"
        ]
      )
      assert.include(error.message, "timeout: expected at most half of the lease, received 6s")
      assert.include(
        error.message,
        `backoff.initialInterval: expected a time above zero, such as "10 seconds" or 10_000 (milliseconds), received NaN`
      )
      for (const age of [Number.NaN, -1]) {
        assert.include((yield* Effect.flip(outbox.prune(age))).message, "age: expected a time of zero or more")
      }
      assert.strictEqual(yield* outbox.prune(Infinity), 0)
      assert.strictEqual((yield* Effect.flip(Outbox.make("", { schema: Row })))._tag, "MammothInvalidOptions")
      const wrong = yield* Effect.flip(Outbox.make("rows", { schema: Schema.Struct({ at: Schema.BigIntFromSelf }) }))
      assert.strictEqual(wrong._tag, "MammothInvalidOptions")
      assert.include(wrong.message, "schema.at: expected a schema that encodes to JSON")
    }).pipe(Effect.scoped, Effect.provide([Databases.onOwnSqlite, Server.layer(), WebhookResolver.layer({})]))
  )
})
