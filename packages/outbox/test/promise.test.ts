/** Tests the outbox as promises, on real databases and against an emulator over a real socket. */
import { join } from "node:path"
import { inspect } from "node:util"
import { assert, describe, expectTypeOf, it, vi } from "@effect/vitest"
import { type Client, type InputOf, makeClient, type StandardSchema } from "@mammoth-effect/client/promise"
import { Emulator, Fault } from "@mammoth-effect/emulator"
import { Effect, Layer, Redacted, Runtime, Schema, type Scope } from "effect"
import type { OutboxWorker } from "../src/index.js"
import {
  assumeCombine,
  isOutboxError,
  openOutbox,
  type Options,
  type Outbox,
  type OutboxError,
  type PostgresDatabase,
  type SqliteDatabase
} from "../src/promise.js"
import * as Databases from "./support/Databases.js"
import * as Native from "./support/Native.js"

type Database = SqliteDatabase | PostgresDatabase

const keys = { apiKey: "emulator-key", apiSecret: "emulator-secret" }

const project = { workspaceId: 4, projectId: 4 }

const quick: OutboxWorker.Options = {
  pollInterval: "20 millis",
  backoff: { initialInterval: "20 millis", maxInterval: "50 millis" }
}

interface Row {
  readonly n: number
}

/** Makes the database options for a new file. */
const newFile: Effect.Effect<SqliteDatabase, never, Scope.Scope> = Effect.map(Databases.folder, (path) => ({
  sqlite: join(path, "outbox.db")
}))

/** Makes the database options for a new table of the test's Postgres. */
const newPostgres: Effect.Effect<PostgresDatabase, never, Scope.Scope> = Effect.gen(function* () {
  const client = yield* Effect.orDie(Layer.build(Databases.postgres()))
  const table = yield* Effect.provide(Databases.ownTable, client)
  return { postgres: Databases.postgresUrl, table }
})

/** Closes an outbox at the end of the test. */
const closing = <A>(open: () => Promise<Outbox<A>>) =>
  Effect.acquireRelease(Effect.promise(open), (outbox) => Effect.promise(outbox.close))

/** Starts an emulator with a webhook, and makes a client. Returns functions that control and read the emulator. */
const server = Effect.gen(function* () {
  const emulator = yield* Emulator.make({ seed: 1 })
  const client: Client = yield* Effect.acquireRelease(
    Effect.sync(() => makeClient({ baseUrl: emulator.baseUrl, credentials: keys })),
    ({ close }) => Effect.promise(close)
  )
  const webhook = yield* Effect.promise(() => client.create({ ...project, name: "orders", mode: "combine" }))
  const run = Runtime.runPromise(yield* Effect.runtime())
  return {
    client,
    webhook,
    options: { name: "orders", webhook, baseUrl: emulator.baseUrl, credentials: keys },
    held: () => run(emulator.rows(webhook.id)),
    inject: (fault: Fault.Fault) => run(emulator.inject(fault)),
    clear: () => run(emulator.clearFaults),
    pushes: async () => (await run(emulator.requests)).filter(({ operation }) => operation === "addData").length
  }
})

/** Returns the error with which a promise rejects. */
const rejected = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => assert.fail("it was fulfilled"),
    (error: unknown) => error
  )

/** Returns all items of an iterable. Node 20 has no `Array.fromAsync`. */
const collect = async <A>(items: AsyncIterable<A>): Promise<ReadonlyArray<A>> => {
  const collected: Array<A> = []
  for await (const item of items) collected.push(item)
  return collected
}

const until = async (isTrue: () => Promise<boolean>) => {
  while (!(await isTrue())) await new Promise((resolve) => setTimeout(resolve, 10))
}

const databases: ReadonlyArray<{
  readonly name: "sqlite" | "postgres"
  readonly database: Effect.Effect<Database, never, Scope.Scope>
  readonly isThere: boolean
}> = [
  { name: "sqlite", database: newFile, isThere: true },
  { name: "postgres", database: newPostgres, isThere: Databases.hasPostgres }
]

