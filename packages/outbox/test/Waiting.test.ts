/**
 * Tests waits that were set while a database's clock was ahead, offers that conflict, and outboxes under a test clock.
 */
import { SqlClient } from "@effect/sql"
import { assert, describe, it } from "@effect/vitest"
import { Fault } from "@mammoth-effect/emulator"
import { Clock, Deferred, Effect, Either, Exit, Fiber, Layer, Schedule, Schema } from "effect"
import { Outbox, OutboxStore, OutboxWorker } from "../src/index.js"
import * as Databases from "./support/Databases.js"
import * as Server from "./support/Server.js"

const Row = Schema.Struct({ n: Schema.Int })

const quick: OutboxWorker.Options = {
  backoff: { initialInterval: "20 millis", maxInterval: "100 millis" },
  pollInterval: "20 millis",
  concurrency: 1
}

const day = 86_400_000

/** Makes an outbox with a new webhook, in a new table. */
const make = Effect.gen(function* () {
  const table = yield* Databases.ownTable
  const store = yield* Layer.build(OutboxStore.layerSql({ table }))
  const webhook = yield* Server.webhook
  const outbox = yield* Effect.provide(
    Outbox.make(webhook, { name: "rows", schema: Row, id: ({ n }) => `${n}` }),
    store
  )
  return { outbox, sql: yield* SqlClient.SqlClient, store: outbox.source.store, table, webhook }
})

for (const { client, isThere, name } of Databases.clients) {
  describe.skipIf(!isThere)(`An outbox on ${name} after the database's clock was ahead`, () => {
    const provided = Effect.provide([client, Server.layer(), Server.quiet])

    it.live("does not delay offered rows, and keeps the order of the offers", () =>
      Effect.gen(function* () {
        const { outbox, sql, table, webhook } = yield* make
        yield* outbox.offer({ n: 1 })
        yield* sql`update ${sql(table)} set offered_at = offered_at + ${day}`
        yield* outbox.offerAll([{ n: 2 }, { n: 3 }])
        yield* OutboxWorker.make(outbox, quick)
        yield* outbox.drain
        assert.deepStrictEqual(yield* Server.held(webhook.id), [1, 2, 3])
      }).pipe(Effect.scoped, provided)
    )

    it.live("restarts the waits that were set while the clock was ahead", () =>
      Effect.gen(function* () {
        const { outbox, sql, store, table, webhook } = yield* make
        yield* outbox.offerAll([{ n: 1 }, { n: 2 }])
        const [first, second] = yield* store.claim("rows", { owner: "gone", limit: 2, leaseMillis: 200 })
        if (first === undefined || second === undefined) return assert.fail("the rows were not claimed")
        yield* store.settle("gone", [{ ...first, state: "pending", delayMillis: 200, error: "503" }])
        const ahead = yield* sql`
          update ${sql(table)} set available_at = available_at + ${day}, changed_at = changed_at + ${day} returning id`
        assert.strictEqual(ahead.length, 2)
        assert.strictEqual(yield* store.restart("rows"), 2)
        assert.deepStrictEqual(yield* store.counts("rows"), { pending: 1, leased: 1, delivered: 0, dead: 0 })
        yield* OutboxWorker.make(outbox, quick)
        yield* outbox.drain
        assert.sameMembers(yield* Server.held(webhook.id), [1, 2])
        assert.strictEqual(yield* store.restart("rows"), 0)
      }).pipe(Effect.scoped, provided)
    )

    it.live("claims a retried row before rows that were offered later", () =>
      Effect.gen(function* () {
        const { outbox, store } = yield* make
        yield* outbox.offerAll([{ n: 1 }, { n: 2 }, { n: 3 }])
        const claim = (limit: number) => store.claim("rows", { owner: "one", limit, leaseMillis: 60_000 })
        const [, second] = yield* claim(2)
        if (second === undefined) return assert.fail("the rows were not claimed")
        yield* store.settle("one", [{ ...second, state: "pending", delayMillis: 1, error: "503" }])
        yield* Effect.sleep("5 millis")
        const again = yield* claim(1)
        assert.deepStrictEqual(
          again.map(({ payload }) => payload),
          ['{"n":2}']
        )
        assert.deepStrictEqual(
          (yield* claim(5)).map(({ payload }) => payload),
          ['{"n":3}']
        )
      }).pipe(Effect.scoped, provided)
    )
  })
}

describe.skipIf(!Databases.hasPostgres)("A Postgres server whose clock is ahead", () => {
  it.live("stores rows that are delivered immediately when the clock is right again", () =>
    Effect.gen(function* () {
      const { outbox, sql, table, webhook } = yield* make
      const ahead = Databases.newTable()
      yield* sql.unsafe(`create schema ${ahead}`)
      yield* Effect.addFinalizer(() => Effect.orDie(sql.unsafe(`drop schema ${ahead} cascade`)))
      yield* sql.unsafe(`
        create function ${ahead}.clock_timestamp() returns timestamptz language sql volatile
        as 'select pg_catalog.clock_timestamp() + interval ''1 day'''`)
      const url = new URL(Databases.postgresUrl)
      url.searchParams.set("options", `-c search_path=${ahead},pg_catalog,public`)
      const early = yield* Effect.flatMap(
        Layer.build(OutboxStore.layerSql({ table }).pipe(Layer.provide(Databases.postgres(url.toString())))),
        (store) => Effect.provide(Outbox.make(webhook, { name: "rows", schema: Row }), store)
      )
      yield* Server.inject(Fault.status(503, { operation: "addData" }))
      yield* early.offerAll([{ n: 1 }, { n: 2 }])
      // Make the push of the first row fail. The end of this row's wait is then computed with the clock that is ahead.
      yield* Effect.scoped(
        Effect.zipRight(
          OutboxWorker.make(early, { ...quick, backoff: { initialInterval: "400 millis" } }),
          Effect.repeat(Server.pushes, { until: (pushes) => pushes >= 2, schedule: Schedule.spaced("10 millis") })
        )
      )
      yield* early.offer({ n: 3 })
      const inHours = yield* sql`
        select 1 from ${sql(table)} where offered_at > extract(epoch from clock_timestamp() + interval '23 hours') * 1000`
      assert.strictEqual(inHours.length, 3)
      yield* outbox.offer({ n: 4 })
      yield* OutboxWorker.make(outbox, quick)
      yield* outbox.drain
      const held = yield* Server.held(webhook.id)
      assert.sameMembers(held, [1, 2, 3, 4])
      assert.isBelow(held.indexOf(3), held.indexOf(4))
    }).pipe(Effect.scoped, Effect.provide([Databases.postgres(), Server.layer(), Server.quiet]))
  )
})

