import { getEventListeners } from "node:events"
import { createServer, type Server as HttpServer } from "node:http"
import type { AddressInfo } from "node:net"
import { inspect } from "node:util"
import { runInNewContext } from "node:vm"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import { type Webhook, WebhookKey, type WebhookPage, WebhooksError } from "@mammoth-effect/core"
import { Emulator, Fault } from "@mammoth-effect/emulator"
import { Deferred, Effect, Exit, Fiber, Redacted, Runtime, Schedule, type Scope, TestServices } from "effect"
import { IngestReport } from "../src/index.js"
import {
  assumeCombine,
  assumeReplace,
  type CallOptions,
  type Client,
  ClientClosed,
  ConfigurationError,
  isMammothError,
  makeClient,
  type MammothError,
  type Options,
  type Report,
  retryAfter,
  reveal
} from "../src/promise.js"
import { project } from "./support/Server.js"

const keys = { apiKey: "emulator-key", apiSecret: "emulator-secret" }

/** Starts an emulator, and makes a client that is closed after the test. */
const connected = (options: Options = {}, emulatorOptions: Emulator.Options = {}) =>
  Effect.gen(function* () {
    const emulator = yield* Emulator.make({ seed: 1, ...emulatorOptions })
    const mammoth = yield* Effect.acquireRelease(
      Effect.sync(() => makeClient({ baseUrl: emulator.baseUrl, credentials: keys, retry: false, ...options })),
      (client) => Effect.promise(client.close)
    )
    return { emulator, mammoth }
  })

/** Returns the error that a promise rejects with. */
const rejected = (promise: () => Promise<unknown>): Effect.Effect<unknown> =>
  Effect.promise(() =>
    promise().then(
      () => assert.fail("it was fulfilled"),
      (error: unknown) => error
    )
  )

/** Checks that an error has the given tag, and narrows the error's type. */
function assertTagged<Tag extends MammothError["_tag"]>(
  error: unknown,
  tag: Tag
): asserts error is Extract<MammothError, { readonly _tag: Tag }> {
  assert.isTrue(isMammothError(error), String(error))
  assert.propertyVal(error, "_tag", tag)
}

/** A server that never responds. `arrived` waits for a request. `gone` waits until a request's connection is closed. */
const silent: Effect.Effect<
  { readonly baseUrl: string; readonly arrived: Effect.Effect<void>; readonly gone: Effect.Effect<void> },
  never,
  Scope.Scope
> = Effect.gen(function* () {
  const arrived = yield* Deferred.make<void>()
  const gone = yield* Deferred.make<void>()
  const server = yield* Effect.acquireRelease(
    Effect.async<HttpServer>((resume) => {
      const made = createServer((request) => {
        request.socket.on("close", () => Deferred.unsafeDone(gone, Exit.void))
        Deferred.unsafeDone(arrived, Exit.void)
      })
      made.listen(0, "127.0.0.1", () => resume(Effect.succeed(made)))
    }),
    (made) =>
      Effect.sync(() => {
        made.close()
        made.closeAllConnections()
      })
  )
  const { port } = server.address() as AddressInfo
  return { baseUrl: `http://127.0.0.1:${port}/api/v2`, arrived: Deferred.await(arrived), gone: Deferred.await(gone) }
})

const create = (mammoth: Client, count: number) =>
  Effect.promise(async () => {
    for (let i = 0; i < count; i++) await mammoth.create({ ...project, name: `webhook ${i}`, mode: "combine" })
  })

describe("the operations", () => {
  it.scoped("have the same results as the operations of the Effect API", () =>
    Effect.gen(function* () {
      const run = Runtime.runPromise(yield* Effect.runtime())
      const { emulator, mammoth } = yield* connected()
      yield* Effect.promise(async () => {
        const orders = await mammoth.create({ ...project, name: "orders", mode: "combine" })
        assert.strictEqual(orders.mode satisfies "combine", "combine")
        await mammoth.addData(orders, { order: 1, total: 9.5 })
        await mammoth.addData(reveal(orders.uri), { order: 2, at: new Date(0) })
        await mammoth.addDataUsingGet(orders, { order: 3 })
        assert.deepStrictEqual(await run(emulator.rows(orders.id)), [
          { order: 1, total: 9.5 },
          { order: 2, at: "1970-01-01T00:00:00.000Z" },
          { order: "3" }
        ])

        const page = await mammoth.list({ ...project, fields: ["id", "name"] })
        assert.deepStrictEqual(page.webhooks, [{ id: orders.id, name: "orders" }])
        const details = await mammoth.getDetails({ ...project, webhookId: orders.id })
        assert.strictEqual(reveal(details.uri), reveal(orders.uri))
        assert.isNull(reveal(details.secret))
        const secure = await mammoth.update({ ...project, webhookId: orders.id, isSecure: true })
        assert.isString(reveal(secure.secret))
        assert.strictEqual((await mammoth.ensure("orders", { ...project, mode: "combine" })).id, orders.id)

        const prices = await mammoth.ensure("prices", { ...project, mode: "replace" })
        assert.strictEqual(prices.mode satisfies "replace", "replace")
        await mammoth.delete({ ...project, webhookId: prices.id })
        assert.strictEqual((await mammoth.list(project)).webhooks.length, 1)
      })
    })
  )

  it.scoped("need no workspace id and no project id in a client of one project", () =>
    Effect.gen(function* () {
      const { emulator, mammoth } = yield* connected()
      const api = mammoth.inProject(project)
      yield* Effect.promise(async () => {
        const made = await api.create({ name: "a" })
        await api.ensure("b", { mode: "replace" })
        await api.update({ webhookId: made.id, origins: "https://example.com" })
        assert.strictEqual(
          (await api.getDetails({ webhookId: made.id, fields: ["origins"] })).origins,
          "https://example.com"
        )
        assert.strictEqual((await api.list({ limit: 1 })).webhooks.length, 1)
        const names: Array<string> = []
        for await (const { name } of api.stream({ fields: ["name"] })) names.push(name)
        assert.deepStrictEqual(names, ["a", "b"])
        await api.delete({ webhookId: made.id })
      })
      const requests = yield* emulator.requests
      assert.isTrue(requests.every(({ url }) => url.startsWith("/api/v2/workspaces/4/projects/4/webhooks")))
    })
  )

  it.scoped("replace all rows in one push", () =>
    Effect.gen(function* () {
      const { emulator, mammoth } = yield* connected({}, { arraysAreRows: true })
      const prices = yield* Effect.promise(async () => {
        const webhook = await mammoth.ensure("prices", { ...project, mode: "replace" })
        await mammoth.replaceAll(webhook, [{ id: 1 }])
        await mammoth.replaceAll(webhook, new Set([{ id: 2 }, { id: 3 }]), { isSoleWriter: true })
        return webhook
      })
      assert.deepStrictEqual(yield* emulator.rows(prices.id), [{ id: 2 }, { id: 3 }])
    })
  )
})