for (const { database, isThere, name } of databases) {
  describe.skipIf(!isThere)(`An outbox with promises on ${name}`, () => {
    it.live("delivers offered rows", () =>
      Effect.gen(function* () {
        const { held, options } = yield* server
        const location = yield* database
        const orders = yield* closing(() =>
          openOutbox<Row>(location, { ...options, id: ({ n }) => `order-${n}`, idColumn: "event" })
        )
        yield* Effect.promise(async () => {
          assert.deepStrictEqual(await orders.offer({ n: 1 }), { id: "order-1", isDuplicate: false })
          assert.deepStrictEqual(await orders.offer({ n: 1 }), { id: "order-1", isDuplicate: true })
          assert.deepStrictEqual(await orders.offer({ n: 9 }, { id: "mine" }), { id: "mine", isDuplicate: false })
          assert.strictEqual((await orders.offerAll([{ n: 2 }, { n: 3 }])).length, 2)
          assert.deepStrictEqual(await orders.counts(), { pending: 4, leased: 0, delivered: 0, dead: 0 })
          await orders.start(quick)
          await orders.drain()
          assert.deepStrictEqual(await orders.counts(), { pending: 0, leased: 0, delivered: 4, dead: 0 })
          assert.deepStrictEqual(await orders.status(), { failing: undefined })
          assert.sameDeepMembers(
            [...(await held())],
            [
              { n: 1, event: "order-1" },
              { n: 9, event: "mine" },
              { n: 2, event: "order-2" },
              { n: 3, event: "order-3" }
            ]
          )
          assert.strictEqual(await orders.prune(0), 4)
        })
      }).pipe(Effect.scoped)
    )

    it.live("keeps rows for the next process that opens the database", () =>
      Effect.gen(function* () {
        const { held, options } = yield* server
        const location = yield* database
        yield* Effect.promise(async () => {
          const before = await openOutbox<Row>(location, { name: "orders", env: {} })
          await before.offer({ n: 1 })
          await before.close()
          await using after = await openOutbox<Row>(location, options)
          await after.start(quick)
          await after.drain()
          assert.deepStrictEqual([...(await held())], [{ n: 1 }])
        })
      }).pipe(Effect.scoped)
    )

    it.live("lists dead letters, sends them again, and deletes them", () =>
      Effect.gen(function* () {
        const { clear, held, inject, options } = yield* server
        const location = yield* database
        const orders = yield* closing(() => openOutbox<Row>(location, { ...options, id: ({ n }) => `order-${n}` }))
        yield* Effect.promise(async () => {
          await inject(Fault.status(422, { operation: "addData", times: "every" }))
          await orders.start({ ...quick, concurrency: 1 })
          await orders.offerAll([{ n: 1 }, { n: 2 }, { n: 3 }])
          await orders.drain()
          const letters = await collect(orders.deadLetters())
          assert.deepStrictEqual(
            letters.map(({ document, id }) => ({ document, id })),
            [
              { id: "order-1", document: { n: 1 } },
              { id: "order-2", document: { n: 2 } },
              { id: "order-3", document: { n: 3 } }
            ]
          )
          const [first] = letters
          assert.instanceOf(first?.diedAt, Date)
          assert.instanceOf(first?.offeredAt, Date)
          assert.strictEqual(first?.attempts, 1)
          assert.include(first?.error, "422")
          assert.strictEqual((await orders.counts()).dead, 3)

          await clear()
          assert.strictEqual(await orders.redrive(["order-2"]), 1)
          await orders.drain()
          assert.deepStrictEqual([...(await held())], [{ n: 2 }])
          assert.strictEqual(await orders.purge(new Set(["order-1"])), 1)
          assert.strictEqual(await orders.purge(), 1)
          assert.deepStrictEqual(await collect(orders.deadLetters()), [])
        })
      }).pipe(Effect.scoped)
    )

    it.live("reports the start and the cause of a wait as plain values", () =>
      Effect.gen(function* () {
        const { clear, inject, options } = yield* server
        const location = yield* database
        const orders = yield* closing(() => openOutbox<Row>(location, options))
        yield* Effect.promise(async () => {
          await inject(Fault.status(500, { operation: "addData", times: "every" }))
          const start = Date.now()
          await orders.start(quick)
          await orders.offer({ n: 1 })
          await until(async () => (await orders.status()).failing !== undefined)
          const { failing } = await orders.status()
          assert.strictEqual(failing?.rows, 1)
          assert.include(failing?.error, "500")
          assert.instanceOf(failing?.since, Date)
          assert.closeTo(failing?.since.getTime() ?? 0, start, 10_000)
          await clear()
          await orders.drain()
          assert.isUndefined((await orders.status()).failing)
        })
      }).pipe(Effect.scoped)
    )

    it.live("closes after the requests in flight, and leaves the other rows in the database", () =>
      Effect.gen(function* () {
        const { held, inject, options, pushes } = yield* server
        const location = yield* database
        yield* Effect.promise(async () => {
          const orders = await openOutbox<Row>(location, options)
          await inject(Fault.delay({ operation: "addData", delayAfter: "500 millis" }))
          await orders.start({ ...quick, concurrency: 1 })
          await orders.offerAll([{ n: 1 }, { n: 2 }])
          await until(async () => (await pushes()) === 1)
          await orders.close()
          assert.deepStrictEqual([...(await held())], [{ n: 1 }])
          await using after = await openOutbox<Row>(location, { name: "orders" })
          assert.deepStrictEqual(await after.counts(), { pending: 1, leased: 0, delivered: 1, dead: 0 })
        })
      }).pipe(Effect.scoped)
    )

    for (const client of Native.clients.filter((client) => client.database === name)) {
      it.live(`sends the row of a statement only after a transaction of ${client.name} is committed`, () =>
        Effect.gen(function* () {
          const { held, options } = yield* server
          const location = yield* database
          const native = yield* client.open(
            "sqlite" in location ? location.sqlite : Databases.postgresUrl,
            Databases.newTable()
          )
          const orders = yield* closing(() => openOutbox<Row>(location, options))
          yield* Effect.promise(async () => {
            await orders.start(quick)
            const place = (n: number, declined: boolean) =>
              native.transaction(async ({ execute, order }) => {
                await order(n)
                assert.strictEqual(await execute(await orders.statement({ n }, { id: `order-${n}` })), 1)
                if (declined) throw new Error("the card was declined")
              })
            assert.include(String(await rejected(place(1, true))), "declined")
            await place(2, false)
            await orders.drain()
            assert.deepStrictEqual([...(await held())], [{ n: 2 }])
            assert.deepStrictEqual([...(await native.ordered())], [2])
            assert.isTrue((await orders.offer({ n: 2 }, { id: "order-2" })).isDuplicate)
            assert.isFalse((await orders.offer({ n: 1 }, { id: "order-1" })).isDuplicate)
          })
        }).pipe(Effect.scoped)
      )
    }
  })
}