describe.skipIf(!Databases.hasPostgres)("Offers of the same ids in opposite orders on Postgres", () => {
  const provided = Effect.provide([Databases.postgres(), Server.layer()])

  it.live("store each row once if the offers run outside transactions", () =>
    Effect.gen(function* () {
      const { outbox } = yield* make
      const rows = Array.from({ length: 500 }, (_, n) => ({ n }))
      yield* Effect.all([outbox.offerAll(rows), outbox.offerAll(rows.toReversed())], { concurrency: 2 })
      assert.strictEqual((yield* outbox.counts).pending, 500)
    }).pipe(Effect.scoped, provided)
  )

  it.live("make one of two transactions fail with an error that says to run the transaction again", () =>
    Effect.gen(function* () {
      const { outbox, sql } = yield* make
      const [first, second] = yield* Effect.all([Deferred.make<void>(), Deferred.make<void>()])
      const place = (
        [n, then]: readonly [number, number],
        offered: Deferred.Deferred<void>,
        other: Deferred.Deferred<void>
      ) =>
        sql.withTransaction(
          Effect.gen(function* () {
            yield* sql`set local deadlock_timeout = '50ms'`
            yield* outbox.offer({ n })
            yield* Deferred.succeed(offered, undefined)
            yield* Deferred.await(other)
            yield* outbox.offer({ n: then })
          })
        )
      const ends = yield* Effect.all(
        [Effect.either(place([1, 2], first, second)), Effect.either(place([2, 1], second, first))],
        { concurrency: 2 }
      )
      const [error] = ends.flatMap((end) => (Either.isLeft(end) ? [end.left] : []))
      assert.strictEqual(ends.filter(Either.isRight).length, 1)
      assert.strictEqual(error?._tag === "MammothStoreError" && error.code, "40P01")
      assert.include(error?.message, "Run this transaction again, and offer ids in the same order everywhere")
      assert.strictEqual((yield* outbox.counts).pending, 2)
    }).pipe(Effect.scoped, provided)
  )
})

describe("An outbox under a test clock", () => {
  const deliver = Effect.gen(function* () {
    const webhook = yield* Server.webhook
    const outbox = yield* Outbox.make(webhook, { name: "rows", schema: Row })
    yield* Server.inject(Fault.status(503, { operation: "addData" }))
    yield* OutboxWorker.make(outbox, quick)
    yield* outbox.offer({ n: 1 })
    yield* outbox.drain
    return yield* Server.held(webhook.id)
  }).pipe(Effect.scoped)
  const provided = Effect.provide([Databases.onOwnSqlite, Server.layer(), Server.quiet])

  it.effect("delivers rows if it gets the live clock", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* Effect.withClock(deliver, Clock.make()), [1])
    }).pipe(provided)
  )

  it.effect("explains on the console why it hangs", () =>
    Effect.gen(function* () {
      const told = yield* Deferred.make<string>()
      const outbox = yield* Outbox.make("rows", { schema: Row })
      yield* outbox.offer({ n: 1 })
      const hanging = yield* Effect.fork(
        Effect.flatMap(Effect.console, (own) =>
          Effect.withConsole(outbox.drain, {
            ...own,
            warn: (message: string) => Effect.asVoid(Deferred.succeed(told, message))
          })
        )
      )
      assert.include(yield* Deferred.await(told), "Run the test with it.live")
      assert.isTrue(Exit.isInterrupted(yield* Fiber.interrupt(hanging)))
    }).pipe(provided)
  )
})

describe("A row for which a function of the caller throws", () => {
  const thrown = () => {
    throw new Error("a secret of the row")
  }
  const throwing = Schema.transform(Schema.Int, Schema.Struct({ n: Schema.Int }), {
    decode: (n) => ({ n }),
    encode: thrown
  })
  for (const [what, make, told] of [
    [
      "id",
      Outbox.make("rows", { schema: Row, id: thrown }),
      "id: expected an id, received an error that the function `id` threw"
    ],
    [
      "schema",
      Outbox.make("rows", { schema: throwing }),
      "expected a row that the schema can encode, received a row on which the schema throws"
    ]
  ] as const) {
    it.live(`is refused together with the other rows of its offer: ${what}`, () =>
      Effect.gen(function* () {
        const outbox = yield* make
        for (const offer of [Effect.asVoid(outbox.offer({ n: 1 })), Effect.asVoid(outbox.offerAll([{ n: 1 }]))]) {
          const error = yield* Effect.flip(offer)
          assert.strictEqual(error._tag, "MammothRowRefused")
          assert.include(error.message, told)
          assert.notInclude(error.message, "secret")
        }
        assert.strictEqual((yield* outbox.counts).pending, 0)
      }).pipe(Effect.provide(Databases.onOwnSqlite))
    )
  }
})