describe("an error", () => {
  it.scoped("is an instance of Error, with the tag of its cause", () =>
    Effect.gen(function* () {
      const { emulator, mammoth } = yield* connected()
      const cases = [
        [404, "MammothNotFound"],
        [401, "MammothUnauthorized"],
        [503, "MammothServerError"],
        [429, "MammothRateLimited"]
      ] as const
      for (const [status, tag] of cases) {
        yield* emulator.inject(Fault.status(status))
        const error = yield* rejected(() => mammoth.getDetails({ ...project, webhookId: 1 }))
        assertTagged(error, tag)
        assert.instanceOf(error, Error)
        // Expect a plain Error and not a proxy, because a proxy could not be cloned.
        assert.strictEqual(Object.prototype.toString.call(error), "[object Error]")
      }
    })
  )

  it.scoped("carries the wait that the server requested", () =>
    Effect.gen(function* () {
      const { emulator, mammoth } = yield* connected()
      yield* emulator.inject(Fault.status(429, { headers: { "retry-after": "7" } }))
      assert.strictEqual(retryAfter(yield* rejected(() => mammoth.list(project))), 7000)
      assert.isUndefined(retryAfter(new Error("another")))
    })
  )

  it.scoped("occurs before anything is sent if the input is invalid", () =>
    Effect.gen(function* () {
      const { emulator, mammoth } = yield* connected()
      const error = yield* rejected(() => mammoth.list({ ...project, limit: 101 }))
      assertTagged(error, "MammothInvalidRequest")
      assert.deepStrictEqual(yield* emulator.requests, [])
    })
  )

  it.scoped("has the tag MammothAmbiguousName if `ensure` finds two webhooks with the requested name", () =>
    Effect.gen(function* () {
      const { mammoth } = yield* connected()
      yield* Effect.promise(() => Promise.all([1, 2].map(() => mammoth.create({ ...project, name: "twin" }))))
      const error = yield* rejected(() => mammoth.ensure("twin", project))
      assertTagged(error, "MammothAmbiguousName")
      assert.isTrue(isMammothError(error))
    })
  )
})

