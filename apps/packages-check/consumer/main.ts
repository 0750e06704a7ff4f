/** A small program. It ensures a webhook, pushes rows despite a fault, and reads the rows from the emulator. */
import { FetchHttpClient } from "@effect/platform"
import { Credentials, IngestReport, MammothConfig, RequestOptions, Webhooks, WebhookSink } from "@mammoth-effect/client"
import { Webhook } from "@mammoth-effect/core"
import * as Emulator from "@mammoth-effect/emulator/Emulator"
import * as Fault from "@mammoth-effect/emulator/Fault"
import * as InProcess from "@mammoth-effect/emulator/InProcess"
import { Console, Effect, Layer, Schema, Stream } from "effect"

const OnSocket = Layer.unwrapEffect(
  Effect.map(Emulator.Emulator, ({ apiKey, apiSecret, baseUrl }) =>
    Webhooks.layer.pipe(
      Layer.provide([Credentials.layer({ apiKey, apiSecret }), MammothConfig.layer({ baseUrl }), FetchHttpClient.layer])
    )
  )
).pipe(Layer.provideMerge(Emulator.layer()))

const InThisProcess = Webhooks.layerConfig().pipe(Layer.provideMerge(InProcess.layer()))

const program = Effect.gen(function* () {
  const emulator = yield* Emulator.Emulator
  const project = { workspaceId: 4, projectId: 4 }
  const orders: Webhook.CombineWebhook = yield* Webhooks.ensure("orders", { ...project, mode: "combine" })
  yield* emulator.inject(Fault.status(429, { times: 1 }))
  yield* Webhooks.addData(orders, { order: 1, total: 9.5 })
  const report = yield* Stream.run(
    Stream.range(2, 10).pipe(Stream.map((order) => ({ order }))),
    WebhookSink.append(orders, { schema: Schema.Struct({ order: Schema.Int }) })
  )
  const missing = yield* Webhooks.getDetails({ ...project, webhookId: 99 }).pipe(
    RequestOptions.withOptions({ timeout: "5 seconds" }),
    Effect.as("found"),
    Effect.catchTag("MammothNotFound", (error) => Effect.succeed(error.delivery))
  )
  const page = yield* Webhooks.list({ ...project, fields: ["id", "name"] })
  const rows = yield* emulator.rows(orders.id)
  yield* Console.log(IngestReport.format(report))
  yield* Console.log(JSON.stringify({ rows: rows.length, names: page.webhooks.map(({ name }) => name), missing }))
})

void Effect.runPromise(Effect.zipRight(Effect.provide(program, OnSocket), Effect.provide(program, InThisProcess)))
