import { assert, describe, it } from "@effect/vitest"
import type { Webhook } from "@mammoth-effect/core"
import { Emulator, Fault } from "@mammoth-effect/emulator"
import { Context, Effect, Exit, Fiber, Layer, Redacted, Schema, Scope, Stream, Struct, TestClock } from "effect"
import { IngestReport, RetryPolicy, Webhooks, WebhookSink } from "../src/index.js"
import * as Server from "./support/Server.js"
import { passing } from "./support/Time.js"

const sides = { "in process": Server.layerInProcess, "on a socket": Server.layer }

const rowsOf = ({ id }: Pick<Webhook.Webhook, "id">) =>
  Effect.flatMap(Emulator.Emulator, (emulator) => emulator.rows(id))

const { api } = Server

/** Returns the tag of a call's error, and the status or `no response`. */
const told = <A, R>(call: Effect.Effect<A, { readonly _tag: string; readonly status?: number }, R>) =>
  Effect.match(call, { onFailure: ({ _tag, status }) => [_tag, status ?? "no response"], onSuccess: () => ["none"] })

const names = (query: Webhooks.Query) => Effect.map(api.list(query), ({ webhooks }) => webhooks.map(({ name }) => name))

for (const [where, layer] of Object.entries(sides)) {
  describe(`The webhooks of an emulator ${where}`, () => {
    it.effect("are created with defaults, can be updated, and no longer exist after a deletion", () =>
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
        assert.deepStrictEqual(yield* told(api.getDetails({ webhookId: made.id })), ["MammothNotFound", 404])
        assert.deepStrictEqual(yield* told(api.delete({ webhookId: made.id })), ["MammothNotFound", 404])
        assert.deepStrictEqual(yield* told(Webhooks.addData(made, { n: 1 })), ["MammothNotFound", 404])
      }).pipe(Effect.provide(layer()))
    )

    it.effect("can be filtered, sorted and paged in lists, and appear only in their own project", () =>
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
          "MammothNotFound",
          404
        ])
      }).pipe(Effect.provide(layer()))
    )

    it.effect("append or replace rows, depending on the mode", () =>
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

    it.effect("are found and updated by `ensure`, which fails if two webhooks have the same name", () =>
      Effect.gen(function* () {
        const first = yield* api.ensure("orders, new", { mode: "replace" })
        const second = yield* api.ensure("orders, new", { mode: "combine", origins: "https://a.example" })
        assert.deepStrictEqual([second.id, second.mode, second.origins], [first.id, "combine", "https://a.example"])
        yield* api.create({ name: "orders, new" })
        assert.deepStrictEqual(yield* told(passing(api.ensure("orders, new", {}))), [
          "MammothAmbiguousName",
          "no response"
        ])
      }).pipe(Effect.provide(layer()))
    )

    it.effect("refuse a push without the secret, and a push with an unknown key", () =>
      Effect.gen(function* () {
        const secure = yield* api.create({ name: "secure", isSecure: true, mode: "combine" })
        assert.deepStrictEqual(yield* told(Webhooks.addData(secure.uri, { n: 1 })), ["MammothUnauthorized", 401])
        yield* Webhooks.addData(secure, { n: 2 })
        assert.deepStrictEqual(yield* rowsOf(secure), [{ n: 2 }])
        assert.deepStrictEqual(yield* told(Webhooks.addData("nobody", { n: 1 })), ["MammothNotFound", 404])
      }).pipe(Effect.provide(layer()))
    )

    it.effect("refuse data that is not a row, with an error that says what is expected", () =>
      Effect.gen(function* () {
        const webhook = yield* api.create({})
        const detail = (data: string | ReadonlyArray<{ readonly n: number }>) =>
          Effect.map(Effect.flip(Webhooks.addData(webhook, data)), (error): string =>
            error._tag === "MammothBadRequest" ? error.detail : error._tag
          )
        assert.deepStrictEqual(yield* Effect.all([detail("text"), detail([{ n: 1 }])]), [
          "expected one row (an object), received a string of 4 characters",
          "expected an object (to push lists, set the emulator's option arraysAreRows), received a list of 1"
        ])
      }).pipe(Effect.provide(layer()))
    )

    it.effect("return their rows as a copy, and later pushes do not change the copy", () =>
      Effect.gen(function* () {
        const webhook = yield* api.ensure("orders", { mode: "combine" })
        yield* Webhooks.addData(webhook, { n: 1 })
        const before = yield* rowsOf(webhook)
        yield* Webhooks.addData(webhook, { n: 2 })
        assert.deepStrictEqual([before, yield* rowsOf(webhook)], [[{ n: 1 }], [{ n: 1 }, { n: 2 }]])
      }).pipe(Effect.provide(layer()))
    )

    it.effect("accept arrays of rows, even compressed, if the emulator has the option arraysAreRows", () =>
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
        assert.isTrue(
          error._tag === "MammothBadRequest" && error.detail.startsWith("[1]: expected one row (an object)")
        )
      }).pipe(Effect.provide(layer({ emulator: { arraysAreRows: true } })))
    )

    it.effect("receive no request if the caller's input is invalid", () =>
      Effect.gen(function* () {
        for (const call of [
          api.list({ limit: 101 }),
          api.getDetails({ webhookId: 1.5 }),
          api.update({ webhookId: 1 })
        ]) {
          assert.deepStrictEqual(yield* told<unknown, Webhooks.Webhooks>(call), [
            "MammothInvalidRequest",
            "no response"
          ])
        }
      }).pipe(Effect.provide(layer()))
    )
  })
}