describe("options", () => {
  it("are checked by makeClient, which throws an error with the name of a wrong option", () => {
    const of = (options: Options) => () => makeClient(options)
    const thrown = (options: Options): string => {
      const error: unknown = assertThrows(of(options))
      assert.instanceOf(error, ConfigurationError)
      return error.message
    }
    const { apiKey } = keys
    assert.include(thrown({ env: {} }), "MAMMOTHANALYTICS_API_KEY")
    assert.include(thrown({ env: {} }), "or pass the option credentials")
    assert.include(thrown({ env: { MAMMOTHANALYTICS_API_KEY: apiKey } }), "MAMMOTHANALYTICS_API_SECRET")
    assert.include(thrown({ credentials: keys, baseUrl: "ftp://example.com" }), "baseUrl")
    assert.include(thrown({ credentials: keys, env: { MAMMOTH_TIMEOUT: "soon" } }), "MAMMOTH_TIMEOUT")
    for (const time of [Number.NaN, 0, -5]) {
      const expected = "xpected a time above zero, such as"
      assert.include(thrown({ credentials: keys, timeout: time }), `timeout: E${expected}`)
      assert.include(thrown({ credentials: keys, deadline: time }), `deadline: E${expected}`)
      assert.include(thrown({ credentials: keys, retry: { maxInterval: time } }), `retry.maxInterval: e${expected}`)
    }
    assert.include(
      thrown({ credentials: keys, retry: { attempts: 0 } }),
      "retry.attempts: expected a number of 1 or more"
    )
    // Leave out the secret, as a program without types does if a variable is not set.
    const untyped: Options = JSON.parse(`{ "credentials": { "apiKey": "${apiKey}" } }`)
    assert.include(
      thrown(untyped),
      "credentials.apiSecret: expected a string of at least one character, received nothing"
    )
    assert.notInclude(thrown(untyped), apiKey)
  })

  it.scoped("can come from environment variables alone", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.make()
      const mammoth = makeClient({
        env: {
          MAMMOTHANALYTICS_API_KEY: keys.apiKey,
          MAMMOTHANALYTICS_API_SECRET: keys.apiSecret,
          MAMMOTH_BASE_URL: emulator.baseUrl,
          MAMMOTH_DEADLINE: "250 millis"
        }
      })
      yield* Effect.promise(() => mammoth.list(project))
      yield* emulator.inject(Fault.stall("start"))
      const error = yield* rejected(() => mammoth.list(project))
      assertTagged(error, "MammothTimedOut")
      assert.deepStrictEqual([error.limit, error.duration], ["deadline", 250])
      yield* Effect.promise(mammoth.close)
    })
  )

  it.scoped("can provide new keys for each attempt", () =>
    Effect.gen(function* () {
      let asked = 0
      const { emulator, mammoth } = yield* connected({
        credentials: () => Promise.resolve(++asked === 1 ? { ...keys, apiKey: "expired" } : keys),
        retry: { attempts: 2 }
      })
      yield* Effect.promise(() => mammoth.list(project))
      assert.deepStrictEqual(
        (yield* emulator.requests).map(({ status }) => status),
        [401, 200]
      )
    })
  )

  it.scoped(
    "can contain a credentials function, and a failed call shows the function's error only if it is a CredentialsError",
    () =>
      Effect.gen(function* () {
        const faulty: ReadonlyArray<() => typeof keys | Promise<typeof keys>> = [
          () => {
            throw new TypeError("sesame")
          },
          () => Promise.reject(new TypeError("sesame")),
          () => JSON.parse(`{ "apiKey": "sesame" }`)
        ]
        for (const credentials of faulty) {
          const { emulator, mammoth } = yield* connected({ credentials })
          const error = yield* rejected(() => mammoth.list(project))
          assertTagged(error, "MammothCredentialsError")
          assert.notInclude(inspect(error, { depth: null, showHidden: true }), "sesame")
          assert.deepStrictEqual(yield* emulator.requests, [])
        }
        const told = yield* connected({
          credentials: () => Promise.reject(new WebhooksError.CredentialsError({ reason: "the vault is locked" }))
        })
        const error = yield* rejected(() => told.mammoth.list(project))
        assert.include((error as Error).message, "the vault is locked")
      })
  )

  it.scoped("can set retries, headers, base URL and onResponse for one call", () =>
    Effect.gen(function* () {
      const { emulator, mammoth } = yield* connected()
      yield* emulator.inject(Fault.status(503, { times: 2 }))
      const statuses: Array<number> = []
      yield* Effect.promise(() =>
        mammoth.list(project, {
          retry: { attempts: 3, initialInterval: 1 },
          headers: { "x-team": "weather" },
          onResponse: ({ status }) => void statuses.push(status)
        })
      )
      assert.deepStrictEqual(statuses, [503, 503, 200])
      const requests = yield* emulator.requests
      assert.isTrue(
        requests.every(({ headers }) => headers.some(([name, value]) => name === "x-team" && value === "weather"))
      )

      const other = yield* Emulator.make()
      yield* Effect.promise(() => mammoth.list(project, { baseUrl: other.baseUrl }))
      assert.strictEqual((yield* other.requests).length, 1)
    })
  )

  it.scoped("can replace fetch, or provide an HttpClient of Effect", () =>
    Effect.gen(function* () {
      const seen: Array<string> = []
      const first = yield* connected({
        fetch: (input, init) => {
          seen.push(input instanceof Request ? input.url : String(input))
          return fetch(input, init)
        }
      })
      yield* Effect.promise(() => first.mammoth.list(project))
      assert.deepStrictEqual(seen, [`${first.emulator.baseUrl}/workspaces/4/projects/4/webhooks`])

      const second = yield* connected({ httpClient: NodeHttpClient.layerUndici })
      yield* Effect.promise(() => second.mammoth.list(project))
      assert.strictEqual((yield* second.emulator.requests).length, 1)
      yield* Effect.promise(second.mammoth.close)
      // Wait until the server sees the closed connection, which takes a moment.
      yield* second.emulator.openSockets.pipe(
        Effect.repeat({ until: (open) => open === 0, schedule: Schedule.spaced("10 millis") }),
        TestServices.provideLive
      )
    })
  )
})

describe("a call over a custom fetch", () => {
  const { proxy: revoked, revoke } = Proxy.revocable({}, {})
  revoke()
  const throwing = Object.defineProperties(
    new Error("gone"),
    Object.fromEntries(
      ["message", "code", "syscall", "cause", "errors", "digest"].map((key) => [
        key,
        {
          get: () => {
            throw new Error(`the getter of ${key}`)
          }
        }
      ])
    )
  )
  const nothing = "fetch resolved to no response"
  const fetches: Readonly<Record<string, readonly [fetch: () => unknown, description: string]>> = {
    "resolves to undefined": [() => Promise.resolve(undefined), nothing],
    "resolves to null": [() => Promise.resolve(null), nothing],
    "resolves to a string": [() => Promise.resolve("{}"), nothing],
    "returns no promise": [() => undefined, ""],
    "rejects with an error whose getters throw": [() => Promise.reject(throwing), "Transport"],
    "rejects with a proxy that throws": [() => Promise.reject(revoked), "Transport"],
    "rejects with undefined": [() => Promise.reject(undefined), "Transport"],
    "rejects with a list of errors that throws": [
      () => Promise.reject(Object.assign(new Error("gone"), { errors: [revoked, throwing] })),
      "gone"
    ]
  }
  for (const [name, [given, description]] of Object.entries(fetches)) {
    it.scoped(`fails with a TransportError of unknown delivery if fetch ${name}`, () =>
      Effect.gen(function* () {
        const { mammoth } = yield* connected({ fetch: given as typeof fetch })
        for (const call of [() => mammoth.list(project), () => mammoth.addData("k", { a: 1 })]) {
          const error = yield* rejected(call)
          assertTagged(error, "MammothTransportError")
          assert.strictEqual(error.delivery, "Unknown")
          assert.include(error.description, description)
        }
      })
    )
  }
})