describe("Closing an outbox", () => {
  it.live("takes no longer than shutdownTimeout", () =>
    Effect.gen(function* () {
      const { inject, options, pushes } = yield* server
      const location = yield* newFile
      yield* Effect.promise(async () => {
        const orders = await openOutbox<Row>(location, options)
        await inject(Fault.stall("start", { operation: "addData" }))
        await orders.start({ ...quick, shutdownTimeout: 200 })
        await orders.offer({ n: 1 })
        await until(async () => (await pushes()) === 1)
        const start = Date.now()
        await orders.close()
        assert.isBelow(Date.now() - start, 10_000)
      })
    }).pipe(Effect.scoped)
  )

  it.live("rejects a running drain, and every later call", () =>
    Effect.gen(function* () {
      const location = yield* newFile
      yield* Effect.promise(async () => {
        const orders = await openOutbox<Row>(location, { name: "orders" })
        await orders.offer({ n: 1 })
        const drained = rejected(orders.drain())
        await new Promise((resolve) => setTimeout(resolve, 50))
        await orders.close()
        await orders.close()
        for (const error of [
          await drained,
          await rejected(orders.offer({ n: 2 })),
          await rejected(collect(orders.deadLetters()))
        ]) {
          assert.deepInclude(error, { _tag: "MammothOutboxClosed", name: "MammothOutboxClosed" })
          assert.include(String(error), "The outbox has been closed")
        }
      })
    }).pipe(Effect.scoped)
  )
})

