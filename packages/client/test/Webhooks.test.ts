import { assert, describe, expectTypeOf, it, layer } from "@effect/vitest"
import { Operation, Operations, Webhook, WebhookKey, WebhooksError } from "@mammoth-effect/core"
import { Emulator, Fault } from "@mammoth-effect/emulator"
import { Chunk, Effect, Redacted, Schema, Stream } from "effect"
import { RequestOptions, Webhooks } from "../src/index.js"
import * as Server from "./support/Server.js"
import { passing } from "./support/Time.js"

const { api, lastLine, project, seen } = Server
const base = "/api/v2/workspaces/4/projects/4/webhooks"

/** Checks that a call is refused, and that nothing is sent. Returns the part of the message that names the mistake. */
const refusal = <A, E extends { readonly _tag: string; readonly message: string }, R>(call: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    yield* seen
    const error = yield* Effect.flip(call)
    assert.strictEqual(error._tag, "MammothInvalidRequest")
    assert.deepStrictEqual(yield* seen, [])
    return error.message.replace(/^.*nothing was sent\. /, "")
  })

layer(Server.layer())("Requests", (it) => {
  const line = <A, E, R>(call: Effect.Effect<A, E, R>) => Effect.zipRight(Effect.exit(call), lastLine)

  it.effect("`list` sends no parameters by default", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* line(api.list()), `GET ${base}`)
    })
  )

  it.effect("`list` encodes each parameter as the API expects", () =>
    Effect.gen(function* () {
      const query = (given: Webhooks.Query) => line(api.list(given))
      assert.strictEqual(yield* query({ fields: ["id", "datasetId"] }), `GET ${base}?fields=id%2Cds_id`)
      assert.strictEqual(yield* query({ fields: "min" }), `GET ${base}?fields=__min`)
      assert.strictEqual(yield* query({ fields: "standard" }), `GET ${base}?fields=__standard`)
      assert.strictEqual(yield* query({ fields: "full" }), `GET ${base}?fields=__full`)
      assert.strictEqual(yield* query({ id: [1, -2] }), `GET ${base}?id=1%2C-2`)
      assert.strictEqual(yield* query({ name: ["a b", "ü&="] }), `GET ${base}?name=a+b%2C%C3%BC%26%3D`)
      assert.strictEqual(yield* query({ datasetId: [1001] }), `GET ${base}?ds_id=1001`)
      assert.strictEqual(yield* query({ mode: ["combine", "replace"] }), `GET ${base}?mode=combine%2Creplace`)
      assert.strictEqual(yield* query({ limit: 0 }), `GET ${base}?limit=0`)
      assert.strictEqual(yield* query({ limit: 100, offset: 7 }), `GET ${base}?limit=100&offset=7`)
      assert.strictEqual(
        yield* query({
          sort: [
            ["id", "asc"],
            ["datasetId", "desc"]
          ]
        }),
        `GET ${base}?sort=%28id%3Aasc%29%2C%28ds_id%3Adesc%29`
      )
    })
  )

  it.effect("`create` sends the settings with the names of the API", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* line(api.create({})), `POST ${base} {}`)
      assert.strictEqual(
        yield* line(
          api.create({ name: "n", mode: "combine", origins: "*", isSecure: true, folderResourceId: "label_1363" })
        ),
        `POST ${base} {"name":"n","mode":"combine","origins":"*","is_secure":true,"folder_resource_id":"label_1363"}`
      )
      assert.strictEqual(
        yield* line(api.create({ folderResourceId: null })),
        `POST ${base} {"folder_resource_id":null}`
      )
    })
  )

  it.effect("`getDetails` and `delete` send the webhook's id in the path", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* line(api.getDetails({ webhookId: 8 })), `GET ${base}/8`)
      assert.strictEqual(yield* line(api.getDetails({ webhookId: 8, fields: ["uri"] })), `GET ${base}/8?fields=uri`)
      assert.strictEqual(yield* line(api.delete({ webhookId: -8 })), `DELETE ${base}/-8`)
    })
  )

  it.effect("`update` sends settings as a patch, and sends an explicit patch in the given order", () =>
    Effect.gen(function* () {
      assert.strictEqual(
        yield* line(api.update({ webhookId: 8, isSecure: false, mode: "replace", origins: "https://a.example" })),
        `PATCH ${base}/8 {"patch":[{"path":"mode","op":"replace","value":"replace"},`
          + `{"path":"origins","op":"replace","value":"https://a.example"},`
          + `{"path":"is_secure","op":"replace","value":false}]}`
      )
      assert.strictEqual(
        yield* line(
          api.update({
            webhookId: 8,
            patch: [
              { path: "isSecure", value: true },
              { path: "mode", value: "combine" }
            ]
          })
        ),
        `PATCH ${base}/8 {"patch":[{"path":"is_secure","op":"replace","value":true},`
          + `{"path":"mode","op":"replace","value":"combine"}]}`
      )
    })
  )

  it.effect("addDataUsingGet sends scalars as query parameters", () =>
    Effect.gen(function* () {
      const key = WebhookKey.make("k-1")
      assert.strictEqual(
        yield* line(Webhooks.addDataUsingGet(key, { text: "a b&c", number: -1.5, flag: true })),
        "GET /api/v2/webhooks/data/k-1?text=a+b%26c&number=-1.5&flag=true"
      )
    })
  )

  it.effect("each push reads the current data and target, and addDataUsingGet refuses an empty row", () =>
    Effect.gen(function* () {
      const key = WebhookKey.make("k-1")
      const other = WebhookKey.make("k-2")
      const reading = { celsius: 1 }
      const target = { uri: key, secret: null }
      yield* line(Webhooks.addDataUsingGet(key, reading))
      reading.celsius = 2
      assert.match(yield* line(Webhooks.addDataUsingGet(key, reading)), /[?]celsius=2$/)
      yield* line(Webhooks.addData(target, reading))
      target.uri = other
      assert.match(yield* line(Webhooks.addData(target, reading)), /data[/]k-2 /)
      const nothing: { readonly a: number } = JSON.parse("{}")
      assert.strictEqual((yield* Effect.flip(Webhooks.addDataUsingGet(key, nothing)))._tag, "MammothInvalidRequest")
    })
  )

  it.effect("addData sends any JSON document, and accepts each form of a target", () =>
    Effect.gen(function* () {
      const key = WebhookKey.make("k-1")
      const { baseUrl } = yield* Emulator.Emulator
      const webhook = { uri: Redacted.make("/webhook/data/k-1"), secret: null }
      const origin = new URL(baseUrl).origin
      for (const target of [key, webhook, "/webhook/data/k-1", Redacted.make("k-1"), `${origin}/webhook/data/k-1`]) {
        assert.strictEqual(yield* line(Webhooks.addData(target, { a: 1 })), `POST /api/v2/webhooks/data/k-1 {"a":1}`)
      }
      assert.strictEqual(
        yield* line(Webhooks.addData(key, [{ at: new Date(0), none: undefined, list: [null, "ü"] }])),
        `POST /api/v2/webhooks/data/k-1 [{"at":"1970-01-01T00:00:00.000Z","list":[null,"ü"]}]`
      )
      assert.strictEqual(yield* line(Webhooks.addData(key, null)), `POST /api/v2/webhooks/data/k-1 null`)
    })
  )

  it.effect("`create` sends the headers of its options, but no tracing headers and no x-workspace-id", () =>
    Effect.gen(function* () {
      yield* seen
      yield* Effect.exit(
        api.create({ name: "h" }).pipe(RequestOptions.withOptions({ headers: { "X-Team": "weather" } }))
      )
      const request = (yield* seen)[0]
      const headers = Object.fromEntries((request?.headers ?? []).map(([name, value]) => [name.toLowerCase(), value]))
      assert.deepInclude(headers, {
        accept: "application/json",
        "content-type": "application/json",
        "user-agent": "mammoth-effect",
        "x-api-key": "emulator-key",
        "x-api-secret": "emulator-secret",
        "x-team": "weather"
      })
      assert.notProperty(headers, "traceparent")
      assert.notProperty(headers, "b3")
      assert.notProperty(headers, "x-workspace-id")
    })
  )
})