describe("a signal", () => {
  it.scoped("can be shared by many calls and iterations, and keeps no listeners after the calls end", () =>
    Effect.gen(function* () {
      const warnings: Array<Error> = []
      const warn = (warning: Error) => warnings.push(warning)
      yield* Effect.acquireRelease(
        Effect.sync(() => process.on("warning", warn)),
        () => Effect.sync(() => process.off("warning", warn))
      )
      const { mammoth } = yield* connected()
      const controller = new AbortController()
      const { signal } = controller
      const listen = () => mammoth.list(project, { signal })
      const read = async () => {
        for await (const _ of mammoth.stream(project, { signal })) assert.fail("there is none")
      }
      yield* Effect.promise(() => Promise.all(Array.from({ length: 12 }, () => Promise.all([listen(), read()]))))
      assert.deepStrictEqual(getEventListeners(signal, "abort"), [])
      const { arrived, baseUrl, gone } = yield* silent
      const waiting = Array.from({ length: 12 }, () => rejected(() => mammoth.list(project, { signal, baseUrl })))
      const ended = yield* Effect.fork(Effect.all(waiting, { concurrency: "unbounded" }))
      yield* arrived
      controller.abort(new Error("enough"))
      for (const error of yield* Fiber.join(ended)) assert.propertyVal(error, "message", "enough")
      yield* gone
      // Wait for the next turn, because Node emits warnings in a later turn.
      yield* Effect.promise(() => new Promise((resolve) => void setImmediate(resolve)))
      assert.deepStrictEqual(warnings, [])
    })
  )

  it.scoped("cancels the request when it aborts, and the call rejects with the signal's reason", () =>
    Effect.gen(function* () {
      const server = yield* silent
      const { mammoth } = yield* connected({ baseUrl: server.baseUrl })
      const controller = new AbortController()
      const reason = new Error("the user left")
      const pushed = mammoth.addData(WebhookKey.make("k"), { n: 1 }, { signal: controller.signal })
      yield* server.arrived
      controller.abort(reason)
      assert.strictEqual(yield* rejected(() => pushed), reason)
      yield* server.gone
    })
  )

  it.scoped("is refused by every method if it is not an AbortSignal, and the error names the option", () =>
    Effect.gen(function* () {
      const { emulator, mammoth } = yield* connected()
      const webhook = assumeCombine("k")
      const all = assumeReplace("k")
      const webhookId = 8
      const methods: Readonly<Record<string, (call: CallOptions) => Promise<unknown>>> = {
        list: (call) => mammoth.list(project, call),
        create: (call) => mammoth.create(project, call),
        getDetails: (call) => mammoth.getDetails({ ...project, webhookId }, call),
        delete: (call) => mammoth.delete({ ...project, webhookId }, call),
        update: (call) => mammoth.update({ ...project, webhookId, mode: "combine" }, call),
        stream: async (call) => {
          for await (const _ of mammoth.stream(project, call)) assert.fail("there is none")
        },
        ensure: (call) => mammoth.ensure("orders", project, call),
        addData: (call) => mammoth.addData("k", { a: 1 }, call),
        addDataUsingGet: (call) => mammoth.addDataUsingGet("k", { a: 1 }, call),
        replaceAll: (call) => mammoth.replaceAll(all, [{ a: 1 }], call),
        ingest: (call) => mammoth.ingest(webhook, [{ a: 1 }], call)
      }
      const given: ReadonlyArray<readonly [call: unknown, path: ReadonlyArray<string>]> = [
        [{ signal: {} }, ["options", "signal"]],
        [{ signal: new AbortController() }, ["options", "signal"]],
        [{ signal: "abort" }, ["options", "signal"]],
        [null, ["options"]],
        ["abort", ["options"]]
      ]
      for (const [operation, method] of Object.entries(methods)) {
        for (const [call, path] of given) {
          const error = yield* rejected(() => method(call as CallOptions))
          assertTagged(error, "MammothInvalidRequest")
          assert.deepStrictEqual([error.operation, error.issues.map((issue) => issue.path)], [operation, [path]])
        }
      }
      const project4 = mammoth.inProject(project)
      const error = yield* rejected(() => project4.list({}, { signal: {} as never }))
      assert.include(String(error), "options.signal: expected an AbortSignal")
      assert.deepStrictEqual(yield* emulator.requests, [])
      // Expect null to be accepted, because fetch also accepts null.
      yield* Effect.promise(() => mammoth.list(project, { signal: null as never }))
    })
  )

  it.scoped("prevents the request if the signal is already aborted", () =>
    Effect.gen(function* () {
      const { emulator, mammoth } = yield* connected()
      const error = yield* rejected(() => mammoth.list(project, { signal: AbortSignal.abort() }))
      assert.isTrue(error instanceof DOMException && error.name === "AbortError")
      yield* Effect.promise(() => mammoth.list(project))
      assert.strictEqual((yield* emulator.requests).length, 1)
    })
  )

  it.scoped("ends iterations and the waits between attempts when the signal aborts", () =>
    Effect.gen(function* () {
      const { emulator, mammoth } = yield* connected()
      yield* emulator.inject(Fault.status(503))
      // Abort only after the response, because the call must use up this fault. Otherwise the iteration below would get
      // the fault.
      const controller = new AbortController()
      const abort = () => controller.abort(new DOMException("The operation timed out", "TimeoutError"))
      const waiting = yield* rejected(() =>
        mammoth.list(project, {
          retry: { initialInterval: "1 hour", maxInterval: "1 hour" },
          signal: controller.signal,
          onResponse: () => void setTimeout(abort, 50)
        })
      )
      assert.isTrue(waiting instanceof DOMException && waiting.name === "TimeoutError")
      yield* emulator.inject(Fault.stall("start"))
      const iterating = yield* rejected(async () => {
        for await (const _ of mammoth.stream(project, { signal: AbortSignal.timeout(50) })) assert.fail("there is none")
      })
      assert.isTrue(iterating instanceof DOMException && iterating.name === "TimeoutError")
    })
  )
})