describe("Aborting the signal of a drain", () => {
  it.live("rejects the drain, and leaves the outbox open", () =>
    Effect.gen(function* () {
      const location = yield* newFile
      const orders = yield* closing(() => openOutbox<Row>(location, { name: "orders" }))
      yield* Effect.promise(async () => {
        await orders.offer({ n: 1 })
        const error = await rejected(orders.drain({ signal: AbortSignal.timeout(50) }))
        assert.strictEqual(error instanceof DOMException && error.name, "TimeoutError")
        assert.strictEqual((await orders.counts()).pending, 1)
      })
    }).pipe(Effect.scoped)
  )
})

describe("The options of an outbox", () => {
  /** Returns the message of the error for wrong options. */
  const wrong = (database: unknown, options: unknown) =>
    rejected(openOutbox(database as Database, options as Options<unknown>)).then((error) => {
      assert.isTrue(isOutboxError(error))
      assert.strictEqual((error as OutboxError)._tag, "MammothInvalidOptions")
      return (error as OutboxError).message
    })

  it("are refused if their names are unknown", async () => {
    assert.include(
      await wrong({ sqlite: "outbox.db", tabel: "x" }, { name: "orders", credential: keys }),
      "tabel: expected one of the options sqlite, table, received an option that does not exist; credential: expected"
    )
    assert.include(
      await wrong({ sqlite: "outbox.db", maxConnections: 3 }, { name: "orders" }),
      "maxConnections: expected one of the options sqlite, table"
    )
  })

  it("are refused if they are misspelled, and the message suggests the right name", async () => {
    for (const [database, message] of [
      [{ sqllite: "outbox.db" }, "sqllite: expected no option with this name (did you mean sqlite?)"],
      [{ postgresql: "postgres://h/d" }, "postgresql: expected no option with this name (did you mean postgres?)"],
      [{ filename: "outbox.db", table: "t" }, "filename: expected no option with this name (did you mean sqlite?)"],
      [
        { connectionString: "postgres://h/d" },
        "connectionString: expected no option with this name (did you mean postgres?)"
      ]
    ] as const) {
      const refused = await wrong(database, { name: "orders" })
      assert.include(refused, message)
      assert.notInclude(refused, "database: expected")
    }
  })

  it("are refused if they hold a client, and the message says what to pass instead", async () => {
    const client = { query: () => "postgres://a:hunter2@h/d" }
    for (const [database, received] of [
      [{ client }, "an object with the keys client"],
      [{ pool: client, ssl: true }, "an object with the keys pool, ssl"],
      [client, "an object with the keys query"],
      [{ ["hunter2".repeat(30)]: 1 }, "an object with the keys hunter2"],
      [{}, "an object without keys"],
      ["outbox.db", "a string of 9 characters"]
    ] as const) {
      const message = await wrong(database, { name: "orders" })
      assert.include(message, 'database: expected { sqlite: "outbox.db" } or { postgres: "postgres://…" }')
      assert.include(message, "the outbox opens its own connection, so pass a path or a URL")
      assert.include(message, `received ${received}`)
      assert.isBelow(message.length, 500)
    }
    for (const [option, expected] of [
      ["client", "the options of makeClient, such as credentials and baseUrl (the outbox makes its own client)"],
      ["apiKey", "no option with this name (write credentials: { apiKey, apiSecret })"],
      ["concurrency", "an option of openOutbox (pass concurrency to start())"],
      ["table", "an option of the second argument (pass table in the first argument)"]
    ] as const) {
      assert.include(
        await wrong({ sqlite: "a.db" }, { name: "orders", [option]: client }),
        `${option}: expected ${expected}, received an option that does not exist`
      )
    }
  })

  it("are refused if their values are wrong, before a file is opened", async () => {
    assert.include(await wrong({}, { name: "orders" }), "database: expected { sqlite")
    assert.include(await wrong({ sqlite: "a", postgres: "b" }, { name: "orders" }), "received both")
    assert.include(await wrong(undefined, { name: "orders" }), "database: expected { sqlite")
    assert.include(await wrong({ sqlite: 1 }, { name: "orders" }), "sqlite: expected a non-empty string")
    assert.include(await wrong({ sqlite: "a.db" }, undefined), "an object with the options name, webhook")
    assert.include(await wrong({ sqlite: "a.db" }, { name: "orders", id: "id" }), "id: expected a function")
    assert.include(
      await wrong({ sqlite: "a.db" }, { name: "orders", schema: {} }),
      "schema: expected a Standard Schema (zod, valibot, arktype, …) or an Effect schema"
    )
    assert.include(await wrong({ sqlite: "a.db" }, { name: "orders", webhook: "a-key" }), "assumeCombine")
    const noKey = assumeCombine(undefined as unknown as string)
    assert.include(await wrong({ sqlite: "a.db" }, { name: "orders", webhook: noKey }), "webhook.uri: expected")
    assert.include(
      await wrong({ postgres: "postgres://h/d", maxConnections: 0 }, { name: "orders" }),
      "maxConnections: expected an integer of 1 or more"
    )
  })

  it("are refused without showing the URL of the database, which holds a password", async () => {
    for (const postgres of [
      "hunter2hunter2",
      "mysql://a:hunter2@h/d",
      Redacted.make("hunter2"),
      "postgres://a:hunter2@[/d"
    ]) {
      const message = await wrong({ postgres }, { name: "orders" })
      assert.include(message, "postgres: expected a URL such as postgres://")
      assert.notInclude(message, "hunter2")
    }
  })

  it.live("are refused by `start()` if a name or a value is wrong, even in a nested option", () =>
    Effect.gen(function* () {
      const { options } = yield* server
      const location = yield* newFile
      const orders = yield* closing(() => openOutbox<Row>(location, options))
      yield* Effect.promise(async () => {
        for (const [given, message] of [
          [{ concurency: 4 }, "concurency: expected no option with this name (did you mean concurrency?)"],
          [{ backoff: { initial: 10 } }, "backoff.initial: expected one of the options initialInterval"],
          [{ batch: true }, "batch: expected an object with the options maxRows, maxBytes"],
          [{ lease: "soon" }, "lease: expected a time above zero"]
        ] as const) {
          const error = await rejected(orders.start(given as unknown as OutboxWorker.Options))
          assert.include(String(error), message)
          assert.match(String(error instanceof Error && error.stack).split("\n    at ")[1] ?? "", /promise\.test\.ts/)
        }
        // Check that a refused call does not count as a start.
        await orders.start(quick)
        assert.include(String(await rejected(orders.start(quick))), "start: expected one call")
      })
    }).pipe(Effect.scoped)
  )

  it.live("are refused by offer, purge and redrive if they are not valid", () =>
    Effect.gen(function* () {
      const location = yield* newFile
      const orders = yield* closing(() => openOutbox<Row>(location, { name: "orders" }))
      yield* Effect.promise(async () => {
        const offer = orders.offer as (row: Row, options: unknown) => Promise<unknown>
        assert.include(
          String(await rejected(offer({ n: 1 }, { key: "a" }))),
          "options.key: expected one of the options id"
        )
        assert.include(String(await rejected(offer({ n: 1 }, "a"))), "options: expected an object with the options id")
        assert.include(String(await rejected(orders.purge("order-1"))), "ids: expected an array")
        assert.include(String(await rejected(orders.redrive("order-1"))), "ids: expected an array")
        for (const call of [orders.purge, orders.redrive] as ReadonlyArray<(ids: unknown) => Promise<unknown>>) {
          for (const [ids, received] of [
            [null, "null"],
            [7, "a positive integer"]
          ] as const) {
            const error = await rejected(call(ids))
            assert.deepInclude(error, { _tag: "MammothInvalidOptions" })
            assert.include(String(error), `ids: expected an array or another iterable of ids, received ${received}`)
          }
        }
        assert.include(String(await rejected(offer({ n: 1 }, null))), "received null")
        assert.strictEqual((await orders.counts()).pending, 0)
      })
    }).pipe(Effect.scoped)
  )

  it.live("are refused by drain if a name is unknown, or if the signal is not an AbortSignal", () =>
    Effect.gen(function* () {
      const location = yield* newFile
      const orders = yield* closing(() => openOutbox<Row>(location, { name: "orders" }))
      yield* Effect.promise(async () => {
        await orders.offer({ n: 1 })
        const drain = orders.drain as (options: unknown) => Promise<unknown>
        const controller = new AbortController()
        for (const [given, message] of [
          [{ sginal: controller.signal }, "options.sginal: expected no option with this name (did you mean signal?)"],
          [controller.signal, "options: expected an object such as { signal }, received an AbortSignal"],
          [{ signal: controller }, "options.signal: expected an AbortSignal, received an object"],
          [{ signal: 50 }, "options.signal: expected an AbortSignal, received a positive integer"],
          [null, "options: expected an object with the options signal, received null"]
        ] as const) {
          const error = await rejected(drain(given))
          assert.isTrue(isOutboxError(error))
          assert.deepInclude(error, { _tag: "MammothInvalidOptions" })
          assert.include(String(error), message)
        }
      })
    }).pipe(Effect.scoped)
  )

  it.live("are valid without a webhook or keys until a worker starts", () =>
    Effect.gen(function* () {
      const location = yield* newFile
      const [offering, keyless] = yield* Effect.all([
        closing(() => openOutbox<Row>(location, { name: "orders", env: {} })),
        closing(() => openOutbox<Row>(location, { name: "orders", env: {}, webhook: assumeCombine("a-key") }))
      ])
      yield* Effect.promise(async () => {
        await offering.offer({ n: 1 })
        const noWebhook = await rejected(offering.start())
        assert.deepInclude(noWebhook, { _tag: "MammothInvalidOptions" })
        assert.include(String(noWebhook), "webhook: expected a webhook in mode combine")
        const begin = async () => await keyless.start()
        const noKeys = await rejected(begin())
        assert.match(
          String(noKeys instanceof Error && noKeys.stack).split("\n    at ")[1] ?? "",
          /^begin .*promise\.test\.ts/
        )
        assert.isTrue(isOutboxError(noKeys))
        assert.deepInclude(noKeys, { _tag: "MammothConfigurationError" })
        assert.include(String(noKeys), "MAMMOTHANALYTICS_API_KEY")
      })
    }).pipe(Effect.scoped)
  )
})