describe("An in-process emulator", () => {
  const every = { times: "every" } as const

  const faults = {
    "a reset before the first byte": Fault.reset("start", every),
    "a reset after the server acted": Fault.reset("start", { ...every, acts: true }),
    "a reset after the headers": Fault.reset("headers", every),
    "a reset in the body": Fault.reset("body", every),
    "a body that is cut off": Fault.truncated(every),
    "a stall before the first byte": Fault.stall("start", every),
    "a stall after the headers": Fault.stall("headers", every),
    "a stall in the body": Fault.stall("body", every),
    "a body that is not gzip": Fault.gzipLie(every),
    "an HTML page": Fault.html({ ...every, status: 502 }),
    "an unknown status (999)": Fault.status(999, every),
    "a redirect": Fault.status(307, { ...every, headers: { location: "https://elsewhere.example/" } })
  }

  /** Returns an error's fields and message, with the durations of its attempts set to zero. */
  const fieldsOf = (error: Error): Record<string, unknown> =>
    JSON.parse(JSON.stringify({ ...error, message: error.message }), (name, value) =>
      name === "elapsedMillis" ? 0 : value
    )

  /** Returns the errors of a read, a push and a deletion. */
  const errors = (fault: Fault.Fault) =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.Emulator
      const webhook = yield* api.create({ mode: "combine" })
      yield* emulator.inject(fault)
      const calls: ReadonlyArray<Effect.Effect<unknown, Error, Webhooks.Webhooks>> = [
        api.list(),
        Webhooks.addData(webhook, { n: 1 }),
        api.delete({ webhookId: webhook.id })
      ]
      return yield* Effect.forEach(calls, (call) =>
        Effect.match(call, { onFailure: fieldsOf, onSuccess: () => "success" })
      )
    })

  const config = { timeout: "300 millis" } as const

  for (const [what, fault] of Object.entries(faults)) {
    it.live(`causes the same errors as an emulator on a socket, after ${what}`, () =>
      Effect.gen(function* () {
        const [inProcess, onSocket] = yield* Effect.all(
          [
            Effect.provide(errors(fault), Server.layerInProcess({ config })),
            Effect.provide(errors(fault), Server.layer({ config }))
          ],
          { concurrency: 2 }
        )
        assert.deepStrictEqual(inProcess, onSocket)
      })
    )
  }

  /** Shuts the emulator down while a call waits for its response. Returns the errors of this call and a later call. */
  const atTheEnd = (layer: Layer.Layer<Emulator.Emulator | Webhooks.Webhooks, unknown>) =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const context = yield* Scope.extend(Layer.build(layer), scope)
      const emulator = Context.get(context, Emulator.Emulator)
      yield* emulator.inject(Fault.stall("start"))
      const late = yield* Effect.fork(Effect.flip(Effect.provide(api.list(), context)))
      while ((yield* emulator.requests).length === 0) yield* Effect.sleep(1)
      yield* Effect.sleep(20)
      yield* Scope.close(scope, Exit.void)
      const errors = [yield* Fiber.join(late), yield* Effect.flip(Effect.provide(api.list(), context))]
      return errors.map((error) => Struct.omit(fieldsOf(error), "description", "message"))
    })

  it.live("causes the same errors as an emulator on a socket when the emulator shuts down", () =>
    Effect.gen(function* () {
      const inProcess = yield* atTheEnd(Server.layerInProcess())
      assert.deepStrictEqual(inProcess, yield* atTheEnd(Server.layer()))
      assert.containSubset(inProcess, [
        { _tag: "MammothTransportError", reason: "closed", delivery: "Unknown" },
        { _tag: "MammothTransportError", reason: "connect", delivery: "NotSent" }
      ])
    })
  )

  it.effect("measures its delays with the test clock", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.Emulator
      yield* emulator.inject(Fault.status(503, { times: 2, headers: { "retry-after": "60" } }))
      yield* emulator.inject(Fault.delay({ delayAfter: "29 seconds" }))
      const listed = yield* Effect.fork(api.list())
      yield* TestClock.adjust("148 seconds")
      assert.isNull(listed.unsafePoll())
      yield* TestClock.adjust("1 second")
      assert.isEmpty((yield* listed).webhooks)
      yield* emulator.inject(Fault.stall("body", { times: "every" }))
      const timedOut = yield* Effect.fork(Effect.flip(api.list()))
      yield* TestClock.adjust("3 minutes")
      assert.strictEqual((yield* timedOut)._tag, "MammothTimedOut")
    }).pipe(Effect.provide(Server.layerInProcess({ retry: RetryPolicy.standard })))
  )
})
