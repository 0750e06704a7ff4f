import { assert, describe, it } from "@effect/vitest"
import { AmbiguousName, Identifier } from "@mammoth-effect/client"
import { Fault } from "@mammoth-effect/emulator"
import { Effect, Redacted } from "effect"
import { toToolError } from "../../src/internal/mcp/failure.js"
import { all, callOf, create, initialize, type Message, prepare, raw, requestsOf } from "./support/harness.js"

interface ToolError {
  readonly code: string
  readonly message: string
  readonly delivery: string
  readonly retryable: boolean
  readonly hint?: string
  readonly rows?: {
    readonly accepted: number
    readonly refused: ReadonlyArray<number>
    readonly unknown: ReadonlyArray<number>
    readonly notSent: ReadonlyArray<number>
  }
}

const textOf = (message: Message): { readonly isError: boolean; readonly text: string } => {
  const { content, isError } = message["result"] as {
    readonly content: ReadonlyArray<{ readonly text: string }>
    readonly isError?: boolean
  }
  return { isError: isError === true, text: content[0]?.text ?? "" }
}

const errorOf = (message: Message): ToolError => {
  const { isError, text } = textOf(message)
  assert.isTrue(isError, text)
  return (JSON.parse(text) as { readonly error: ToolError }).error
}

/** Starts a server with all rights, and returns a function that calls its tools. */
const serve = (options?: Parameters<typeof prepare>[0]) =>
  Effect.gen(function* () {
    const started = yield* prepare(options)
    const server = yield* raw(started)
    yield* server.send(initialize)
    let id = 0
    const call = (name: string, args: unknown) =>
      Effect.suspend(() => {
        id += 1
        return Effect.zipRight(server.send(callOf(id, name, args)), server.reply(id))
      })
    return { ...started, server, call }
  })

const fail = (status: number, detail?: string): Parameters<typeof Fault.status>[1] & { readonly status: number } => ({
  status,
  times: "every",
  ...(detail === undefined ? {} : { body: JSON.stringify({ status_code: status, detail }) })
})

const rows = [{ "marker-column": "marker-value" }, { "marker-column": 123456789 }]