describe("Operations", () => {
  const fresh = <A, E>(program: Effect.Effect<A, E, Webhooks.Webhooks | Emulator.Emulator>, options?: Server.Options) =>
    program.pipe(Effect.provide(Server.layer(options)))

  it.effect("`create` returns the webhook with the server's defaults", () =>
    fresh(
      Effect.gen(function* () {
        const webhook = yield* api.create({})
        expectTypeOf(webhook).toEqualTypeOf<Webhook.Webhook>()
        assert.deepInclude(webhook, { name: "Generic Webhook", mode: "replace", origins: "*", secret: null })
        assert.match(Redacted.value(webhook.uri), /^\/webhook\/data\/\w{24}$/)
      })
    )
  )

  it.effect("`create` returns a type that includes the requested mode", () =>
    fresh(
      Effect.gen(function* () {
        const combine = yield* api.create({ mode: "combine" })
        expectTypeOf(combine).toEqualTypeOf<Webhook.CombineWebhook>()
        const replace = yield* Webhooks.create({ ...project, mode: "replace" })
        expectTypeOf(replace).toEqualTypeOf<Webhook.ReplaceWebhook>()
        assert.deepStrictEqual([combine.mode, replace.mode], ["combine", "replace"])
      })
    )
  )

  it.effect("`create` fails if the mode of the response differs from the requested mode", () =>
    fresh(
      Effect.gen(function* () {
        const other = { id: 1, name: "n", mode: "replace", uri: "/webhook/data/k", ds_id: 2 }
        yield* Server.inject(Fault.status(201, { body: JSON.stringify({ webhook: other }) }))
        const error = yield* Effect.flip(api.create({ mode: "combine" }))
        assert.strictEqual(error._tag, "MammothDecodeError")
        assert.strictEqual(error.delivery, "Accepted")
        assert.match(error.message, /webhook\.mode: expected "combine", as requested/)
      })
    )
  )

  it.effect("`list` returns exactly the requested fields, in the types and at run time", () =>
    fresh(
      Effect.gen(function* () {
        yield* api.create({ name: "a" })
        const everything = { id: 1, name: "a", mode: "x", uri: "/w/k", ds_id: 1, origins: "*", secret: "s", more: 1 }
        yield* Server.inject(Fault.status(200, { body: JSON.stringify({ webhooks: [everything], next: null }) }))
        const page = yield* api.list({ fields: ["id", "name"] })
        expectTypeOf(page.webhooks).toEqualTypeOf<
          ReadonlyArray<{ readonly id: number & Webhook.Webhook["id"]; readonly name: string }>
        >()
        assert.deepStrictEqual(
          page.webhooks.map((webhook) => ({ ...webhook })),
          [{ id: page.webhooks[0]!.id, name: "a" }]
        )
        assert.deepStrictEqual(Object.keys(page.webhooks[0]!), ["id", "name"])
        assert.deepStrictEqual([page.limit, page.offset, page.next], [null, null, null])

        const minimal = yield* api.list({ fields: "min" })
        assert.deepStrictEqual(Object.keys(minimal.webhooks[0]!), ["id", "name", "mode", "uri", "datasetId"])
        // @ts-expect-error The minimal fields do not include origins.
        assert.isUndefined(minimal.webhooks[0]?.origins)

        const whole = yield* api.list()
        expectTypeOf(whole.webhooks).toEqualTypeOf<ReadonlyArray<Webhook.Webhook>>()
        assert.deepStrictEqual([whole.limit, whole.offset, whole.next], [50, 0, ""])
      })
    )
  )

  it.effect("`list` accepts unknown modes, and refuses integers that JavaScript would round", () =>
    fresh(
      Effect.gen(function* () {
        const answer = (id: string) =>
          `{"webhooks":[{"id":${id},"name":"n","mode":"merge","uri":"/webhook/data/k","ds_id":2}],"next":""}`
        yield* Server.inject(Fault.status(200, { body: answer("9007199254740991") }))
        const page = yield* api.list()
        assert.deepInclude(page.webhooks[0], { mode: "merge", origins: null, secret: null })
        yield* Server.inject(Fault.status(200, { body: answer("9007199254740993") }))
        const error = yield* Effect.flip(api.list())
        assert.strictEqual(error._tag, "MammothDecodeError")
        assert.match(error.message, /webhooks\[0\]\.id: expected an integer between/)
      })
    )
  )

  it.effect("`list` filters, sorts and pages", () =>
    fresh(
      Effect.gen(function* () {
        for (const [name, mode] of [
          ["c", "combine"],
          ["a", "replace"],
          ["b", "combine"]
        ] as const) {
          yield* api.create({ name, mode })
        }
        const names = (query: Webhooks.Query) =>
          Effect.map(api.list({ ...query, fields: ["name"] }), (page) => page.webhooks.map(({ name }) => name).join(""))
        assert.strictEqual(yield* names({}), "cab")
        assert.strictEqual(yield* names({ mode: ["combine"] }), "cb")
        assert.strictEqual(yield* names({ name: ["a", "b"] }), "ab")
        assert.strictEqual(yield* names({ id: [1, 2] }), "ca")
        assert.strictEqual(yield* names({ sort: [["name", "desc"]] }), "cba")
        assert.strictEqual(yield* names({ limit: 1, offset: 1 }), "a")
        assert.strictEqual(yield* names({ limit: 0 }), "")
      })
    )
  )

  it.effect("`getDetails` shows the changes of an update, and fails after a deletion", () =>
    fresh(
      Effect.gen(function* () {
        const webhookId = (yield* api.create({ name: "n" })).id
        const updated = yield* api.update({ webhookId, mode: "combine", isSecure: true })
        assert.isNotNull(updated.secret)
        const read = yield* api.getDetails({ webhookId })
        expectTypeOf(read).toEqualTypeOf<Webhook.Webhook>()
        assert.strictEqual(read.mode, "combine")
        const name = yield* api.getDetails({ webhookId, fields: ["name"] })
        assert.deepStrictEqual({ ...name }, { name: "n" })
        yield* api.delete({ webhookId })
        assert.strictEqual((yield* Effect.flip(api.getDetails({ webhookId })))._tag, "MammothNotFound")
        assert.strictEqual((yield* Effect.flip(api.delete({ webhookId })))._tag, "MammothNotFound")
      })
    )
  )

  it.effect("pushes append or replace rows, depending on the mode", () =>
    fresh(
      Effect.gen(function* () {
        const emulator = yield* Emulator.Emulator
        const combine = yield* api.create({ mode: "combine" })
        yield* Webhooks.addData(combine, { n: 1 })
        yield* Webhooks.addDataUsingGet(combine, { n: 2 })
        assert.deepStrictEqual(yield* emulator.rows(combine.id), [{ n: 1 }, { n: "2" }])
        const replace = yield* api.create({ mode: "replace" })
        yield* Webhooks.addData(replace, { n: 1 })
        yield* Webhooks.addData(replace, { n: 2 })
        assert.deepStrictEqual(yield* emulator.rows(replace.id), [{ n: 2 }])
      })
    )
  )

  it.effect("pushes to a secure webhook send its secret, and a push with only the key fails", () =>
    fresh(
      Effect.gen(function* () {
        const secure = yield* api.create({ mode: "combine", isSecure: true })
        yield* Webhooks.addData(secure, { n: 1 })
        yield* Webhooks.addDataUsingGet(secure, { n: 2 })
        const error = yield* Effect.flip(Webhooks.addData(secure.uri, { n: 3 }))
        assert.strictEqual(error._tag, "MammothUnauthorized")
        const emulator = yield* Emulator.Emulator
        assert.strictEqual((yield* emulator.rows(secure.id)).length, 2)
      })
    )
  )

  it.effect("pushes send the secret with the configured header and scheme", () =>
    fresh(
      Effect.gen(function* () {
        const secure = yield* api.create({ isSecure: true })
        yield* Webhooks.addData(secure, { n: 1 })
      }),
      {
        emulator: { secretHeader: "X-Webhook-Secret", secretScheme: "Bearer" },
        config: { webhookSecret: { header: "X-Webhook-Secret", scheme: "Bearer" } }
      }
    )
  )

  it.effect("addData succeeds after a 2xx with any body", () =>
    fresh(
      Effect.gen(function* () {
        const webhook = yield* api.create({ mode: "combine" })
        for (const fault of [Fault.html(), Fault.cutJson(), Fault.wrongJson(), Fault.status(202, { body: "queued" })]) {
          yield* Server.inject(fault)
          yield* Webhooks.addData(webhook, { n: 1 })
        }
      })
    )
  )

  it.effect("inProject is also a method of the service", () =>
    fresh(
      Effect.gen(function* () {
        const service = (yield* Webhooks.Webhooks).inProject(project)
        const made = service.create({ name: "n" })
        expectTypeOf(made).toEqualTypeOf<Effect.Effect<Webhook.Webhook, Webhooks.ReadError>>()
        assert.strictEqual((yield* made).name, "n")
      })
    )
  )

  it.effect("Webhooks.operation returns a function with the input and the errors of the operation", () =>
    fresh(
      Effect.gen(function* () {
        const remove = Webhooks.operation(Operations.delete)
        expectTypeOf(remove).returns.toEqualTypeOf<Effect.Effect<void, WebhooksError.Common, Webhooks.Webhooks>>()
        const { id } = yield* api.create({})
        yield* remove({ ...project, webhookId: id })
        assert.strictEqual(yield* lastLine, `DELETE ${base}/${id}`)
      })
    )
  )

  it.effect("a new operation needs only one declaration", () =>
    fresh(
      Effect.gen(function* () {
        const ping = Operation.make({
          name: "ping",
          operationId: "Ping",
          summary: "Counts",
          method: "POST",
          route: "/workspaces/{workspace_id}/ping",
          path: Schema.Struct({
            workspaceId: Schema.propertySignature(Schema.NumberFromString).pipe(Schema.fromKey("workspace_id"))
          }),
          query: Schema.Struct({}),
          body: Schema.Struct({ times: Schema.Int }),
          success: Schema.Struct({ pong: Schema.Int }),
          status: 200,
          repeat: "once",
          errors: ["MammothDecodeError"]
        })
        const call = Webhooks.operation(ping)({ workspaceId: 4, times: 2 })
        expectTypeOf(call).toEqualTypeOf<
          Effect.Effect<{ readonly pong: number }, WebhooksError.Common | WebhooksError.DecodeError, Webhooks.Webhooks>
        >()
        // Expect NotFound, because the emulator does not have the operation `ping`.
        assert.strictEqual((yield* Effect.flip(call))._tag, "MammothNotFound")
        assert.strictEqual(yield* lastLine, `POST /api/v2/workspaces/4/ping {"times":2}`)
      })
    )
  )
})