describe("A function in the option webhook", () => {
  it.live("is called once when a worker delivers several rows", () =>
    Effect.gen(function* () {
      const { client, held, options } = yield* server
      const location = yield* newFile
      let calls = 0
      const webhook = () => {
        calls++
        return client.ensure("orders", { ...project, mode: "combine" })
      }
      const orders = yield* closing(() => openOutbox<Row>(location, { ...options, webhook }))
      yield* Effect.promise(async () => {
        await orders.start(quick)
        assert.strictEqual(calls, 0)
        await orders.offerAll([{ n: 1 }, { n: 2 }])
        await orders.drain()
        assert.strictEqual((await held()).length, 2)
        assert.strictEqual(calls, 1)
      })
    }).pipe(Effect.scoped)
  )

  it.live("makes rows wait while the function throws, and the status shows the error without secrets", () =>
    Effect.gen(function* () {
      const { held, options, webhook } = yield* server
      const location = yield* newFile
      let isLocked = true
      const found = () => {
        if (isLocked) throw new TypeError(`the vault is locked (${keys.apiSecret}, //app:hunter2@vault/v1)`)
        return Promise.resolve(webhook)
      }
      const orders = yield* closing(() => openOutbox<Row>(location, { ...options, webhook: found }))
      yield* Effect.promise(async () => {
        await orders.start(quick)
        await orders.offer({ n: 1 })
        await until(async () => (await orders.status()).failing !== undefined)
        const { failing } = await orders.status()
        assert.include(
          failing?.error,
          "threw an error (TypeError): the vault is locked (<redacted>, //<redacted>@vault/v1)"
        )
        assert.notInclude(String(failing?.error), "hunter2")
        isLocked = false
        await orders.drain()
        assert.deepStrictEqual([...(await held())], [{ n: 1 }])
      })
    }).pipe(Effect.scoped)
  )
})

