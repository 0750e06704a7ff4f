/** Tests Postgres databases that cannot hold every character. The characters of one row must not delay another row. */
import { SqlClient } from "@effect/sql"
import { assert, describe, it, layer } from "@effect/vitest"
import { Emulator, Fault } from "@mammoth-effect/emulator"
import { Chunk, Effect, Either, Layer, Schema, Stream } from "effect"
import { Outbox, OutboxStore, OutboxWorker } from "../src/index.js"
import * as Databases from "./support/Databases.js"
import * as Server from "./support/Server.js"

const Row = Schema.Struct({ n: Schema.Int, text: Schema.String })

const quick: OutboxWorker.Options = {
  backoff: { initialInterval: "20 millis", maxInterval: "100 millis" },
  pollInterval: "20 millis"
}

const text = "–é\u0000\ud83d\ude00\\u2013\ud800"

const databases = Databases.hasPostgres ? ["LATIN1", "SQL_ASCII"] : []

for (const encoding of databases) {
  layer(OutboxStore.layerSql().pipe(Layer.provide(Databases.newDatabase(encoding))), { excludeTestServices: true })(
    `A database in ${encoding}`,
    (it) => {
      it.scoped("delivers every row, and stores every message of the server", () =>
        Effect.gen(function* () {
          const webhook = yield* Server.webhook
          const outbox = yield* Outbox.make(webhook, { name: "rows", schema: Row })
          yield* Server.inject(Fault.status(503, { operation: "addData", body: "busy – try later" }))
          yield* Server.inject(
            Fault.status(422, { operation: "addData", body: JSON.stringify({ detail: "no – such column" }) })
          )
          yield* outbox.offer({ n: 1, text })
          yield* OutboxWorker.make(outbox, { ...quick, concurrency: 1 })
          yield* outbox.drain
          const [letter] = Chunk.toReadonlyArray(yield* Stream.runCollect(outbox.deadLetters))
          assert.include(letter?.error, "no \\u2013 such column")
          assert.deepStrictEqual(letter?.document, { n: 1, text })
          yield* outbox.redrive()
          yield* outbox.drain
          yield* outbox.offer({ n: 2, text: "" })
          yield* outbox.drain
          assert.deepStrictEqual(
            [...(yield* Effect.flatMap(Emulator.Emulator, ({ rows }) => rows(webhook.id)))],
            [
              { n: 1, text },
              { n: 2, text: "" }
            ]
          )
        }).pipe(Effect.provide([Server.layer(), Server.quiet]))
      )

      it.effect("accepts the ids that it can hold, and immediately refuses other ids", () =>
        Effect.gen(function* () {
          const outbox = yield* Outbox.make("ids", { schema: Row })
          const offered = Effect.either(outbox.offer({ n: 1, text }, { id: "a – b" }))
          if (encoding === "LATIN1") {
            const error = yield* Effect.flip(Effect.flatten(offered))
            assert.strictEqual(error._tag === "MammothStoreError" && error.reason, "data")
            assert.include(error.message, 'no equivalent in encoding "LATIN1"')
            assert.include(error.message, "Use ASCII characters in ids and outbox names")
          } else assert.isTrue(Either.isRight(yield* offered))
          assert.deepStrictEqual(yield* outbox.offer({ n: 1, text }, { id: "é" }), { id: "é", isDuplicate: false })
          assert.strictEqual(yield* outbox.redrive(["\ud800", "\u0000"]), 0)
        })
      )
    }
  )
}

describe.skipIf(!Databases.hasPostgres)("A database in UTF-8", () => {
  it.live("stores text that other programs can read", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const table = Databases.newTable()
      yield* Layer.build(Databases.dropped(table))
      const store = yield* Layer.build(OutboxStore.layerSql({ table }))
      const outbox = yield* Effect.provide(Outbox.make("rows", { schema: Row }), store)
      yield* outbox.offer({ n: 1, text: "–" })
      assert.deepStrictEqual(yield* sql`select payload from ${sql(table)}`, [{ payload: '{"n":1,"text":"–"}' }])
    }).pipe(Effect.scoped, Effect.provide(Databases.postgres()))
  )
})