layer(Server.layer())("Webhooks.stream", (it) => {
  const names = (query: Webhooks.Query) =>
    api.stream({ ...query, fields: ["name"] }).pipe(
      Stream.runCollect,
      Effect.map((webhooks) => Chunk.toReadonlyArray(webhooks).map((webhook) => ({ ...webhook })))
    )

  it.effect("advances the offset by the number of received webhooks, and ends at an empty page", () =>
    Effect.gen(function* () {
      for (const name of ["a", "b", "c"]) yield* api.create({ name })
      yield* seen
      assert.deepStrictEqual(yield* names({ limit: 2 }), [{ name: "a" }, { name: "b" }, { name: "c" }])
      assert.deepStrictEqual(
        (yield* seen).map((request) => request.url.replace(base, "")),
        [0, 2, 3].map((offset) => `?fields=name%2Cid&limit=2&offset=${offset}`)
      )
    })
  )

  it.effect("always sends a limit, and starts at the given offset", () =>
    Effect.gen(function* () {
      yield* seen
      yield* Stream.runDrain(api.stream({ offset: 2 }))
      assert.deepStrictEqual(
        (yield* seen).map((request) => request.url.replace(base, "")),
        ["?limit=100&offset=2", "?limit=100&offset=3"]
      )
    })
  )

  it.effect("requests a page only when its webhooks are needed", () =>
    Effect.gen(function* () {
      yield* seen
      const first = yield* api.stream({ limit: 1 }).pipe(Stream.take(1), Stream.runCollect)
      assert.strictEqual(Chunk.size(first), 1)
      assert.strictEqual((yield* seen).length, 1)
    })
  )

  it.effect("refuses a limit of zero, because a page of 0 shows no webhook", () =>
    Effect.gen(function* () {
      const message = yield* refusal(Stream.runDrain(api.stream({ limit: 0 })))
      assert.strictEqual(
        message,
        "limit: expected an integer from 1 to 100, because a page of 0 shows no webhook (default: 100), received zero"
      )
    })
  )

  it.effect("fails if a server ignores the offset", () =>
    Effect.gen(function* () {
      const page = JSON.stringify({
        webhooks: [
          { id: 1, name: "a" },
          { id: 2, name: "b" }
        ],
        next: ""
      })
      yield* Server.inject(Fault.status(200, { times: 3, operation: "list", body: page }))
      const error = yield* Effect.flip(names({ limit: 2 }))
      assert.strictEqual(error._tag, "MammothDecodeError")
      assert.match(error.message, /does not page by offset/)
      yield* Effect.flatMap(Emulator.Emulator, (emulator) => emulator.clearFaults)
    })
  )

  it.effect("yields each webhook once, even if other webhooks are created during the stream", () =>
    Effect.gen(function* () {
      const page = (...ids: ReadonlyArray<number>) =>
        Server.inject(
          Fault.status(200, {
            operation: "list",
            body: JSON.stringify({ webhooks: ids.map((id) => ({ id, name: "" + id })), next: "" })
          })
        )
      yield* page(3, 2)
      // Repeat webhook 2 on the second page. The list begins with the newest webhook. So if somebody creates webhook 4
      // between the two requests, every webhook moves back by one place.
      yield* page(2, 1)
      yield* page(1)
      yield* page()
      assert.deepStrictEqual(yield* names({ limit: 2, sort: [["id", "desc"]] }), [
        { name: "3" },
        { name: "2" },
        { name: "1" }
      ])
      // Repeat webhook 1 on the third page. The list begins with the newest webhook. So if somebody creates webhook 4
      // between the two requests, every webhook moves back by one place.
      yield* page(3, 2)
      yield* page(1)
      yield* page(1)
      yield* page()
      assert.strictEqual((yield* names({ limit: 2, sort: [["id", "desc"]] })).length, 3)
    })
  )

  it.effect("yields only the requested fields, and the id only if the id was requested", () =>
    Effect.gen(function* () {
      const stream = api.stream({ fields: ["id", "mode"] })
      expectTypeOf(stream).toEqualTypeOf<
        Stream.Stream<Webhook.Projected<"id" | "mode">, Webhooks.ReadError, Webhooks.Webhooks>
      >()
      const first = Chunk.toReadonlyArray(yield* Stream.runCollect(Stream.take(stream, 1)))
      assert.deepStrictEqual(Object.keys(first[0]!), ["id", "mode"])
      const second = Chunk.toReadonlyArray(yield* Stream.runCollect(Stream.take(api.stream({ fields: ["mode"] }), 1)))
      assert.deepStrictEqual(Object.keys(second[0]!), ["mode"])
    })
  )
})