describe("The status of an outbox", () => {
  const apiKey = "a/key&1"
  const apiSecret = "a secret=2"
  for (const [place, options] of [
    ["the option credentials", { credentials: { apiKey, apiSecret: Redacted.make(`${apiSecret}\n`) } }],
    ["environment variables", { env: { MAMMOTHANALYTICS_API_KEY: apiKey, MAMMOTHANALYTICS_API_SECRET: apiSecret } }]
  ] as const) {
    it.live(`masks escaped keys in the error of the webhook function, if the keys come from ${place}`, () =>
      Effect.gen(function* () {
        const location = yield* newFile
        const webhook = () => {
          throw new Error(
            `no such user: ${encodeURIComponent(apiKey)} or ${JSON.stringify(apiKey).replace("/", "\\/")} or ${btoa(apiSecret)}`
          )
        }
        const orders = yield* closing(() => openOutbox<Row>(location, { name: "orders", webhook, ...options }))
        yield* Effect.promise(async () => {
          await orders.start(quick)
          await orders.offer({ n: 1 })
          await until(async () => (await orders.status()).failing !== undefined)
          const { failing } = await orders.status()
          assert.include(failing?.error, 'no such user: <redacted> or "<redacted>" or <redacted>')
        })
      }).pipe(Effect.scoped)
    )
  }
})