describe("an iteration", () => {
  it.scoped("requests a page only when the previous page is used up", () =>
    Effect.gen(function* () {
      const run = Runtime.runPromise(yield* Effect.runtime())
      const { emulator, mammoth } = yield* connected()
      yield* create(mammoth, 5)
      yield* emulator.clearRequests
      yield* Effect.promise(async () => {
        const seen: Array<[name: string, requests: number]> = []
        for await (const { name } of mammoth.stream({ ...project, limit: 2, fields: ["name"] })) {
          seen.push([name, (await run(emulator.requests)).length])
        }
        assert.deepStrictEqual(seen, [
          ["webhook 0", 1],
          ["webhook 1", 1],
          ["webhook 2", 2],
          ["webhook 3", 2],
          ["webhook 4", 3]
        ])
      })
    })
  )

  it.scoped("ends when the loop breaks, and can start again", () =>
    Effect.gen(function* () {
      const { emulator, mammoth } = yield* connected()
      yield* create(mammoth, 4)
      yield* emulator.clearRequests
      const webhooks = mammoth.stream({ ...project, limit: 2 })
      yield* Effect.promise(async () => {
        for (const _ of [1, 2]) {
          for await (const { name } of webhooks) {
            assert.strictEqual(name, "webhook 0")
            break
          }
        }
      })
      assert.strictEqual((yield* emulator.requests).length, 2)
    })
  )

  it.scoped("cancels the request if the loop ends while a page is in flight", () =>
    Effect.gen(function* () {
      const server = yield* silent
      const { mammoth } = yield* connected({ baseUrl: server.baseUrl })
      const iterator = mammoth.stream(project)[Symbol.asyncIterator]()
      const next = iterator.next()
      yield* server.arrived
      assert.deepStrictEqual(yield* Effect.promise(async () => iterator.return?.()), { done: true, value: undefined })
      yield* server.gone
      assert.deepStrictEqual(yield* Effect.promise(() => next), { done: true, value: undefined })
    })
  )

  it.scoped("throws the tagged error of a failed request, and then ends", () =>
    Effect.gen(function* () {
      const { emulator, mammoth } = yield* connected()
      yield* create(mammoth, 3)
      yield* emulator.inject(Fault.status(503, { operation: "list" }))
      const iterator = mammoth.stream({ ...project, limit: 2 })[Symbol.asyncIterator]()
      assertTagged(yield* rejected(() => iterator.next()), "MammothServerError")
      assert.deepStrictEqual(yield* Effect.promise(() => iterator.next()), { done: true, value: undefined })
    })
  )

  it.scoped("settles several calls of next() in order", () =>
    Effect.gen(function* () {
      const { mammoth } = yield* connected()
      yield* create(mammoth, 3)
      const iterator = mammoth.stream({ ...project, limit: 1, fields: ["name"] })[Symbol.asyncIterator]()
      const taken = yield* Effect.promise(() => Promise.all([1, 2, 3, 4].map(() => iterator.next())))
      assert.deepStrictEqual(
        taken.map(({ done, value }) => (done === true ? "end" : value.name)),
        ["webhook 0", "webhook 1", "webhook 2", "end"]
      )
    })
  )
})

