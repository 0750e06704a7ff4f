/** Tests the file of a SQLite outbox: the names that it can have, and its loss while it is open. */
import { existsSync } from "node:fs"
import { rename, rm } from "node:fs/promises"
import { join } from "node:path"
import { LibsqlClient } from "@effect/sql-libsql"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Either, Layer, Schema } from "effect"
import { Outbox, OutboxStore, OutboxWorker } from "../src/index.js"
import * as File from "../src/internal/database/file.js"
import * as Databases from "./support/Databases.js"
import * as Server from "./support/Server.js"

const Row = Schema.Struct({ n: Schema.Int })

/** Makes an outbox with a new webhook, over a store. */
const make = <E, R>(store: Layer.Layer<OutboxStore.OutboxStore, E, R>) =>
  Effect.gen(function* () {
    const webhook = yield* Server.webhook
    return yield* Effect.provide(Outbox.make(webhook, { name: "rows", schema: Row }), yield* Layer.build(store))
  })

/** Checks that an effect fails because the file was moved. Returns the message of the error. */
const moved = <A, E extends { readonly _tag: string; readonly message: string }, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.map(Effect.flip(effect), (error) => {
    assert.strictEqual("reason" in error && error.reason, "storage")
    assert.include(error.message, "is not the file that was opened: the opened file was deleted, moved or replaced")
    return error.message
  })

const provided = Effect.provide([Server.layer(), Server.quiet])

describe("A file's name", () => {
  it.live("is refused in every spelling if it names a database in memory", () =>
    Effect.forEach(
      [
        "",
        ":memory:",
        ":memory:?cache=shared",
        "file:",
        "file::memory:",
        "file::memory:?cache=shared",
        "FILE::memory:",
        "file:%3Amemory%3A",
        "file:?cache=shared",
        "file:rows.db?mode=memory",
        "file:///rows.db?cache=shared&mode=memory",
        "file:/rows.db?vfs=memdb",
        "file://localhost/rows.db?mode=%6Demory#x"
      ],
      (filename) =>
        Effect.map(Effect.flip(Layer.build(OutboxStore.layerSqlite({ filename }))), (error) => {
          assert.strictEqual(error.reason, "storage", filename)
          assert.include(error.message, "a database in memory would lose every row", filename)
        })
    ).pipe(Effect.scoped)
  )

  it.live("is read as a path and never as a URI", () =>
    Effect.gen(function* () {
      const names = ["file:a.db", "file:b.db?mode=ro", "c.db?mode=memory#x", "d %41.db", "http:e.db", "é–.db"]
      for (const name of names) {
        assert.deepStrictEqual(File.resolve(name), Either.right(join(process.cwd(), name)))
        const filename = join(yield* Databases.folder, name)
        yield* Effect.scoped(Layer.build(OutboxStore.layerSqlite({ filename })))
        assert.isTrue(existsSync(filename), name)
      }
      const error = yield* Effect.flip(Layer.build(OutboxStore.layerSqlite({ filename: "rows\0.db" })))
      assert.include(error.message, "the file's name has a NUL character")
    }).pipe(Effect.scoped)
  )
})

describe("An outbox whose file is deleted while it is open", () => {
  for (const part of ["", "-wal", "-shm"]) {
    it.live(`refuses further offers, and creates no new file: outbox.db${part}`, () =>
      Effect.gen(function* () {
        const filename = join(yield* Databases.folder, "outbox.db")
        const outbox = yield* make(OutboxStore.layerSqlite({ filename }))
        yield* outbox.offer({ n: 1 })
        yield* Effect.promise(() => rm(filename + part))
        assert.include(yield* moved(outbox.offer({ n: 2 })), `outbox.db${part}`)
        if (part !== "") return
        yield* moved(outbox.offerAll([{ n: 3 }]))
        yield* moved(outbox.counts)
        yield* moved(outbox.redrive())
        assert.isFalse(existsSync(filename))
      }).pipe(Effect.scoped, provided)
    )
  }

  it.live("delivers no row while the file is gone, and continues when the file is back", () =>
    Effect.gen(function* () {
      const filename = join(yield* Databases.folder, "outbox.db")
      const outbox = yield* make(OutboxStore.layerSqlite({ filename }))
      yield* outbox.offer({ n: 1 })
      const move = (from: string, to: string) =>
        Effect.forEach(["", "-wal", "-shm"], (part) => Effect.promise(() => rename(from + part, to + part)))
      yield* move(filename, `${filename}.old`)
      yield* OutboxWorker.make(outbox, { pollInterval: "20 millis" })
      yield* moved(outbox.offer({ n: 2 }))
      yield* Effect.sleep("100 millis")
      assert.strictEqual(yield* Server.pushes, 0)
      yield* move(`${filename}.old`, filename)
      yield* outbox.offer({ n: 3 })
      yield* outbox.drain
      const { delivered, dead } = yield* outbox.counts
      assert.strictEqual(dead, 0)
      // Expect at least two rows: the second offer failed, but its row may be stored.
      assert.isAtLeast(delivered, 2)
    }).pipe(Effect.scoped, provided)
  )

  it.live("refuses further offers even if the outbox uses a client of the caller", () =>
    Effect.gen(function* () {
      const path = join(yield* Databases.folder, "app.db")
      const outbox = yield* make(
        OutboxStore.layerSql().pipe(Layer.provide(LibsqlClient.layer({ url: `file:${path}` })))
      )
      yield* outbox.offer({ n: 1 })
      yield* Effect.promise(() => rm(path))
      yield* moved(outbox.offer({ n: 2 }))
    }).pipe(Effect.scoped, provided)
  )
})
