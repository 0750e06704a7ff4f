/** Tests a service that runs in its own process. The test ends the process with SIGTERM, as a deployment does. */
import { spawn } from "node:child_process"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Fault } from "@mammoth-effect/emulator"
import { Effect, Fiber, Layer, Schedule, Schema } from "effect"
import { Outbox, OutboxStore, OutboxWorker } from "../src/index.js"
import * as Crash from "./support/Crash.js"
import * as Databases from "./support/Databases.js"
import * as Server from "./support/Server.js"

describe("A service under NodeRuntime.runMain that gets SIGTERM", () => {
  for (const [database, isThere] of [
    ["sqlite", true],
    ["postgres", Databases.hasPostgres]
  ] as const) {
    it.live.skipIf(!isThere)(
      `waits for requests in flight, gives back the other rows, and sends no row twice: ${database}`,
      () =>
        Effect.gen(function* () {
          const table = Databases.newTable()
          const filename = join(yield* Databases.folder, "outbox.db")
          const store = yield* Layer.build(
            database === "sqlite"
              ? OutboxStore.layerSqlite({ filename, table })
              : OutboxStore.layerSql({ table }).pipe(
                  Layer.merge(Databases.dropped(table)),
                  Layer.provide(Databases.postgres())
                )
          )
          const webhook = yield* Server.webhook
          const outbox = yield* Effect.provide(
            Outbox.make(webhook, { name: "rows", schema: Schema.Struct({ n: Schema.Int }) }),
            store
          )
          yield* outbox.offerAll(Array.from({ length: 20 }, (_, n) => ({ n })))
          yield* Server.inject(Fault.delay({ operation: "addData", times: "every", delayBefore: "300 millis" }))
          const program = yield* Crash.compiled("serving")
          const env = yield* Crash.environment(webhook, {
            CRASH_TABLE: table,
            ...(database === "sqlite" ? { CRASH_SQLITE: filename } : { CRASH_POSTGRES: Databases.postgresUrl })
          })
          const child = yield* Effect.acquireRelease(
            Effect.sync(() => spawn(process.execPath, [program], { env, stdio: ["ignore", "ignore", "inherit"] })),
            (started) => Effect.sync(() => started.kill("SIGKILL"))
          )
          const ended = yield* Effect.fork(
            Effect.async<readonly [number | null, NodeJS.Signals | null]>((resume) => {
              child.on("close", (code, signal) => resume(Effect.succeed([code, signal])))
            })
          )
          yield* Effect.repeat(Server.pushes, {
            until: (pushes) => pushes >= 3,
            schedule: Schedule.spaced("5 millis")
          })
          child.kill("SIGTERM")
          assert.deepStrictEqual(yield* Fiber.join(ended), [0, null])

          const held = yield* Server.held(webhook.id)
          assert.strictEqual(held.length, yield* Server.pushes)
          assert.isBelow(held.length, 20)
          assert.deepStrictEqual(yield* outbox.counts, {
            pending: 20 - held.length,
            leased: 0,
            delivered: held.length,
            dead: 0
          })
          yield* Server.clear
          yield* OutboxWorker.make(outbox)
          yield* outbox.drain
          assert.deepStrictEqual(
            (yield* Server.held(webhook.id)).toSorted((a, b) => a - b),
            Array.from({ length: 20 }, (_, n) => n)
          )
        }).pipe(Effect.scoped, Effect.provide([Server.layer(), Server.quiet]))
    )
  }
})