describe("an ingestion", () => {
  const rows = async function* (count: number) {
    for (let id = 0; id < count; id++) yield { id }
  }

  it.scoped("appends every row of an async iterable, and returns a report", () =>
    Effect.gen(function* () {
      const { emulator, mammoth } = yield* connected()
      const orders = yield* Effect.promise(() => mammoth.ensure("orders", { ...project, mode: "combine" }))
      const reports: Array<Report> = []
      const report = yield* Effect.promise(() =>
        mammoth.ingest(orders, rows(50), { concurrency: 1, onReport: (each) => void reports.push(each) })
      )
      assert.strictEqual(report.accepted.rows, 50)
      assert.deepStrictEqual(reports.at(-1)?.accepted, report.accepted)
      // Expect `elapsed` to be a number of milliseconds, which the functions of IngestReport also accept.
      assert.isAbove(report.elapsed, 0)
      assert.approximately(IngestReport.rate(report), 50_000 / report.elapsed, 1e-6)
      assert.match(IngestReport.format(report), /^50 rows, 50 accepted, [\d,]+ rows?\/s$/)
      assert.deepStrictEqual(
        yield* emulator.rows(orders.id),
        Array.from({ length: 50 }, (_, id) => ({ id }))
      )
    })
  )

  it.scoped("accepts an array, and calls onDeadLetter for each row that cannot be sent", () =>
    Effect.gen(function* () {
      const { emulator, mammoth } = yield* connected()
      const orders = yield* Effect.promise(() => mammoth.ensure("orders", { ...project, mode: "combine" }))
      const bad: Array<number> = []
      const report = yield* Effect.promise(() =>
        mammoth.ingest(assumeCombine(orders.uri), [{ id: 1 }, { id: Number.NaN }, { id: 3 }], {
          onBadRow: "continue",
          onDeadLetter: ({ index }) => void bad.push(index)
        })
      )
      assert.deepStrictEqual([report.accepted.rows, report.refused.rows, bad], [2, 1, [1]])
      assert.strictEqual((yield* emulator.rows(orders.id)).length, 2)
      const error = yield* rejected(() => mammoth.ingest(orders, [{ id: Number.NaN }]))
      assertTagged(error, "MammothRowRefused")
    })
  )

  it.scoped(
    "pulls a synchronous iterable only as fast as rows are sent, and closes the iterable at the first bad row",
    () =>
      Effect.gen(function* () {
        const { mammoth } = yield* connected()
        const orders = yield* Effect.promise(() => mammoth.ensure("orders", { ...project, mode: "combine" }))
        let pulled = 0
        let isReturned = false
        const cursor = function* () {
          try {
            for (; pulled < 20_000;) yield { id: pulled++ === 10 ? Number.NaN : pulled }
          } finally {
            isReturned = true
          }
        }
        const error = yield* rejected(() => mammoth.ingest(orders, cursor(), { concurrency: 1 }))
        assertTagged(error, "MammothRowRefused")
        assert.isTrue(isReturned)
        assert.isAtMost(pulled, 12)
      })
  )

  it.scoped("sends the rows before the error if a synchronous iterable throws", () =>
    Effect.gen(function* () {
      const { emulator, mammoth } = yield* connected()
      const orders = yield* Effect.promise(() => mammoth.ensure("orders", { ...project, mode: "combine" }))
      const cursor = function* () {
        for (let id = 0; id < 10; id++) yield { id }
        throw new Error("the cursor broke")
      }
      let last: Report | undefined
      const error = yield* rejected(() =>
        mammoth.ingest(orders, cursor(), { concurrency: 1, onReport: (report) => void (last = report) })
      )
      assert.isTrue(isMammothError(error) && error._tag === "MammothSourceError")
      assert.strictEqual(last?.offered, 10)
      assert.isAtLeast((yield* emulator.rows(orders.id)).length, 9)
    })
  )

  it.scoped("closes the source when the signal aborts, and still reports every row", () =>
    Effect.gen(function* () {
      const { emulator, mammoth } = yield* connected()
      const orders = yield* Effect.promise(() => mammoth.ensure("orders", { ...project, mode: "combine" }))
      const controller = new AbortController()
      let isReturned = false
      const endless = async function* () {
        try {
          for (let id = 0; ; id++) {
            if (id === 20) controller.abort()
            yield { id }
          }
        } finally {
          isReturned = true
        }
      }
      let last: Report | undefined
      const error = yield* rejected(() =>
        mammoth.ingest(orders, endless(), { signal: controller.signal, onReport: (report) => void (last = report) })
      )
      assert.isTrue(error instanceof DOMException && isReturned)
      const stored = (yield* emulator.rows(orders.id)).length
      const { accepted, offered, pending, undelivered, unknown } = last ?? assert.fail("no report")
      assert.strictEqual(accepted.rows + unknown.rows + undelivered.rows, offered)
      assert.strictEqual(pending, 0)
      assert.isTrue(accepted.rows <= stored && stored <= accepted.rows + unknown.rows)
    })
  )
})

describe("values of another realm", () => {
  it.scoped("are accepted as rows, and isMammothError recognizes errors of another realm", () =>
    Effect.gen(function* () {
      const { emulator, mammoth } = yield* connected()
      const orders = yield* Effect.promise(() => mammoth.ensure("orders", { ...project, mode: "combine" }))
      const foreign = runInNewContext("({ row: { at: new Date(0), empty: {} }, bad: { at: new Date(NaN) } })")
      yield* Effect.promise(() => mammoth.addData(orders, foreign.row))
      assert.deepStrictEqual(yield* emulator.rows(orders.id), [{ at: "1970-01-01T00:00:00.000Z", empty: {} }])
      const error = yield* rejected(() => mammoth.addData(orders, foreign.bad))
      assert.isTrue(isMammothError(error) && error.message.includes("data.at: expected a valid date"))
      assert.isTrue(isMammothError(runInNewContext('Object.assign(new Error(), { _tag: "MammothNotFound" })')))
      assert.isFalse(isMammothError(runInNewContext('Object.assign(new Error(), { _tag: "Other" })')))
    })
  )
})