describe("The rows of an outbox", () => {
  it.live("are stored as they are, and refused if JSON would change them", () =>
    Effect.gen(function* () {
      const location = yield* newFile
      const orders = yield* closing(() => openOutbox(location, { name: "orders" }))
      yield* Effect.promise(async () => {
        await orders.offer({ at: new Date(0) })
        for (const row of [undefined, { tags: new Set(["a"]) }, { n: Number.NaN }]) {
          const error = await rejected(orders.offer(row))
          assert.isTrue(isOutboxError(error) && error._tag === "MammothRowRefused" && error instanceof Error)
        }
        assert.deepInclude(await rejected(orders.offerAll("abc")), { _tag: "MammothRowRefused", index: 0 })
        assert.deepInclude(await rejected(orders.statement({ n: Number.NaN })), { _tag: "MammothRowRefused" })
        assert.strictEqual((await orders.counts()).pending, 1)
      })
    }).pipe(Effect.scoped)
  )

  it.live("are checked by the schema before the outbox reads their ids", () =>
    Effect.gen(function* () {
      const location = yield* newFile
      const orders = yield* closing(() =>
        openOutbox<{ readonly key: { readonly id: string } }>(location, {
          name: "orders",
          schema: Schema.Struct({ key: Schema.Struct({ id: Schema.String }) }),
          id: ({ key }) => key.id
        })
      )
      yield* Effect.promise(async () => {
        for (const [row, message] of [
          [undefined, "expected a row, received nothing"],
          [{}, "key: expected an object, received nothing"],
          [{ key: {} }, "key.id: expected a string, received nothing"],
          [{ key: { id: 7 } }, "key.id: expected a string, received a positive integer"]
        ] as const) {
          const offer = orders.offer as (row: unknown) => Promise<unknown>
          const error = await rejected(offer(row))
          assert.deepInclude(error, { _tag: "MammothRowRefused" })
          assert.include(String(error), `was not sent: ${message}`)
          assert.notInclude(String(error), "255")
        }
        const noId = await rejected(orders.offer({ key: { id: "" } }))
        assert.include(String(noId), "id: expected a string of 1 to 255 characters")
      })
    }).pipe(Effect.scoped)
  )

  it.live("are checked by a Standard Schema, whose output is sent", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const location = yield* newFile
        const schema: StandardSchema<{ readonly id: string }, { readonly id: number }> = {
          "~standard": {
            version: 1,
            vendor: "test",
            validate: (value) => {
              const id = Number(Object(value).id)
              return Number.isNaN(id) ? { issues: [{ message: "not a number", path: ["id"] }] } : { value: { id } }
            }
          }
        }
        const orders = yield* closing(() => openOutbox(location, { name: "orders", schema }))
        yield* Effect.promise(async () => {
          const { params } = await orders.statement({ id: "7" })
          assert.match(params.join(), /\{\\?"id\\?":7\}/)
          assert.include(String(await rejected(orders.offer({ id: "x" }))), "id")
        })
      })
    )
  )

  it.live("are decoded by an Effect schema, as in an ingestion of the client", () =>
    Effect.gen(function* () {
      const location = yield* newFile
      const schema = Schema.Struct({ id: Schema.NumberFromString, at: Schema.Date })
      const ids: Array<string> = []
      const orders = yield* closing(() =>
        openOutbox(location, { name: "orders", schema, id: ({ id }) => (ids.push(id), `order-${id}`) })
      )
      expectTypeOf(orders).toEqualTypeOf<Outbox<{ readonly id: string; readonly at: string }>>()
      expectTypeOf<InputOf<typeof schema>>().toEqualTypeOf<{ readonly id: string; readonly at: string }>()
      yield* Effect.promise(async () => {
        const { params } = await orders.statement({ id: "7", at: "1970-01-01" })
        assert.match(params.join(), /\{\\?"id\\?":7,\\?"at\\?":\\?"1970-01-01T00:00:00\.000Z\\?"\}/)
        assert.deepStrictEqual(ids, ["7"])
        const error = await rejected(orders.offer({ id: "x", at: "1970-01-01" }))
        assert.deepInclude(error, { _tag: "MammothRowRefused" })
        assert.include(String(error), "id: expected")
      })
    }).pipe(Effect.scoped)
  )
})