describe("a tool", () => {
  it("names in its error a webhook that the tool created and could not delete", () => {
    const ids = [3, 8].map((id) => Identifier.WebhookId.make(id))
    const told = (undeleted?: { readonly id: Identifier.WebhookId; readonly reason: string }) =>
      toToolError("safe", {})(new AmbiguousName.AmbiguousName({ webhookName: "twins", ids, undeleted }))
    assert.deepInclude({ ...told() }, { delivery: "NotSent", retryable: false })
    const created = told({ id: Identifier.WebhookId.make(8), reason: "MammothForbidden" })
    assert.deepInclude({ ...created }, { delivery: "Accepted", retryable: false })
    assert.include(created.message, "created webhook 8")
  })

  it.scopedLive("finds all webhooks whose name has a comma", () =>
    Effect.gen(function* () {
      const { call, emulator } = yield* serve()
      const first = yield* create(emulator, "a,b", "combine")
      yield* create(emulator, "a", "combine")
      const third = yield* create(emulator, "a,b", "combine")
      const found = (args: object) =>
        Effect.map(call("list_webhooks", { name: "a,b", ...args }), (reply) => {
          const { isError, text } = textOf(reply)
          assert.isFalse(isError, text)
          const { nextOffset, webhooks } = JSON.parse(text) as {
            readonly nextOffset?: number
            readonly webhooks: ReadonlyArray<{ readonly id: number }>
          }
          return [webhooks.map(({ id }) => id), nextOffset]
        })
      assert.deepStrictEqual(yield* found({}), [[first.id, third.id], undefined])
      assert.deepStrictEqual(yield* found({ limit: 1 }), [[first.id], 1])
      assert.deepStrictEqual(yield* found({ limit: 1, offset: 1 }), [[third.id], undefined])
      assert.deepStrictEqual(yield* found({ mode: "replace" }), [[], undefined])
      assert.strictEqual((yield* requestsOf(emulator, "getDetails")).length, 0)
    })
  )

  it.scopedLive("returns an error that names the failure and its delivery, and says if the call may be repeated", () =>
    Effect.gen(function* () {
      const { call, emulator } = yield* serve({
        env: { MAMMOTH_TIMEOUT: "300 millis", MAMMOTH_DEADLINE: "400 millis" }
      })
      const orders = yield* create(emulator, "orders", "combine")
      const prices = yield* create(emulator, "prices", "replace")
      yield* create(emulator, "twins", "combine")
      yield* create(emulator, "twins", "combine")
      const push = call("push_rows", { id: orders.id, rows })
      const expectError = (reply: Effect.Effect<Message>, expected: Partial<ToolError>) =>
        Effect.map(reply, (message) => assert.deepInclude(errorOf(message), expected))

      yield* expectError(call("get_webhook", { id: 99 }), {
        code: "MammothNotFound",
        delivery: "Rejected",
        retryable: false
      })
      yield* expectError(call("push_rows", { id: prices.id, rows }), {
        code: "MammothWrongMode",
        delivery: "NotSent",
        retryable: false
      })
      yield* expectError(call("replace_rows", { id: orders.id, rows }), { code: "MammothWrongMode" })
      yield* expectError(call("plan_webhook", { name: "twins", mode: "combine" }), {
        code: "MammothAmbiguousName",
        message: "Several webhooks have this name (ids 3, 4), so no webhook was chosen."
      })
      assert.deepStrictEqual(yield* requestsOf(emulator, "addData"), [])

      // Let the server write one row but respond with 503, so that the client cannot know if the row arrived.
      yield* emulator.inject(Fault.status(503, { operation: "addData", acts: true, times: 1 }))
      const unknown = errorOf(yield* push)
      assert.deepInclude(unknown, { code: "MammothServerError", delivery: "Unknown", retryable: false })
      assert.strictEqual(unknown.rows?.accepted, 1)
      assert.strictEqual(unknown.rows?.unknown.length, 1)
      assert.include(unknown.hint ?? "", "Do not send the unknown rows again")
      assert.strictEqual((yield* emulator.rows(orders.id)).length, 2)

      yield* emulator.inject(Fault.status(400, { operation: "addData", ...fail(400, "the dataset is full") }))
      const refused = errorOf(yield* push)
      assert.deepInclude(refused, { code: "MammothBadRequest", delivery: "Rejected", retryable: false })
      assert.deepStrictEqual(refused.rows, { accepted: 0, refused: [0, 1], unknown: [], notSent: [] })
      assert.include(refused.message, "400: the server refused the request. Response: the dataset is full")
      yield* emulator.clearFaults

      yield* emulator.inject(Fault.status(401, { operation: "addData", times: "every" }))
      yield* expectError(push, { code: "MammothUnauthorized", delivery: "NotSent", retryable: false })
      yield* emulator.clearFaults
    })
  )

  it.scopedLive("marks a failed read as retryable", () =>
    Effect.gen(function* () {
      const { call, emulator } = yield* serve({ env: { MAMMOTH_DEADLINE: "400 millis" } })
      yield* emulator.inject(Fault.status(503, { operation: "list", times: "every" }))
      const error = errorOf(yield* call("list_webhooks", {}))
      assert.include(["MammothServerError", "MammothTimedOut"], error.code)
      assert.deepInclude(error, { delivery: "Unknown", retryable: true })
      const { isError, text } = textOf(yield* call("check_setup", {}))
      assert.isFalse(isError)
      assert.deepInclude(JSON.parse(text), { ok: false })
    })
  )

  it.scopedLive("refuses an unknown property, and says that no property has this name", () =>
    Effect.gen(function* () {
      const { call } = yield* serve()
      for (const [name, args] of [
        ["check_setup", { limit: 1 }],
        ["get_webhook", { id: 1, limit: 1 }]
      ] as const) {
        const { isError, text } = textOf(yield* call(name, args))
        assert.isTrue(isError)
        assert.include(text, "…: expected no property with this name, received")
      }
    })
  )

  it.scopedLive("never repeats its input in an error, even if the server's message repeats the input", () =>
    Effect.gen(function* () {
      const { call, emulator, server } = yield* serve()
      const orders = yield* create(emulator, "orders", "combine")
      const twin = "marker-name"
      yield* create(emulator, twin, "combine")
      yield* create(emulator, twin, "combine")
      const expectError = (name: string, args: unknown) =>
        Effect.map(call(name, args), (reply) => assert.isTrue(textOf(reply).isError, JSON.stringify(reply)))

      yield* expectError("get_webhook", { id: "marker-value" })
      yield* expectError("get_webhook", { id: 1, "marker-column": 1 })
      yield* expectError("check_setup", { "marker-column": "marker-value" })
      yield* expectError("list_webhooks", { name: "marker-value,", mode: "marker-value" })
      yield* expectError("list_webhooks", { limit: 123456789 })
      yield* expectError("plan_webhook", { name: twin, mode: "combine" })
      yield* expectError("push_rows", { id: orders.id, rows: ["marker-value", {}, [123456789]] })
      yield* expectError("push_rows", { id: orders.id, rows: [] })
      yield* expectError("push_rows", { id: orders.id, rows: [{ order: [2 ** 60] }] })
      yield* expectError("push_rows", { id: orders.id, rows: Array.from({ length: 101 }, () => rows[0]) })
      assert.deepStrictEqual(yield* requestsOf(emulator, "addData"), [])

      for (const detail of ["no marker-value here", "what is marker-column", "123456789 is too much"]) {
        yield* emulator.inject(Fault.status(400, { operation: "addData", ...fail(400, detail) }))
        yield* expectError("push_rows", { id: orders.id, rows })
        yield* emulator.clearFaults
      }
      yield* server.end
      const { err, out } = yield* server.exit
      assert.strictEqual(err, "")
      for (const marker of ["marker-", "123456789"]) assert.notInclude(out, marker)
    })
  )
})