describe("Webhooks.ensure", () => {
  const writes = Effect.map(seen, (requests) =>
    requests.filter(({ method }) => method !== "GET").map(({ body, method }) => `${method} ${body}`)
  )

  it.effect(
    "creates a missing webhook, writes nothing if all settings match, and updates only the settings that differ",
    () =>
      Effect.gen(function* () {
        const created = yield* api.ensure("orders", { mode: "combine", isSecure: true })
        expectTypeOf(created).toEqualTypeOf<Webhook.CombineWebhook>()
        assert.deepStrictEqual(yield* writes, [`POST {"name":"orders","mode":"combine","is_secure":true}`])

        const again = yield* Webhooks.ensure("orders", { ...project, mode: "combine", origins: "*" })
        assert.strictEqual(again.id, created.id)
        yield* api.ensure("orders", {})
        assert.deepStrictEqual(yield* writes, [])

        const changed = yield* api.ensure("orders", { mode: "replace", origins: "https://a.example" })
        expectTypeOf(changed).toEqualTypeOf<Webhook.ReplaceWebhook>()
        assert.deepInclude(changed, { id: created.id, mode: "replace", origins: "https://a.example" })
        assert.deepStrictEqual(yield* writes, [
          `PATCH {"patch":[{"path":"mode","op":"replace","value":"replace"},`
            + `{"path":"origins","op":"replace","value":"https://a.example"}]}`
        ])
        yield* api.ensure("orders", { mode: "replace", origins: "*" })
        assert.deepStrictEqual(yield* writes, [`PATCH {"patch":[{"path":"origins","op":"replace","value":"*"}]}`])
      }).pipe(Effect.provide(Server.layer()))
  )

  it.effect("finds a webhook whose name contains a comma by listing all webhooks", () =>
    Effect.gen(function* () {
      yield* api.create({ name: "other" })
      const first = yield* api.ensure("a, b", { mode: "combine" })
      yield* seen
      const second = yield* api.ensure("a, b", { mode: "combine" })
      assert.strictEqual(second.id, first.id)
      assert.deepStrictEqual(
        (yield* seen).map(({ url }) => url.replace(base, "")),
        ["?limit=100&offset=0", "?limit=100&offset=2"]
      )
    }).pipe(Effect.provide(Server.layer()))
  )

  it.effect("uses only a webhook with the exact name, even if the server's filter returns other webhooks", () =>
    Effect.gen(function* () {
      const near = { id: 1, name: "orders 2", mode: "combine", uri: "/webhook/data/k", ds_id: 2 }
      yield* Server.inject(Fault.status(200, { body: JSON.stringify({ webhooks: [near], next: "" }) }))
      const created = yield* api.ensure("orders", { mode: "combine" })
      assert.strictEqual(created.name, "orders")
      assert.strictEqual((yield* writes).length, 1)
    }).pipe(Effect.provide(Server.layer()))
  )

  it.effect("fails without changes if two webhooks have the same name", () =>
    Effect.gen(function* () {
      yield* api.create({ name: "orders" })
      yield* api.create({ name: "orders" })
      yield* seen
      const error = yield* Effect.flip(passing(api.ensure("orders", { mode: "combine" })))
      assert.strictEqual(error._tag, "MammothAmbiguousName")
      assert.match(String(error), /^MammothAmbiguousName: .*2 webhooks are named "orders" \(ids 1, 2\)/)
      assert.deepStrictEqual(yield* writes, [])
    }).pipe(Effect.provide(Server.layer()))
  )
})

