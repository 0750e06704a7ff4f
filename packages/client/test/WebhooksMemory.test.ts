import { assert, describe, it } from "@effect/vitest"
import { Examples, type Webhook, WebhooksError } from "@mammoth-effect/core"
import { Emulator } from "@mammoth-effect/emulator"
import { Cause, Context, Effect, Exit, Layer, Option, Redacted, Schema, Stream } from "effect"
import { IngestReport, Webhooks, WebhookSink, WebhooksMemory } from "../src/index.js"
import * as Server from "./support/Server.js"
import { passing } from "./support/Time.js"

/** The rows of a webhook, whoever keeps them. */
class Rows extends Context.Tag("test/Rows")<
  Rows,
  (webhook: Pick<Webhook.Webhook, "id">) => Effect.Effect<ReadonlyArray<unknown>>
>() {}

const rowsOf = (webhook: Pick<Webhook.Webhook, "id">) => Effect.flatMap(Rows, (rows) => rows(webhook))

interface Options {
  readonly arraysAreRows?: boolean
}

const sides: Readonly<Record<string, (options?: Options) => Layer.Layer<Webhooks.Webhooks | Rows, unknown>>> = {
  "in memory": (options) =>
    Layer.effect(
      Rows,
      Effect.map(
        WebhooksMemory.WebhooksMemory,
        ({ rows }): Rows["Type"] =>
          ({ id }) =>
            rows(id)
      )
    ).pipe(Layer.provideMerge(WebhooksMemory.layer(options))),
  "in the emulator": (options) =>
    Layer.effect(
      Rows,
      Effect.map(
        Emulator.Emulator,
        ({ rows }): Rows["Type"] =>
          ({ id }) =>
            Effect.orDie(rows(id))
      )
    ).pipe(Layer.provideMerge(Server.layer(options === undefined ? {} : { emulator: options })))
}

const { api } = Server

/** The tag of a call's error, and where it was answered the status. */
const told = <A, R>(call: Effect.Effect<A, { readonly _tag: string; readonly status?: number }, R>) =>
  Effect.match(call, { onFailure: ({ _tag, status }) => [_tag, status ?? "not answered"], onSuccess: () => ["none"] })

const names = (query: Webhooks.Query) => Effect.map(api.list(query), ({ webhooks }) => webhooks.map(({ name }) => name))