describe("secrets", () => {
  it.scopedLive("appear in no output of the server, even if the API repeats them", () =>
    Effect.gen(function* () {
      const { call, emulator, server } = yield* serve({ arraysAreRows: true, flags: [...all, "--verbose"] })
      const orders = yield* create(emulator, "orders", "combine", true)
      const prices = yield* create(emulator, "prices", "replace", true)
      const secrets = [
        Redacted.value(emulator.apiKey),
        Redacted.value(emulator.apiSecret),
        ...[orders, prices].flatMap(({ secret, uri }) => [
          Redacted.value(uri).split("/").at(-1) ?? "",
          secret === null ? "" : Redacted.value(secret)
        ])
      ]
      assert.isTrue(secrets.every((secret) => secret.length > 10))
      yield* Effect.forEach(
        [
          ["list_webhooks", {}],
          ["get_webhook", { id: orders.id }],
          ["plan_webhook", { name: "orders", mode: "replace" }],
          ["check_setup", {}],
          ["ensure_webhook", { name: "orders", mode: "combine", origins: "https://a.example" }],
          ["ensure_webhook", { name: "new", mode: "combine", isSecure: true }],
          ["push_rows", { id: orders.id, rows }]
        ] as const,
        ([name, args]) => Effect.map(call(name, args), (reply) => assert.isFalse(textOf(reply).isError))
      )
      // Leave the question of this call unanswered.
      yield* server.send(callOf("asks", "replace_rows", { id: prices.id, rows }))
      assert.strictEqual((yield* emulator.rows(orders.id)).length, 2)
      // Let the server repeat all secrets in its error responses.
      const echo = JSON.stringify({ status_code: 400, detail: secrets.join(" "), extra: secrets })
      for (const status of [400, 401, 403, 404, 409, 500]) {
        yield* emulator.inject(Fault.status(status, { times: "every", body: echo }))
        yield* Effect.forEach(
          [
            ["list_webhooks", {}],
            ["get_webhook", { id: orders.id }],
            ["ensure_webhook", { name: "orders", mode: "combine" }]
          ] as const,
          ([name, args]) => call(name, args),
          { concurrency: "unbounded" }
        )
        yield* emulator.clearFaults
        yield* emulator.inject(Fault.status(status, { operation: "addData", times: "every", body: echo }))
        yield* call("push_rows", { id: orders.id, rows })
        yield* emulator.clearFaults
      }
      yield* server.end
      const { err, out } = yield* server.exit
      // Check that stderr contains the debug log. Otherwise the next checks would search only a part of the log for secrets.
      assert.include(err, "level=DEBUG")
      assert.isTrue(
        out
          .split("\n")
          .slice(0, -1)
          .every((line) => line.startsWith("{"))
      )
      for (const secret of secrets) assert.notInclude(out + err, secret)
      assert.notInclude(out, "/webhook/data/")
    })
  )
})