layer(Server.layer())("Invalid input", (it) => {
  it.effect("in the parameters of `list` is refused before anything is sent", () =>
    Effect.gen(function* () {
      assert.strictEqual(
        yield* refusal(api.list({ limit: 101 })),
        "limit: expected an integer from 0 to 100, received a larger number"
      )
      assert.strictEqual(
        yield* refusal(api.list({ limit: -1, offset: -1 })),
        "limit: expected an integer from 0 to 100, received a negative integer; "
          + "offset: expected an integer from 0 to 2^53 - 1, received a negative integer"
      )
      for (const name of ["id", "name", "datasetId", "mode", "fields", "sort"] as const) {
        assert.match(yield* refusal(api.list({ [name]: [] })), new RegExp(`^${name}: .*received an empty list$`))
      }
      assert.match(
        yield* refusal(api.list({ name: ["fine", "a,b"] })),
        /^name\[1\]: expected a string without a comma, because .*, received a string of 3 characters$/
      )
      assert.match(
        yield* refusal(api.list({ name: [""] })),
        /^name\[0\]: expected a well-formed name of at least one character/
      )
      assert.match(
        // @ts-expect-error This field does not exist.
        yield* refusal(api.list({ fields: ["id", "url"] })),
        /^fields\[1\]: expected a webhook field: id, name, .*, received a string of 3 characters$/
      )
      assert.match(
        // @ts-expect-error The name of this parameter is misspelled.
        yield* refusal(api.list({ limits: 1 })),
        /^limits: expected no property with this name/
      )
    })
  )

  it.effect("in ids is refused before anything is sent", () =>
    Effect.gen(function* () {
      assert.strictEqual(
        yield* refusal(Webhooks.list({ workspaceId: 0, projectId: 1.5 })),
        "workspaceId: expected an integer from 1 to 2^53 - 1, received zero; "
          + "projectId: expected an integer from 1 to 2^53 - 1, received a number with a fraction"
      )
      assert.match(
        yield* refusal(api.getDetails({ webhookId: 2 ** 53 })),
        /^webhookId: expected an integer between .*, received an integer beyond 2\^53$/
      )
    })
  )

  it.effect("in settings and patches is refused before anything is sent", () =>
    Effect.gen(function* () {
      assert.match(
        yield* refusal(api.create({ name: "" })),
        /^name: expected a well-formed name of at least one character/
      )
      assert.strictEqual(
        // @ts-expect-error This mode does not exist.
        yield* refusal(api.create({ mode: "append" })),
        `mode: expected "replace" or "combine", received a string of 6 characters`
      )
      assert.match(yield* refusal(api.update({ webhookId: 8 })), /at least one change: mode, origins or isSecure/)
      assert.match(yield* refusal(api.update({ webhookId: 8, patch: [] })), /at least one change/)
      assert.match(
        // @ts-expect-error The value of isSecure is a boolean.
        yield* refusal(api.update({ webhookId: 8, patch: [{ path: "isSecure", value: "yes" }] })),
        /^patch\[0\]/
      )
    })
  )

  it.effect("in the data of a push is refused before anything is sent", () =>
    Effect.gen(function* () {
      const key = WebhookKey.make("k")
      assert.match(yield* refusal(Webhooks.addDataUsingGet(key, {})), /^data: expected at least one key/)
      assert.match(
        yield* refusal(Webhooks.addDataUsingGet(key, { a: "\ud800" })),
        /^data\.a: expected a well-formed string/
      )
      for (const value of [null, [1], { a: 1 }, Number.NaN]) {
        assert.match(
          // @ts-expect-error A query carries only scalars.
          yield* refusal(Webhooks.addDataUsingGet(key, { a: value })),
          /^data\.a: expected a well-formed string, a finite number or a boolean, because .*addData/
        )
      }
      assert.match(
        yield* refusal(Webhooks.addData(key, { a: [1, Number.NaN] })),
        /^data\.a\[1\]: expected a finite number/
      )
      // @ts-expect-error JSON cannot hold a bigint.
      const bigint = yield* refusal(Webhooks.addData(key, { a: 1n }))
      assert.match(bigint, /^data\.a: expected a JSON value.*received a bigint$/)
      // @ts-expect-error A redacted value is not JSON.
      const redacted = yield* refusal(Webhooks.addData(key, { a: Redacted.make("hidden") }))
      assert.match(redacted, /^data\.a: .*unwrap it with Redacted\.value/)
      assert.notInclude(redacted, "hidden")
    })
  )

  it.effect("is refused before anything is sent if all properties of a row are undefined", () =>
    Effect.gen(function* () {
      const key = WebhookKey.make("k")
      const empty = /^data\.total: expected a value, because every property of the row is undefined, .*null/
      assert.match(yield* refusal(Webhooks.addData(key, { total: undefined })), empty)
      assert.match(yield* refusal(Webhooks.addData(key, [{ total: undefined }])), /^data\[0\]\.total: expected a value/)
      assert.match(
        // @ts-expect-error A query carries only scalars.
        yield* refusal(Webhooks.addDataUsingGet(key, { total: undefined })),
        /^data\.total: expected a well-formed string/
      )
    })
  )

  it.effect("is refused before anything is sent if JSON.stringify has masked the webhook's key or secret", () =>
    Effect.gen(function* () {
      const webhook = yield* api.create({ isSecure: true })
      const masked: Webhooks.Target = JSON.parse(JSON.stringify(webhook))
      assert.match(
        yield* refusal(Webhooks.addData(masked, { a: 1 })),
        /^webhook: expected a key or uri \(JSON\.stringify and logs write a mask; .*Redacted\.value/
      )
      assert.match(yield* refusal(Webhooks.addDataUsingGet(masked, { a: 1 })), /^webhook: expected a key or uri/)
      assert.match(
        yield* refusal(Webhooks.addData({ uri: webhook.uri, secret: Redacted.make("<redacted>") }, { a: 1 })),
        /^webhook\.secret: expected a secret \(JSON\.stringify and logs write a mask/
      )
    })
  )

  it.effect("is refused before anything is sent if the data throws when it is read", () =>
    Effect.gen(function* () {
      const key = WebhookKey.make("k")
      const { proxy, revoke } = Proxy.revocable({ a: 1 }, {})
      revoke()
      const secretive = new Proxy({ a: 1 }, { ownKeys: () => assert.fail("hunter2") })
      for (const data of [proxy, secretive]) {
        assert.match(yield* refusal(Webhooks.addData(key, data)), /^data: .* received an object that cannot be read$/)
        assert.match(
          yield* refusal(Webhooks.addDataUsingGet(key, data)),
          /^data: .* received an object that cannot be read$/
        )
      }
    })
  )

  it.effect("is refused before anything is sent if the second call of toJSON returns undefined", () =>
    Effect.gen(function* () {
      let reads = 0
      const data = { a: 1, toJSON: () => (reads++ === 0 ? { a: 1 } : undefined) }
      // @ts-expect-error The type of toJSON includes undefined, which is not JSON.
      const message = yield* refusal(Webhooks.addData(WebhookKey.make("k"), data))
      assert.strictEqual(message, "data: expected a value that JSON can write, received an object")
    })
  )

  it.effect("is refused before anything is sent if the request has a key `__proto__`", () =>
    Effect.gen(function* () {
      const input: object = JSON.parse('{ "__proto__": { "name": "orders" } }')
      assert.match(yield* refusal(api.create(input)), /^__proto__: expected no property with this name/)
    })
  )

  it.effect(
    "is refused before anything is sent if the target is not a webhook address, and the error hides the key",
    () =>
      Effect.gen(function* () {
        const messages = yield* Effect.all([
          refusal(Webhooks.addData("https://evil.example/webhook/data/sesame", { a: 1 })),
          refusal(Webhooks.addData(" https://evil.example/webhook/data/sesame", { a: 1 })),
          refusal(Webhooks.addData("//evil.example/webhook/data/sesame", { a: 1 })),
          refusal(Webhooks.addData("\\\\evil.example/webhook/data/sesame", { a: 1 })),
          refusal(Webhooks.addData("/workspaces/4/projects/4/webhooks/sesame", { a: 1 })),
          refusal(Webhooks.addData("/webhook/data/", { a: 1 })),
          refusal(Webhooks.addData("sesame?x=1", { a: 1 })),
          refusal(Webhooks.addData({ uri: Redacted.make("sesame"), secret: Redacted.make("ses\name") }, { a: 1 }))
        ])
        for (const message of messages) {
          assert.match(message, /^webhook/)
          assert.notInclude(message, "ses")
        }
      })
  )

  it.effect("in the options of a call is refused before anything is sent", () =>
    Effect.gen(function* () {
      const withOptions = (options: RequestOptions.Options) => refusal(RequestOptions.withOptions(options)(api.list()))
      for (const name of ["X-API-KEY", "x-api-secret", "Authorization", "X-Workspace-Id"]) {
        assert.match(yield* withOptions({ headers: { [name]: "x" } }), /a header without credentials/)
      }
      assert.match(yield* withOptions({ headers: { "x-a": "ü" } }), /printable ASCII/)
      assert.match(yield* withOptions({ headers: { "x a": "b" } }), /header name/)
      assert.match(yield* withOptions({ headers: JSON.parse(`{ "__proto__": "b" }`) }), /header name/)
      assert.match(
        yield* withOptions({ baseUrl: "http://example.com" }),
        /https URL, because http does not encrypt the keys/
      )
      assert.match(yield* withOptions({ baseUrl: "example.com" }), /absolute http or https URL/)
      for (const time of [Number.NaN, 0, -5, "0 seconds", Number.NEGATIVE_INFINITY] as const) {
        assert.match(yield* withOptions({ timeout: time }), /^options\.timeout: expected a time above zero, such as/)
        assert.match(yield* withOptions({ deadline: time }), /^options\.deadline: expected a time above zero, such as/)
        assert.match(
          yield* withOptions({ retry: { initialInterval: time } }),
          /^options\.retry\.initialInterval: expected a time above zero, such as/
        )
      }
      assert.match(
        yield* withOptions(JSON.parse(`{ "timeout": "30s" }`)),
        /^options\.timeout: expected a time above zero, such as "10 seconds", received a string of 3 characters$/
      )
      assert.match(
        yield* withOptions(JSON.parse(`{ "retry": true }`)),
        /^options\.retry: expected an object of settings/
      )
    })
  )
})

layer(Server.layer())("A header of a single call", (it) => {
  const withHeaders = (headers: unknown) =>
    // Hide the type of the headers: a program without types can pass any value.
    refusal(RequestOptions.withOptions(JSON.parse("{}", () => ({ headers })))(Webhooks.addData("key", { a: 1234567 })))

  const transportSets = "no header with this name: the transport sets it"
  const otherServer = "no header with this name: set baseUrl to call another server"
  const ofProxy = "no proxy header: give the proxy and its credentials to the transport"
  const framing: Readonly<Record<string, readonly [value: string, expected: string]>> = {
    "Content-Length": ["3", transportSets],
    "transfer-encoding": ["chunked", transportSets],
    connection: ["close", transportSets],
    "keep-alive": ["timeout=5", transportSets],
    expect: ["100-continue", transportSets],
    te: ["trailers", transportSets],
    trailer: ["x-checksum", transportSets],
    upgrade: ["h2c", transportSets],
    "http2-settings": ["AAMAAABkAAQAoAAA", transportSets],
    ":path": ["/elsewhere", transportSets],
    host: ["evil.example", otherServer],
    ":authority": ["evil.example", otherServer],
    "proxy-authorization": ["Basic abc", ofProxy],
    "proxy-connection": ["keep-alive", ofProxy],
    "content-encoding": ["zstd", "no header with this name: use the option `gzip` to compress the body"],
    "content-type": ["text/plain", "a JSON media type, because the body is JSON (or leave out the header)"]
  }

  for (const [name, [value, expected]] of Object.entries(framing)) {
    it.effect(
      `is refused, and named in the error, if it controls the framing, routing or encoding of the message: ${name}`,
      () =>
        Effect.gen(function* () {
          const message = yield* withHeaders({ "x-a": "b", [name]: value })
          assert.isTrue(message.startsWith(`options.headers.${name}: expected ${expected}, received `), message)
          assert.notInclude(message, value)
        })
    )
  }

  it.effect("is refused if its value is not a string", () =>
    Effect.gen(function* () {
      for (const [value, received] of [
        [undefined, "nothing"],
        [null, "null"],
        [7, "a positive integer"],
        [["a", "b"], "a list of 2"]
      ] as const) {
        const message = yield* withHeaders({ "x-a": value })
        assert.strictEqual(
          message,
          `options.headers.x-a: expected a string of printable ASCII, as HTTP headers require, received ${received}`
        )
      }
    })
  )

  it.effect("is refused if the headers are not a plain object, because a spread would lose the header", () =>
    Effect.gen(function* () {
      for (const headers of [new Headers({ "x-a": "b" }), new Map([["x-a", "b"]]), [["x-a", "b"]], "x-a: b"]) {
        const message = yield* withHeaders(headers)
        assert.match(
          message,
          /^options\.headers: expected an object of names and values \(use Object\.fromEntries for a Headers/
        )
        const nested = yield* withHeaders(headers).pipe(RequestOptions.withOptions({ headers: { "x-b": "c" } }))
        assert.strictEqual(nested, message)
      }
    })
  )

  it.effect("can be a content-type that is a kind of JSON", () =>
    Effect.gen(function* () {
      for (const type of ["application/json; charset=utf-8", "application/vnd.api+json"]) {
        yield* Effect.exit(
          RequestOptions.withOptions({ headers: { "content-type": type } })(Webhooks.addData("key", { a: 1 }))
        )
        const headers = (yield* seen).flatMap((request) => request.headers)
        assert.deepInclude(headers, ["content-type", type])
      }
    })
  )
})

layer(Server.layer())("A push to a webhook", (it) => {
  it.effect("is refused before anything is sent if the webhook's secret is not a string", () =>
    Effect.gen(function* () {
      const wiped = Redacted.make("secret")
      Redacted.unsafeWipe(wiped)
      for (const secret of [Redacted.make(undefined), Redacted.make(7), wiped, 7, {}]) {
        const target: Webhooks.Target = JSON.parse("{}", () => ({ uri: Redacted.make("key"), secret }))
        assert.match(
          yield* refusal(Webhooks.addData(target, { a: 1 })),
          /^webhook\.secret: expected a secret of printable ASCII/
        )
      }
    })
  )

  it.effect("accepts plain strings as the webhook's key and secret", () =>
    Effect.gen(function* () {
      const target: Webhooks.Target = JSON.parse("{}", () => ({ uri: "key", secret: "open-sesame" }))
      yield* Effect.exit(Webhooks.addData(target, { a: 1 }))
      assert.deepInclude(
        (yield* seen).flatMap((request) => request.headers),
        ["authorization", "open-sesame"]
      )
    })
  )

  it.effect("is refused before anything is sent if the webhook's key is not a string", () =>
    Effect.gen(function* () {
      const wiped = Redacted.make("key")
      Redacted.unsafeWipe(wiped)
      for (const uri of [undefined, null, 7, {}, Redacted.make(undefined), wiped]) {
        const target: Webhooks.Target = JSON.parse("{}", () => ({ uri }))
        assert.match(
          yield* refusal(Webhooks.addData(target, { a: 1 })),
          /^webhook: expected a webhook, its key, or its uri/
        )
      }
    })
  )
})

describe("The types of operations", () => {
  it("list only the possible errors of each operation", () => {
    type ErrorOf<F> = F extends (...args: never) => Effect.Effect<infer _A, infer E, infer _R> ? E : never
    expectTypeOf<ErrorOf<typeof Webhooks.list>>().toEqualTypeOf<WebhooksError.Common | WebhooksError.DecodeError>()
    expectTypeOf<ErrorOf<typeof Webhooks.create>>().toEqualTypeOf<WebhooksError.Common | WebhooksError.DecodeError>()
    expectTypeOf<ErrorOf<typeof Webhooks.getDetails>>().toEqualTypeOf<
      WebhooksError.Common | WebhooksError.DecodeError
    >()
    expectTypeOf<ErrorOf<typeof Webhooks.update>>().toEqualTypeOf<WebhooksError.Common | WebhooksError.DecodeError>()
    expectTypeOf<ErrorOf<typeof Webhooks.delete>>().toEqualTypeOf<WebhooksError.Common>()
    expectTypeOf<ErrorOf<typeof Webhooks.addDataUsingGet>>().toEqualTypeOf<WebhooksError.Common>()
    expectTypeOf<ErrorOf<typeof Webhooks.addData>>().toEqualTypeOf<
      WebhooksError.Common | WebhooksError.PayloadTooLarge
    >()
  })

  it("accept interfaces as rows", () => {
    interface Order {
      readonly id: number
      readonly at: Date
      readonly note?: string
    }
    expectTypeOf(Webhooks.addDataUsingGet<{ readonly id: number }>).toBeCallableWith("k", { id: 1 })
    expectTypeOf(Webhooks.addData<Order>).toBeCallableWith("k", { id: 1, at: new Date(0) })
  })
})