for (const [where, layer] of Object.entries(sides)) {
  describe(`Webhooks ${where}`, () => {
    it.effect("take their defaults, are changed, and are gone when they are deleted", () =>
      Effect.gen(function* () {
        const made = yield* api.create({})
        assert.deepStrictEqual(
          [made.id, made.name, made.mode, made.origins, made.secret, made.datasetId],
          [1, "Generic Webhook", "replace", "*", null, 1001]
        )
        const changed = yield* api.update({
          webhookId: made.id,
          mode: "combine",
          origins: "https://a.example",
          isSecure: true
        })
        assert.deepStrictEqual([changed.mode, changed.origins], ["combine", "https://a.example"])
        assert.isNotNull(changed.secret)
        const again = yield* api.update({ webhookId: made.id, patch: [{ path: "isSecure", value: true }] })
        assert.strictEqual(
          Redacted.value(again.secret ?? assert.fail()),
          Redacted.value(changed.secret ?? assert.fail())
        )
        assert.isNull((yield* api.update({ webhookId: made.id, isSecure: false })).secret)
        const read = yield* api.getDetails({ webhookId: made.id, fields: ["mode", "origins"] })
        assert.deepStrictEqual(read, { mode: "combine", origins: "https://a.example" })
        yield* api.delete({ webhookId: made.id })
        assert.deepStrictEqual(yield* told(api.getDetails({ webhookId: made.id })), ["NotFound", 404])
        assert.deepStrictEqual(yield* told(api.delete({ webhookId: made.id })), ["NotFound", 404])
        assert.deepStrictEqual(yield* told(Webhooks.addData(made, { n: 1 })), ["NotFound", 404])
      }).pipe(Effect.provide(layer()))
    )

    it.effect("are listed by filter, order, page and field, each project for itself", () =>
      Effect.gen(function* () {
        for (const [name, mode] of [
          ["c", "combine"],
          ["a", "replace"],
          ["b", "combine"]
        ] as const) {
          yield* api.create({ name, mode })
        }
        yield* Webhooks.create({ workspaceId: 4, projectId: 5, name: "elsewhere" })
        assert.deepStrictEqual(yield* names({}), ["c", "a", "b"])
        assert.deepStrictEqual(yield* names({ mode: ["combine"] }), ["c", "b"])
        assert.deepStrictEqual(yield* names({ name: ["a", "b"], mode: ["combine"] }), ["b"])
        assert.deepStrictEqual(yield* names({ id: [1, 3] }), ["c", "b"])
        assert.deepStrictEqual(yield* names({ datasetId: [1002] }), ["a"])
        assert.deepStrictEqual(yield* names({ sort: [["name", "asc"]] }), ["a", "b", "c"])
        assert.deepStrictEqual(
          yield* names({
            sort: [
              ["mode", "desc"],
              ["id", "desc"]
            ]
          }),
          ["a", "b", "c"]
        )
        assert.deepStrictEqual(yield* names({ limit: 0 }), [])
        assert.deepStrictEqual(yield* names({ offset: 9 }), [])
        const page = yield* api.list({ limit: 2, offset: 0, fields: ["id"], mode: ["combine", "replace"] })
        assert.deepStrictEqual([page.webhooks, page.limit, page.offset], [[{ id: 1 }, { id: 2 }], 2, 0])
        assert.strictEqual(
          page.next,
          "/api/v2/workspaces/4/projects/4/webhooks?fields=id&mode=combine%2Creplace&limit=2&offset=2"
        )
        assert.strictEqual((yield* api.list({ limit: 2, offset: 2 })).next, "")
        const streamed = yield* Stream.runCollect(api.stream({ limit: 1, fields: ["name"] }))
        assert.deepStrictEqual(Array.from(streamed), [{ name: "c" }, { name: "a" }, { name: "b" }])
        assert.deepStrictEqual(yield* told(Webhooks.getDetails({ workspaceId: 4, projectId: 5, webhookId: 1 })), [
          "NotFound",
          404
        ])
      }).pipe(Effect.provide(layer()))
    )

    it.effect("append or replace, as their mode says", () =>
      Effect.gen(function* () {
        const combine = yield* api.ensure("combine", { mode: "combine" })
        const replace = yield* api.ensure("replace", { mode: "replace" })
        for (const webhook of [combine, replace]) {
          yield* Webhooks.addData(webhook, { n: 1, list: [null, true] })
          yield* Webhooks.addDataUsingGet(webhook, { n: 2, text: "a b&c", empty: "" })
        }
        const second = { n: "2", text: "a b&c", empty: "" }
        assert.deepStrictEqual(yield* rowsOf(combine), [{ n: 1, list: [null, true] }, second])
        assert.deepStrictEqual(yield* rowsOf(replace), [second])
      }).pipe(Effect.provide(layer()))
    )

    it.effect("are ensured once, by name", () =>
      Effect.gen(function* () {
        const first = yield* api.ensure("orders, new", { mode: "replace" })
        const second = yield* api.ensure("orders, new", { mode: "combine", origins: "https://a.example" })
        assert.deepStrictEqual([second.id, second.mode, second.origins], [first.id, "combine", "https://a.example"])
        yield* api.create({ name: "orders, new" })
        assert.deepStrictEqual(yield* told(passing(api.ensure("orders, new", {}))), ["AmbiguousName", "not answered"])
      }).pipe(Effect.provide(layer()))
    )

    it.effect("refuse a push without their secret, and unknown keys", () =>
      Effect.gen(function* () {
        const secure = yield* api.create({ name: "secure", isSecure: true, mode: "combine" })
        assert.deepStrictEqual(yield* told(Webhooks.addData(secure.uri, { n: 1 })), ["Unauthorized", 401])
        yield* Webhooks.addData(secure, { n: 2 })
        assert.deepStrictEqual(yield* rowsOf(secure), [{ n: 2 }])
        assert.deepStrictEqual(yield* told(Webhooks.addData("nobody", { n: 1 })), ["NotFound", 404])
      }).pipe(Effect.provide(layer()))
    )

    it.effect("refuse what is no row, in the same words", () =>
      Effect.gen(function* () {
        const webhook = yield* api.create({})
        const detail = (data: string | ReadonlyArray<{ readonly n: number }>) =>
          Effect.map(Effect.flip(Webhooks.addData(webhook, data)), (error): string =>
            error._tag === "BadRequest" ? error.detail : error._tag
          )
        assert.deepStrictEqual(yield* Effect.all([detail("text"), detail([{ n: 1 }])]), [
          "expected an object, which is one row, received a string of 4 characters",
          "expected an object, since this server is not set to take lists as rows, received a list of 1"
        ])
      }).pipe(Effect.provide(layer()))
    )

    it.effect("hold what was there when it was read", () =>
      Effect.gen(function* () {
        const webhook = yield* api.ensure("orders", { mode: "combine" })
        yield* Webhooks.addData(webhook, { n: 1 })
        const before = yield* rowsOf(webhook)
        yield* Webhooks.addData(webhook, { n: 2 })
        assert.deepStrictEqual([before, yield* rowsOf(webhook)], [[{ n: 1 }], [{ n: 1 }, { n: 2 }]])
      }).pipe(Effect.provide(layer()))
    )

    it.effect("take lists as rows where they are set to, compressed or not", () =>
      Effect.gen(function* () {
        const webhook = yield* api.ensure("orders", { mode: "combine" })
        const rows = Array.from({ length: 7 }, (_, id) => ({ id }))
        const report = yield* Stream.run(
          Stream.fromIterable(rows),
          WebhookSink.append(webhook, {
            schema: Schema.Struct({ id: Schema.Int }),
            batch: { maxRows: 3 },
            concurrency: 1,
            gzip: true
          })
        )
        assert.strictEqual(report.requests, 3, IngestReport.format(report))
        assert.deepStrictEqual(yield* rowsOf(webhook), rows)
        const error = yield* Effect.flip(Webhooks.addData(webhook, [{ id: 8 }, 9]))
        assert.isTrue(error._tag === "BadRequest" && error.detail.startsWith("[1]: expected an object"))
      }).pipe(Effect.provide(layer({ arraysAreRows: true })))
    )

    it.effect("check input before anything is sent", () =>
      Effect.gen(function* () {
        for (const call of [
          api.list({ limit: 101 }),
          api.getDetails({ webhookId: 1.5 }),
          api.update({ webhookId: 1 })
        ]) {
          assert.deepStrictEqual(yield* told<unknown, Webhooks.Webhooks>(call), ["InvalidRequest", "not answered"])
        }
      }).pipe(Effect.provide(layer()))
    )
  })
}