describe("replaceAll", () => {
  it.scoped("closes an iterable at the first row that is refused, and sends nothing", () =>
    Effect.gen(function* () {
      const { emulator, mammoth } = yield* connected()
      const prices = yield* Effect.promise(() => mammoth.create({ ...project, mode: "replace" }))
      yield* emulator.clearRequests
      let pulled = 0
      let isReturned = false
      const cursor = function* () {
        try {
          for (; pulled < 1000;) yield { price: pulled++ === 2 ? Number.NaN : 1 }
        } finally {
          isReturned = true
        }
      }
      const error = yield* rejected(() => mammoth.replaceAll(prices, cursor()))
      assertTagged(error, "MammothRowRefused")
      assert.deepStrictEqual([error.index, pulled, isReturned], [2, 3, true])
      assert.deepStrictEqual(yield* emulator.requests, [])
    })
  )
})

describe("a wrong limit of an ingestion", () => {
  it.scoped("causes an InvalidRequest that names the limit", () =>
    Effect.gen(function* () {
      const { emulator, mammoth } = yield* connected()
      for (const [options, message] of [
        [{ batch: null }, "batch: expected an object of limits, or nothing, received null"],
        [{ batch: 500 }, "batch: expected an object of limits, or nothing, received a positive integer"],
        [{ concurrency: "4" }, "concurrency: expected an integer of 1 or more, received a string of 1 character"],
        [{ concurrency: 1.5 }, "concurrency: expected an integer of 1 or more, received 1.5"],
        [{ batch: { maxRows: 0 } }, "batch.maxRows: expected an integer of 1 or more, received 0"]
      ] as const) {
        const error = yield* rejected(() => mammoth.ingest(assumeCombine("k"), [{ id: 1 }], options as never))
        assertTagged(error, "MammothInvalidRequest")
        assert.include(error.message, message)
      }
      assert.deepStrictEqual(yield* emulator.requests, [])
    })
  )
})

describe("values that are not rows", () => {
  it.scoped("cause an InvalidRequest that names the remedy, and nothing is sent", () =>
    Effect.gen(function* () {
      const { emulator, mammoth } = yield* connected()
      const rows = async function* () {
        yield { id: 1 }
      }
      const iterable = "expected an array or another iterable of rows"
      const wrong: ReadonlyArray<readonly [rows: unknown, message: string]> = [
        ["abc", `${iterable} (parse the JSON string first), received a string of 3 characters`],
        [null, `${iterable}, received null`],
        [undefined, `${iterable}, received nothing`],
        [{ id: 1 }, `${iterable}, received an object`],
        [rows, `${iterable} (call a generator function), received a function`]
      ]
      for (const [given, message] of wrong) {
        const ingested = yield* rejected(() => mammoth.ingest(assumeCombine("k"), given as never))
        const replaced = yield* rejected(() => mammoth.replaceAll(assumeReplace("k"), given as never))
        for (const error of [ingested, replaced]) {
          assertTagged(error, "MammothInvalidRequest")
          assert.isTrue(error.message.endsWith(`rows: ${message}`), error.message)
        }
      }
      const error = yield* rejected(() => mammoth.replaceAll(assumeReplace("k"), rows() as never))
      assertTagged(error, "MammothInvalidRequest")
      assert.include(error.message, `rows: ${iterable} (collect the rows of an async iterable first), received an obj`)
      assert.deepStrictEqual(yield* emulator.requests, [])
    })
  )

  it.scoped(
    "cause the error RowRefused, without a false hint about the length, if the second call of toJSON throws",
    () =>
      Effect.gen(function* () {
        const { emulator, mammoth } = yield* connected()
        const row = () => {
          let calls = 0
          return {
            toJSON: () => {
              if (calls++ > 0) throw new Error("the row of Ada")
              return { id: 1 }
            }
          }
        }
        for (const call of [
          () => mammoth.ingest(assumeCombine("k"), [row()]),
          () => mammoth.ingest(assumeCombine("k"), new Set([row()])),
          () => mammoth.replaceAll(assumeReplace("k"), [row()])
        ]) {
          const error = yield* rejected(call)
          assertTagged(error, "MammothRowRefused")
          assert.include(
            error.message,
            "The row at index 0 was not sent: expected a row that can be encoded as JSON, received a row"
          )
          assert.notMatch(error.message, /characters|Ada/)
        }
        assert.deepStrictEqual(yield* emulator.requests, [])
      })
  )

  it.scoped("cause a tagged error if an iterator does not return objects", () =>
    Effect.gen(function* () {
      const { emulator, mammoth } = yield* connected()
      const broken = { [Symbol.iterator]: () => ({ next: () => undefined }) } as never
      const brokenLater = { [Symbol.asyncIterator]: () => ({ next: () => Promise.resolve(1) }) } as never
      for (const [rows, source] of [
        [broken, "iterable: the iterator returned nothing"],
        [brokenLater, "async iterable: the iterator returned a positive integer"]
      ] as const) {
        const error = yield* rejected(() => mammoth.ingest(assumeCombine("k"), rows))
        assert.isTrue(isMammothError(error) && error._tag === "MammothSourceError")
        assert.include(String(error), source)
      }
      const error = yield* rejected(() => mammoth.replaceAll(assumeReplace("k"), broken))
      assertTagged(error, "MammothInvalidRequest")
      assert.include(error.message, "rows: expected an iterator whose `next` returns an object")
      assert.deepStrictEqual(yield* emulator.requests, [])
    })
  )
})

