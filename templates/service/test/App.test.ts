import { HttpBody, HttpClient, HttpServer } from "@effect/platform"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { assert, describe, it } from "@effect/vitest"
import { Webhooks } from "@mammoth-effect/client"
import { Fault, InProcess } from "@mammoth-effect/emulator"
import { ConfigProvider, Effect, Layer } from "effect"
import { app } from "../src/App.js"
import * as Orders from "../src/Orders.js"

/** Provides `Webhooks` with an emulator in this process, without a socket. */
const WebhooksTest = Webhooks.layerConfig().pipe(Layer.provideMerge(InProcess.layer()))

const ids = Layer.setConfigProvider(
  ConfigProvider.fromMap(
    new Map([
      ["MAMMOTH_WORKSPACE_ID", "4"],
      ["MAMMOTH_PROJECT_ID", "4"]
    ])
  )
)

/** The service on its own port, and the emulator to which it pushes. */
const TestLayer = HttpServer.serve(app).pipe(
  Layer.provideMerge(Orders.layer),
  // This layer and the emulator both provide an HTTP client. Provide this layer first, so that `post` calls the service.
  Layer.provideMerge(NodeHttpServer.layerTest),
  Layer.provideMerge(WebhooksTest),
  Layer.provide(ids)
)

const post = (body: unknown) =>
  Effect.flatMap(HttpClient.HttpClient, (client) => client.post("/orders", { body: HttpBody.unsafeJson(body) }))

describe("the service", () => {
  it.live("delivers each accepted order, even after a 429", () =>
    Effect.gen(function* () {
      const emulator = yield* InProcess.Emulator
      yield* emulator.inject(Fault.status(429, { times: 1 }))

      assert.strictEqual((yield* post({ id: 1, total: 9.5 })).status, 202)
      assert.strictEqual((yield* post({ id: 2, total: 4 })).status, 202)
      yield* Effect.flatMap(Orders.Orders, (orders) => orders.flush)

      const rows = yield* emulator.rows(1)
      assert.sameDeepMembers(
        [...rows],
        [
          { id: 1, total: 9.5 },
          { id: 2, total: 4 }
        ]
      )
    }).pipe(Effect.provide(TestLayer), Effect.scoped)
  )

  it.live("responds with 400 to a body that is not an order", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* post({ id: "one" })).status, 400)
    }).pipe(Effect.provide(TestLayer), Effect.scoped)
  )
})
