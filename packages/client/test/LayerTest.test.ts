import { assert, describe, it } from "@effect/vitest"
import { Examples, type Webhook, WebhooksError } from "@mammoth-effect/core"
import { Cause, Effect, Exit, Option, Schema, Stream } from "effect"
import { Webhooks, WebhookSink } from "../src/index.js"
import * as Server from "./support/Server.js"

const { api } = Server

const { webhook } = Examples

describe("Webhooks.layerTest", () => {
  const defect = <A, E>(call: Effect.Effect<A, E, Webhooks.Webhooks>, operations: Webhooks.TestOperations = {}) =>
    Effect.exit(call).pipe(
      Effect.map((exit) => (Exit.isFailure(exit) ? Option.getOrThrow(Cause.dieOption(exit.cause)) : assert.fail())),
      Effect.map((thrown) => (thrown instanceof Error ? thrown.message : assert.fail())),
      Effect.provide(Webhooks.layerTest(operations))
    )

  it.effect("calls the operations that the test provides, even through inProject", () =>
    Effect.gen(function* () {
      const pushed: Array<unknown> = []
      const layer = Webhooks.layerTest({
        list: ({ projectId }) =>
          Effect.succeed({ webhooks: [webhook], limit: 50, offset: Number(projectId), next: "" }),
        ensure: (name) => Effect.succeed({ ...webhook, name }),
        getDetails: () => Effect.succeed(webhook),
        stream: () => Stream.make(webhook, webhook),
        addData: (_, row) => Effect.sync(() => void pushed.push(row))
      })
      yield* Effect.gen(function* () {
        const ensured = yield* Webhooks.ensure("orders", { ...Server.project, mode: "combine" })
        yield* Webhooks.addData(ensured, { order: 1 })
        assert.strictEqual((yield* Webhooks.list({ workspaceId: 1, projectId: 7 })).offset, 7)
        // Expect only the requested fields, as from a real server.
        assert.deepStrictEqual((yield* api.list({ fields: ["id"] })).webhooks, [{ id: webhook.id }])
        assert.deepStrictEqual(Object.keys(yield* api.getDetails({ webhookId: 8, fields: "min" })), [
          "id",
          "name",
          "mode",
          "uri",
          "datasetId"
        ])
        assert.strictEqual(yield* Stream.runCount(api.stream({ fields: ["name"] })), 2)
      }).pipe(Effect.provide(layer))
      assert.deepStrictEqual(pushed, [{ order: 1 }])
    })
  )

  const rows = Stream.make({ n: 1 }, { n: 2 }, { n: 3 })
  const schema = Schema.Struct({ n: Schema.Int })
  const combine = { ...webhook, mode: "combine" as const } as Webhook.CombineWebhook
  const replace = { ...webhook, mode: "replace" as const } as Webhook.ReplaceWebhook

  it.effect("calls addData for every kind of push: single rows, batches and replaceAll", () =>
    Effect.gen(function* () {
      const pushed: Array<unknown> = []
      const layer = Webhooks.layerTest({ addData: (_, data) => Effect.sync(() => void pushed.push(data)) })
      yield* Effect.gen(function* () {
        yield* Webhooks.addData(combine, { n: 0 })
        yield* Stream.run(rows, WebhookSink.append(combine, { schema, concurrency: 1 }))
        yield* Stream.run(
          rows,
          WebhookSink.append(combine, { schema, batch: { maxRows: 2 }, gzip: true, concurrency: 1 })
        )
        yield* Webhooks.replaceAll(replace, [{ n: 4 }], { schema })
      }).pipe(Effect.provide(layer))
      assert.deepStrictEqual(pushed, [
        { n: 0 },
        { n: 1 },
        { n: 2 },
        { n: 3 },
        [{ n: 1 }, { n: 2 }],
        [{ n: 3 }],
        [{ n: 4 }]
      ])
    })
  )

  it.effect("calls addEncodedData for pushes of addData if the test provides only addEncodedData", () =>
    Effect.gen(function* () {
      const pushed: Array<unknown> = []
      const layer = Webhooks.layerTest({
        addEncodedData: (_, document) => Effect.sync(() => void pushed.push(document))
      })
      yield* Effect.provide(Webhooks.addData(combine, { n: 0 }), layer)
      assert.deepStrictEqual(pushed, ['{"n":0}'])
    })
  )

  it.effect(
    "calls addData for pushes of addData, and addEncodedData for pushes of a sink, if the test provides both",
    () =>
      Effect.gen(function* () {
        const called: Array<string> = []
        const layer = Webhooks.layerTest({
          addData: () => Effect.sync(() => void called.push("addData")),
          addEncodedData: () => Effect.sync(() => void called.push("addEncodedData"))
        })
        yield* Effect.provide(Webhooks.addData(combine, { n: 0 }), layer)
        yield* Effect.provide(Stream.run(Stream.take(rows, 1), WebhookSink.append(combine, { schema })), layer)
        assert.deepStrictEqual(called, ["addData", "addEncodedData"])
      })
  )

  it.effect("fails with the error of the test's own operation", () =>
    Effect.gen(function* () {
      const gone = new WebhooksError.NotFound({
        operation: "delete",
        method: "DELETE",
        route: "/workspaces/{workspace_id}/projects/{project_id}/webhooks/{webhook_id}",
        delivery: "Rejected",
        attempts: 1,
        history: [],
        status: 404,
        requestId: undefined,
        excerpt: ""
      })
      const layer = Webhooks.layerTest({ delete: () => Effect.fail(gone) })
      assert.strictEqual(yield* Effect.flip(Effect.provide(api.delete({ webhookId: 1 }), layer)), gone)
    })
  )

  it.effect(
    "dies with a message that names the operation and the remedy if the test does not provide the operation",
    () =>
      Effect.gen(function* () {
        const calls = {
          list: api.list(),
          create: api.create({}),
          getDetails: api.getDetails({ webhookId: 1 }),
          delete: api.delete({ webhookId: 1 }),
          update: api.update({ webhookId: 1, origins: "*" }),
          stream: Stream.runDrain(api.stream()),
          ensure: api.ensure("n", {}),
          addData: Webhooks.addData("k", { n: 1 }),
          addDataUsingGet: Webhooks.addDataUsingGet("k", { n: 1 }),
          addEncodedData: Effect.flatMap(Webhooks.Webhooks, (webhooks) =>
            webhooks.addEncodedData("k", new Uint8Array())
          )
        }
        for (const [name, call] of Object.entries(calls)) {
          assert.strictEqual(
            yield* defect<unknown, unknown>(call),
            `Webhooks.${name} was called, but this test's layer has no ${name}: use Webhooks.layerTest({ ${name}: … }) or an emulator`
          )
        }
      })
  )

  it.effect("dies if the test's own `ensure` returns a webhook in another mode than the requested mode", () =>
    Effect.gen(function* () {
      const message = yield* defect(api.ensure("n", { mode: "replace" }), { ensure: () => Effect.succeed(webhook) })
      assert.include(message, "Webhooks.layerTest: ensure must return a webhook in the requested mode")
    })
  )
})
