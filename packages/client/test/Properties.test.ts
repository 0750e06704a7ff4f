import { createServer, type AddressInfo } from "node:net"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import type * as HttpClient from "@effect/platform/HttpClient"
import { assert, describe, it } from "@effect/vitest"
import { Json, WebhookKey, WebhookPatch, WebhookSpec } from "@mammoth-effect/core"
import { Emulator } from "@mammoth-effect/emulator"
import { Arbitrary, Cause, Effect, Exit, FastCheck as fc, Layer, Option, Predicate } from "effect"
import { MammothConfig, RequestOptions, RetryPolicy, Webhooks } from "../src/index.js"
import * as UndiciHttpClient from "../src/UndiciHttpClient.js"
import * as Server from "./support/Server.js"

/** A response: its bytes, and how many of them to send. If `resets` is true, the server then resets the connection. */
interface Answer {
  readonly bytes: Buffer
  readonly cut: number
  readonly resets: boolean
}

const webhook = fc.record(
  {
    id: fc.oneof(fc.integer(), fc.double(), fc.string(), fc.constant(null)),
    name: fc.oneof(fc.string(), fc.integer()),
    mode: fc.oneof(fc.constantFrom("combine", "replace", "merge"), fc.integer()),
    uri: fc.oneof(fc.webPath(), fc.constant("")),
    ds_id: fc.oneof(fc.integer(), fc.boolean()),
    origins: fc.option(fc.string()),
    secret: fc.option(fc.string()),
    more: fc.jsonValue()
  },
  { requiredKeys: [] }
)

const body = fc.oneof(
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  fc.json().map((text) => Buffer.from(text)),
  fc
    .record(
      { webhook, webhooks: fc.array(webhook, { maxLength: 3 }), next: fc.option(fc.string()), limit: fc.integer() },
      { requiredKeys: [] }
    )
    .map((answer) => Buffer.from(JSON.stringify(answer))),
  fc
    .record({ status_code: fc.integer(), detail: fc.anything(), extra: fc.jsonValue() }, { requiredKeys: [] })
    .map((answer) => Buffer.from(JSON.stringify(answer) ?? "")),
  fc.constantFrom("", "<html><title>", "null", '{"webhook":').map((text) => Buffer.from(text))
)

const header = fc.oneof(
  fc.tuple(
    fc.constant("retry-after"),
    fc.oneof(fc.integer().map(String), fc.constantFrom("soon", "Thu, 01 Jan 2099 00:00:00 GMT"))
  ),
  fc.tuple(fc.constant("location"), fc.oneof(fc.webUrl(), fc.constantFrom("//", "http://[", ""))),
  fc.tuple(
    fc.constant("content-type"),
    fc.constantFrom("application/json", "text/html", "application/octet-stream; charset=x", ";")
  ),
  fc.tuple(fc.constant("content-encoding"), fc.constantFrom("gzip", "br", "identity", "x")),
  fc.tuple(fc.constant("x-request-id"), fc.hexaString())
)

const answer: fc.Arbitrary<Answer> = fc
  .record({
    status: fc.oneof(fc.integer({ min: 200, max: 599 }), fc.constantFrom(200, 201, 204, 400, 401, 404, 429, 503)),
    headers: fc.array(header, { maxLength: 3 }),
    body,
    length: fc.constantFrom("right", "long", "none", "wrong"),
    cut: fc.oneof(fc.constant(1), fc.double({ min: 0, max: 1, noNaN: true })),
    resets: fc.boolean()
  })
  .map(({ body, cut, headers, length, resets, status }) => {
    const lengths = { right: body.length, long: body.length + 5, none: undefined, wrong: -1 }[length]
    const head = [
      `HTTP/1.1 ${status} Some`,
      ...headers.map(([name, value]) => `${name}: ${value}`),
      ...(lengths === undefined ? [] : [`content-length: ${lengths}`]),
      "connection: close",
      "",
      ""
    ].join("\r\n")
    const bytes = Buffer.concat([Buffer.from(head), body])
    return { bytes, cut: Math.round(bytes.length * cut), resets }
  })