describe("A database that cannot be opened", () => {
  it("makes openOutbox reject with the reason, and without the password", async () => {
    const postgres = "postgres://shop:hunter2@127.0.0.1:1/shop"
    const error = await rejected(openOutbox({ postgres }, { name: "orders" }))
    assert.deepInclude(error, { _tag: "MammothStoreError", reason: "connection", code: "ECONNREFUSED" })
    assert.notInclude(inspect(error, { depth: 10, showHidden: true }), "hunter2")
  })

  it("makes openOutbox reject with the reason if the database is a file", async () => {
    const error = await rejected(openOutbox({ sqlite: "/nonexistent/outbox.db" }, { name: "orders" }))
    assert.deepInclude(error, { _tag: "MammothStoreError", reason: "storage" })
  })

  for (const [name, module, database] of [
    ["@effect/sql-libsql", "@effect/sql-libsql/LibsqlClient", { sqlite: "outbox.db" }],
    ["@effect/sql-pg", "@effect/sql-pg/PgClient", { postgres: Databases.postgresUrl }]
  ] as const) {
    it(`makes openOutbox name the package to install if ${name} is missing`, async () => {
      vi.doMock(module, () => {
        throw new Error(`Cannot find package '${name}'`)
      })
      const error = await rejected(openOutbox(database, { name: "orders" }))
      vi.doUnmock(module)
      assert.deepInclude(error, { _tag: "MammothStoreError", reason: "driver" })
      assert.include(String(error), `${name} cannot be loaded`)
      assert.include(String(error), "Install @effect/sql-libsql")
    })
  }
})
