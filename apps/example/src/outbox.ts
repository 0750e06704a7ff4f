/**
 * Pushes four years of weather through an outbox. The outbox's process is killed half-way, and the server loses some
 * responses. After a restart, the outbox delivers the stored rows. At the end, the server has the rows of all days.
 */
import { fileURLToPath } from "node:url"
import { Command, FileSystem, Path } from "@effect/platform"
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Credentials, MammothConfig, Webhooks } from "@mammoth-effect/client"
import { Json } from "@mammoth-effect/core"
import { Emulator, Fault } from "@mammoth-effect/emulator"
import { Chunk, Effect, Layer, Redacted, Schema, Stream } from "effect"
import * as Failure from "./Failure.js"
import * as Report from "./Report.js"
import * as Weather from "./Weather.js"

/** Makes the emulator write three rows without a response. The worker cannot know that the rows were written. */
const loseResponses = Effect.flatMap(Emulator.Emulator, (emulator) =>
  emulator.inject(Fault.reset("start", { operation: "addData", acts: true, times: 3 }))
)

const decode = Schema.decodeUnknown(
  Schema.Array(Schema.Struct({ event_id: Schema.String }, Schema.Record({ key: Schema.String, value: Json.Json })))
)

const program = Effect.gen(function* () {
  const emulator = yield* Emulator.Emulator
  const webhook = yield* Webhooks.ensure("seattle-weather", { workspaceId: 1, projectId: 1, mode: "combine" })
  const days = Chunk.toReadonlyArray(yield* Stream.runCollect(Weather.days(yield* Weather.file)))
  const folder = yield* Effect.flatMap(FileSystem.FileSystem, (files) => files.makeTempDirectoryScoped())
  const file = yield* Effect.map(Path.Path, (path) => path.join(folder, "outbox.db"))
  yield* Report.title("Four years of Seattle's weather through an outbox")
  yield* Report.line("server", "an emulator in this process, which loses some responses")
  yield* Report.line("outbox", "a SQLite file in a temporary folder")

  /** Runs `outboxStation.ts`, and returns its output. `wasKilled` is true if a signal ended the process. */
  const station = (...args: ReadonlyArray<string>) =>
    Effect.gen(function* () {
      const child = yield* Command.make(
        process.execPath,
        "--import",
        "tsx",
        fileURLToPath(new URL("outboxStation.ts", import.meta.url)),
        ...args
      ).pipe(
        Command.env({
          MAMMOTH_BASE_URL: emulator.baseUrl,
          MAMMOTHANALYTICS_API_KEY: Redacted.value(emulator.apiKey),
          MAMMOTHANALYTICS_API_SECRET: Redacted.value(emulator.apiSecret),
          WEATHER_WEBHOOK: Redacted.value(webhook.uri),
          OUTBOX_FILE: file
        }),
        Command.stderr("inherit"),
        Command.start
      )
      const said = yield* Stream.mkString(Stream.decodeText(child.stdout))
      // Read the exit code as an `Option`. It is `None` if a signal ended the process.
      const code = yield* Effect.option(child.exitCode)
      return { said: said.trim(), wasKilled: code._tag === "None" }
    })

  yield* loseResponses
  const first = yield* station("--crash-after", String(Math.floor(days.length / 2)))
  if (!first.wasKilled) return yield* fail("the first run finished, but should have been killed")
  yield* Report.line("first run", first.said)
  yield* Report.line("server", `holds ${Report.count((yield* emulator.rows(webhook.id)).length, "row")}`)

  yield* loseResponses
  const second = yield* station()
  if (second.wasKilled) return yield* fail("the second run was killed, but should have finished")
  yield* Report.line("second run", `${second.said}, and delivered all remaining rows`)

  const rows = yield* decode(yield* emulator.rows(webhook.id))
  const distinct = new Map(rows.map(({ event_id, ...day }) => [event_id, day]))
  yield* Report.line(
    "server",
    `holds ${Report.count(rows.length, "row")}, including ${Report.count(rows.length - distinct.size, "duplicate")} caused by lost responses or the kill`
  )
  yield* Report.compare(days, Array.from(distinct.values()))
  yield* Report.line("check", "after removing duplicates by event_id, the server has exactly the days of the file")
})

const fail = (message: string) => Effect.fail(new Report.CheckFailed({ message }))

const MainLayer = Layer.unwrapEffect(
  Effect.map(Emulator.Emulator, ({ apiKey, apiSecret, baseUrl }) =>
    Webhooks.layer.pipe(
      Layer.provide([
        Credentials.layer({ apiKey, apiSecret }),
        MammothConfig.layer({ baseUrl }),
        NodeHttpClient.layerUndici
      ])
    )
  )
).pipe(Layer.provideMerge(Emulator.layer()), Layer.merge(NodeContext.layer))

program.pipe(
  Effect.scoped,
  Effect.provide(MainLayer),
  Failure.report,
  NodeRuntime.runMain({ disableErrorReporting: true, teardown: Failure.teardown })
)