/** Makes a server that sends the n-th response to the request with the header `x-case: n`. */
const serve = (answers: ReadonlyArray<Answer>) =>
  Effect.acquireRelease(
    Effect.async<{ readonly port: number; readonly close: () => void }>((resume) => {
      const server = createServer((socket) => {
        let received = ""
        socket.on("error", () => undefined)
        socket.on("data", (data) => {
          received += data.toString("latin1")
          const end = received.indexOf("\r\n\r\n")
          if (end === -1) return
          const length = Number(/content-length: (\d+)/i.exec(received)?.[1] ?? 0)
          if (received.length < end + 4 + length) return
          const given = answers[Number(/x-case: (\d+)/i.exec(received)?.[1])]
          socket.removeAllListeners("data")
          if (given === undefined) socket.destroy()
          else if (given.resets) socket.write(given.bytes.subarray(0, given.cut), () => socket.resetAndDestroy())
          else socket.end(given.bytes.subarray(0, given.cut))
        })
      })
      server.listen(0, "127.0.0.1", () => {
        resume(Effect.succeed({ port: (server.address() as AddressInfo).port, close: () => server.close() }))
      })
    }),
    ({ close }) => Effect.sync(close)
  )

const key = WebhookKey.make("k")
const common = [
  "MammothInvalidRequest",
  "MammothCredentialsError",
  "MammothTransportError",
  "MammothTimedOut",
  "MammothBadRequest",
  "MammothUnauthorized"
].concat(["MammothForbidden", "MammothNotFound", "MammothRateLimited", "MammothServerError", "MammothUnexpectedStatus"])
const operations: ReadonlyArray<readonly [Effect.Effect<unknown, unknown, Webhooks.Webhooks>, ReadonlyArray<string>]> =
  [
    [Server.api.list(), [...common, "MammothDecodeError"]],
    [Server.api.list({ fields: ["id", "name"] }), [...common, "MammothDecodeError"]],
    [Server.api.create({ mode: "combine" }), [...common, "MammothDecodeError"]],
    [Server.api.getDetails({ webhookId: 8 }), [...common, "MammothDecodeError"]],
    [Server.api.update({ webhookId: 8, origins: "*" }), [...common, "MammothDecodeError"]],
    [Server.api.delete({ webhookId: 8 }), common],
    [Webhooks.addData(key, { n: 1 }), [...common, "MammothPayloadTooLarge"]],
    [Webhooks.addDataUsingGet(key, { n: 1 }), common]
  ]

describe("Each operation", () => {
  const holds = (count: number, client: Layer.Layer<HttpClient.HttpClient>, seed: number) =>
    Effect.gen(function* () {
      const answers = fc.sample(answer, { numRuns: count, seed })
      const { port } = yield* serve(answers)
      const layer = Webhooks.layer.pipe(
        Layer.provide([
          Server.keys("key", "secret"),
          // Set a short timeout, because fetch waits forever for some bodies that do not match their content-encoding.
          MammothConfig.layer({ baseUrl: `http://127.0.0.1:${port}/api/v2`, timeout: "400 millis" }),
          RetryPolicy.layer(RetryPolicy.none),
          client
        ])
      )
      const outcomes = new Map<string, number>()
      yield* Effect.forEach(
        answers,
        (given, n) =>
          Effect.gen(function* () {
            const [call, declared] = operations[n % operations.length]!
            const exit = yield* call.pipe(
              RequestOptions.withOptions({ headers: { "x-case": String(n) } }),
              Effect.timeoutFail({ duration: "10 seconds", onTimeout: () => ({ _tag: "hang" }) }),
              Effect.exit
            )
            const told = () => `${given.bytes.subarray(0, given.cut).toString("latin1")}\n${String(exit)}`
            const error = Exit.isFailure(exit) ? Option.getOrUndefined(Cause.failureOption(exit.cause)) : undefined
            assert.isTrue(Exit.isSuccess(exit) || error !== undefined, told())
            const tag = Predicate.hasProperty(error, "_tag") ? String(error._tag) : "success"
            if (tag !== "success") assert.include(declared, tag, told())
            outcomes.set(tag, (outcomes.get(tag) ?? 0) + 1)
          }),
        { concurrency: 8, discard: true }
      ).pipe(Effect.provide(layer))
      // Check that all kinds of outcomes occurred, because the test would otherwise prove little.
      assert.includeMembers(
        [...outcomes.keys()],
        ["success", "MammothDecodeError", "MammothTransportError", "MammothBadRequest", "MammothRateLimited"]
      )
    }).pipe(Effect.scoped)

  it.live(
    "returns a value or fails with a declared error, for thousands of random responses over fetch",
    () => holds(5000, FetchHttpClient.layer, 1),
    120_000
  )
  it.live(
    "returns a value or fails with a declared error, for thousands of random responses over undici's dispatcher",
    () => holds(5000, UndiciHttpClient.layer(), 2),
    120_000
  )
})