describe("WebhooksMemory", () => {
  it.effect("is new and empty each time it is provided, and shows every webhook", () =>
    Effect.gen(function* () {
      const once = Effect.gen(function* () {
        yield* api.create({ name: "a" })
        yield* Webhooks.create({ workspaceId: 1, projectId: 1, name: "b" })
        const memory = yield* WebhooksMemory.WebhooksMemory
        return (yield* memory.webhooks).map(({ name }) => name)
      }).pipe(Effect.provide(WebhooksMemory.layer()))
      assert.deepStrictEqual(
        [yield* once, yield* once],
        [
          ["a", "b"],
          ["a", "b"]
        ]
      )
    })
  )

  it.effect("dies by name where a test asks for the rows of no webhook", () =>
    Effect.gen(function* () {
      const memory = yield* WebhooksMemory.WebhooksMemory
      const exit = yield* Effect.exit(memory.rows(8))
      assert.include(Exit.isFailure(exit) ? Cause.pretty(exit.cause) : "", "WebhooksMemory has no webhook 8")
    }).pipe(Effect.provide(WebhooksMemory.layer()))
  )
})

const { webhook } = Examples

describe("Webhooks.layerTest", () => {
  const defect = <A, E>(call: Effect.Effect<A, E, Webhooks.Webhooks>, operations: Webhooks.TestOperations = {}) =>
    Effect.exit(call).pipe(
      Effect.map((exit) => (Exit.isFailure(exit) ? Option.getOrThrow(Cause.dieOption(exit.cause)) : assert.fail())),
      Effect.map((thrown) => (thrown instanceof Error ? thrown.message : assert.fail())),
      Effect.provide(Webhooks.layerTest(operations))
    )

  it.effect("has the operations that it is given, also within a project", () =>
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
        // an answer has the fields that were asked for, as the real one has
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

  it.effect("gives addData what is pushed in every way, as the row or the rows that it is", () =>
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

  it.effect("gives addEncodedData the JSON of what addData is called with, if it is given that one only", () =>
    Effect.gen(function* () {
      const pushed: Array<unknown> = []
      const layer = Webhooks.layerTest({
        addEncodedData: (_, document) => Effect.sync(() => void pushed.push(document))
      })
      yield* Effect.provide(Webhooks.addData(combine, { n: 0 }), layer)
      assert.deepStrictEqual(pushed, ['{"n":0}'])
    })
  )

  it.effect("calls both of them, each for its own, if it is given both", () =>
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

  it.effect("fails as the operations that it is given do", () =>
    Effect.gen(function* () {
      const gone = new WebhooksError.NotFound({
        operation: "delete",
        method: "DELETE",
        route: "/workspaces/{workspace_id}/projects/{project_id}/webhooks/{webhook_id}",
        delivery: "Rejected",
        attempts: 1,
        history: [],
        status: 404,
        requestId: null,
        excerpt: ""
      })
      const layer = Webhooks.layerTest({ delete: () => Effect.fail(gone) })
      assert.strictEqual(yield* Effect.flip(Effect.provide(api.delete({ webhookId: 1 }), layer)), gone)
    })
  )

  it.effect("dies by name, and says what to do, where it is not given one", () =>
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
        addEncodedData: Effect.flatMap(Webhooks.Webhooks, (webhooks) => webhooks.addEncodedData("k", new Uint8Array()))
      }
      for (const [name, call] of Object.entries(calls)) {
        assert.strictEqual(
          yield* defect<unknown, unknown>(call),
          `Webhooks.${name} was called, which this test's layer does not have: give it to Webhooks.layerTest({ ${name}: … }), or use WebhooksMemory.layer, which has every operation`
        )
      }
    })
  )

  it.effect("dies where a webhook that it is given is in another mode than the call asks for", () =>
    Effect.gen(function* () {
      const message = yield* defect(api.ensure("n", { mode: "replace" }), { ensure: () => Effect.succeed(webhook) })
      assert.include(message, "ensure of Webhooks.layerTest yields is in another mode")
    })
  )
})