describe("the types", () => {
  it("show a Promise or an AsyncIterable as the result of a call, without types of Effect", () => {
    const types = (mammoth: Client) => ({
      page: () => mammoth.list({ ...project, fields: ["id", "name"] }),
      whole: () => mammoth.inProject(project).getDetails({ webhookId: 1 }),
      combine: () => mammoth.ensure("n", { ...project, mode: "combine" }),
      stream: () => mammoth.stream({ ...project, fields: ["name"] }),
      // @ts-expect-error JSON cannot hold a function.
      noRow: () => mammoth.addData("k", { f: () => 1 }),
      // @ts-expect-error The mode of this webhook is unknown.
      noTarget: (webhook: Webhook.Webhook) => mammoth.ingest(webhook, [{ id: 1 }])
    })
    type Types = ReturnType<typeof types>
    expectTypeOf<ReturnType<Types["page"]>>().toEqualTypeOf<Promise<WebhookPage.WebhookPage<"id" | "name">>>()
    expectTypeOf<ReturnType<Types["whole"]>>().toEqualTypeOf<Promise<Webhook.Webhook>>()
    expectTypeOf<ReturnType<Types["combine"]>>().toEqualTypeOf<Promise<Webhook.CombineWebhook>>()
    expectTypeOf<ReturnType<Types["stream"]>>().toEqualTypeOf<AsyncIterable<{ readonly name: string }>>()
  })
})

describe("close", () => {
  it.scoped("waits for calls in flight, and later calls send nothing", () =>
    Effect.gen(function* () {
      const { emulator, mammoth } = yield* connected()
      yield* emulator.inject(Fault.delay({ delayBefore: 100 }))
      let isAnswered = false
      const call = mammoth.list(project).then(() => (isAnswered = true))
      yield* Effect.promise(() => mammoth.close())
      assert.isTrue(isAnswered)
      yield* Effect.promise(() => call)
      const error = yield* rejected(() => mammoth.list(project))
      assert.instanceOf(error, ClientClosed)
      assert.strictEqual((yield* emulator.requests).length, 1)
    })
  )

  it.scoped("ends iterations, can be called twice, and works with `await using`", () =>
    Effect.gen(function* () {
      const { mammoth } = yield* connected()
      yield* create(mammoth, 2)
      const iterator = mammoth.stream({ ...project, limit: 1 })[Symbol.asyncIterator]()
      yield* Effect.promise(() => iterator.next())
      yield* Effect.promise(() => Promise.all([mammoth.close(), mammoth[Symbol.asyncDispose]()]))
      assert.instanceOf(yield* rejected(() => iterator.next()), ClientClosed)
      assert.deepStrictEqual(yield* Effect.promise(async () => iterator.return?.()), { done: true, value: undefined })
    })
  )
})

describe("secrets", () => {
  it.scoped("are hidden in printed clients, webhooks and errors", () =>
    Effect.gen(function* () {
      const { emulator, mammoth } = yield* connected()
      const webhook = yield* Effect.promise(() => mammoth.create({ ...project, name: "n", isSecure: true }))
      yield* emulator.inject(Fault.status(500, { body: `${keys.apiSecret} ${reveal(webhook.secret)}` }))
      const error = yield* rejected(() => mammoth.addData(webhook, { n: 1 }))
      const secret = reveal(webhook.secret) ?? assert.fail("it is secure")
      const shown = [mammoth, webhook, error, { webhook }].flatMap((value) => [
        inspect(value, { depth: null, showHidden: true, getters: true }),
        JSON.stringify(value) ?? "",
        String(value)
      ])
      for (const text of shown) {
        for (const hidden of [secret, keys.apiKey, keys.apiSecret, reveal(webhook.uri)]) assert.notInclude(text, hidden)
      }
      assert.isTrue(shown.some((text) => text.includes("<redacted>")))
    })
  )

  it("are returned as plain strings by `reveal`", () => {
    const text: string = reveal(Redacted.make("sesame"))
    const textOrNull: string | null = reveal(null as Webhook.Webhook["secret"])
    assert.deepStrictEqual([text, textOrNull], ["sesame", null])
  })
})

const assertThrows = (run: () => unknown): unknown => {
  try {
    run()
  } catch (error) {
    return error
  }
  return assert.fail("nothing was thrown")
}

describe("a value of a wrong type", () => {
  it("causes an error in an environment variable of the SDK, but not in another variable", () => {
    const keys = { MAMMOTHANALYTICS_API_KEY: "key-1234", MAMMOTHANALYTICS_API_SECRET: "secret12" }
    const env: Record<string, string> = JSON.parse('{ "MAMMOTH_TIMEOUT": 5000 }')
    const binding: Record<string, string> = JSON.parse('{ "STORE": { "id": 1 } }')
    assert.throws(
      () => makeClient({ env: { ...keys, ...env } }),
      "env.MAMMOTH_TIMEOUT: expected a string (call reveal), received a positive integer"
    )
    assert.doesNotThrow(() => makeClient({ env: { ...keys, ...binding } }))
  })

  it.scoped("is refused before anything is sent if it is a signal instead of the options", () =>
    Effect.gen(function* () {
      const { emulator, mammoth } = yield* connected()
      const options: object = AbortSignal.abort()
      const error = yield* rejected(() => mammoth.addData("abcdefgh", { n: 1 }, options))
      assert.match(
        String(error),
        /options: expected an object of options, such as \{ signal \}, received an AbortSignal/
      )
      assert.strictEqual((yield* emulator.requests).length, 0)
    })
  )
})