/** Returns a value as the server receives it through JSON. */
const throughJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

describe("A server", () => {
  it.live("receives random rows unchanged", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.Emulator
      const target = yield* Server.api.create({ mode: "combine" })
      const rows = fc.sample(fc.dictionary(fc.string({ minLength: 1 }), Arbitrary.make(Json.Json)), {
        numRuns: 300,
        seed: 3
      })
      for (const row of rows) yield* Webhooks.addData(target, row)
      assert.deepStrictEqual(
        yield* emulator.rows(target.id),
        rows.map((row) => throughJson(row) as Json.Json)
      )
    }).pipe(Effect.provide(Server.layer()))
  )

  it.live("receives the values of random flat rows as strings in a query", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.Emulator
      const target = yield* Server.api.create({ mode: "combine" })
      const rows = fc
        .sample(Arbitrary.make(Json.Flat), { numRuns: 300, seed: 4 })
        // Leave out rows with a lone surrogate, because a URL cannot carry a lone surrogate.
        .filter((row) =>
          Object.entries(row)
            .flat()
            .every((part) => !/\p{Surrogate}/u.test(String(part)))
        )
      for (const row of rows) yield* Webhooks.addDataUsingGet(target, row)
      assert.deepStrictEqual(
        yield* emulator.rows(target.id),
        rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, String(value)])))
      )
    }).pipe(Effect.provide(Server.layer()))
  )

  it.live("applies random settings and patches unchanged", () =>
    Effect.gen(function* () {
      for (const spec of fc.sample(Arbitrary.make(WebhookSpec.WebhookSpec), { numRuns: 200, seed: 5 })) {
        const made = yield* Server.api.create({ ...spec })
        assert.deepInclude(made, {
          name: spec.name ?? "Generic Webhook",
          mode: spec.mode ?? "replace",
          origins: spec.origins ?? "*"
        })
        assert.strictEqual(made.secret !== null, spec.isSecure ?? false)
        const read = yield* Server.api.getDetails({ webhookId: made.id })
        assert.deepStrictEqual(read, made)
      }
      const { id } = yield* Server.api.create({})
      for (const patch of fc.sample(Arbitrary.make(WebhookPatch.WebhookPatch), { numRuns: 200, seed: 6 })) {
        const { patch: listed, ...settings } = patch
        const changed = yield* Server.api.update(
          listed === undefined ? { ...settings, webhookId: id } : { patch: listed, webhookId: id }
        )
        for (const change of WebhookPatch.changes({ patch: lastOfEach(WebhookPatch.changes(patch)) })) {
          if (change.path === "isSecure") assert.strictEqual(changed.secret !== null, change.value)
          else assert.strictEqual(changed[change.path], change.value)
        }
      }
    }).pipe(Effect.provide(Server.layer()))
  )
})

const lastOfEach = (changes: ReadonlyArray<WebhookPatch.Change>): ReadonlyArray<WebhookPatch.Change> => [
  ...new Map(changes.map((change) => [change.path, change])).values()
]
