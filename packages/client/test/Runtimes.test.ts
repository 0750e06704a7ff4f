/**
 * Tests the settings that fetch receives in each runtime. Each test sets the globals of its runtime. The packages check
 * uses the real runtimes.
 */
import { createServer } from "node:http"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import { assert, describe, it } from "@effect/vitest"
import type { WebhooksError } from "@mammoth-effect/core"
import { Emulator } from "@mammoth-effect/emulator"
import { Effect, Layer, Redacted } from "effect"
import { vi } from "vitest"
import { MammothConfig, RetryPolicy, Webhooks } from "../src/index.js"
import { makeClient } from "../src/promise.js"
import * as Server from "./support/Server.js"

interface Init extends RequestInit {
  readonly client?: unknown
  readonly next?: unknown
}

const NodeRequest = Request

/** The `Request` of Cloudflare Workers whose compatibility date is before 2024-11-11. */
class WithoutCacheMode extends NodeRequest {
  constructor(input: RequestInfo | URL, init?: RequestInit) {
    if (init?.cache !== undefined) throw new Error("The 'cache' field on 'RequestInitializerDict' is not implemented.")
    super(input, init)
  }
}

/** The `Request` of browsers, which do not let a page set some headers. */
class WithGuard extends NodeRequest {
  constructor(input: RequestInfo | URL, init: RequestInit = {}) {
    const headers = [...new Headers(init.headers)].filter(([name]) => !name.startsWith("sec-"))
    super(input, { ...init, headers })
  }
}

/** Makes a fetch that records its settings, and responds with a body that fits every operation. */
const recorder = (told: Array<Init>): typeof fetch => {
  const webhook = { id: 8, name: "n", mode: "combine", uri: "/webhook/data/k", ds_id: 1 }
  return (_, init) => {
    told.push(init ?? {})
    return Promise.resolve(Response.json({ webhooks: [], next: "", webhook }))
  }
}

/** Loads the SDK with the given globals. Returns a layer, and one call of each operation. */
const load = async (globals: Readonly<Record<string, unknown>>) => {
  for (const [name, value] of Object.entries(globals)) vi.stubGlobal(name, value)
  vi.resetModules()
  const sdk = await import("../src/index.js").finally(() => vi.unstubAllGlobals())
  const layer = sdk.Webhooks.layer.pipe(
    Layer.provide([
      sdk.Credentials.layer({ apiKey: Redacted.make("key"), apiSecret: Redacted.make("secret") }),
      sdk.MammothConfig.layer({ userAgent: "shop/1.0" }),
      sdk.RetryPolicy.layer(sdk.RetryPolicy.none),
      FetchHttpClient.layer
    ])
  )
  const api = sdk.Webhooks.inProject(Server.project)
  const reads = [api.list(), api.getDetails({ webhookId: 8 })]
  const writes = [
    api.create({ name: "n" }),
    api.update({ webhookId: 8, origins: "*" }),
    api.delete({ webhookId: 8 }),
    sdk.Webhooks.addData("k", { n: 1 }),
    sdk.Webhooks.addDataUsingGet("k", { n: 1 })
  ]
  return { layer, reads, writes }
}

/** Loads the SDK with the given globals. Returns a function that makes all calls and then returns fetch's settings. */
const loadIn = async (globals: Readonly<Record<string, unknown>>) => {
  const { layer, reads, writes } = await load(globals)
  const toldBy = (calls: ReadonlyArray<Effect.Effect<unknown, unknown, Webhooks.Webhooks>>, given: Init) =>
    Effect.gen(function* () {
      const told: Array<Init> = []
      yield* Effect.provideService(Effect.all(calls), FetchHttpClient.Fetch, recorder(told))
      assert.lengthOf(told, calls.length)
      return told
    }).pipe(Effect.provide(layer), Effect.provideService(FetchHttpClient.RequestInit, given), Effect.runPromise)
  return async (given: Init = {}) => ({ reads: await toldBy(reads, given), writes: await toldBy(writes, given) })
}

const header =
  (name: string) =>
  ({ headers }: Init) =>
    new Headers(headers).get(name)

describe("In Deno", () => {
  const withoutPool = { kept: 0 }
  const createHttpClient = (options: { readonly poolMaxIdlePerHost?: number }) =>
    options.poolMaxIdlePerHost === 0 ? withoutPool : "a pool"

  it("each write uses a client without idle connections, or the caller's own client", async () => {
    const tell = await loadIn({ Deno: { createHttpClient } })
    const { reads, writes } = await tell()
    for (const { client } of writes) assert.strictEqual(client, withoutPool)
    for (const init of reads) assert.notProperty(init, "client")
    const client = { proxy: "the caller's" }
    const given = await tell({ client })
    for (const init of [...given.reads, ...given.writes]) assert.strictEqual(init.client, client)
  })

  /** Returns the deliveries of reads and writes if fetch cannot connect. */
  const failToConnect = async (version: string, given: Init = {}) => {
    const { layer, reads, writes } = await load({ Deno: { createHttpClient, version: { deno: version } } })
    const cause = new Error("client error (Connect): tcp connect error: Connection refused (os error 111)")
    const refuse = () => Promise.reject(new TypeError("fetch failed", { cause }))
    const deliveries = (calls: ReadonlyArray<Effect.Effect<unknown, WebhooksError.WebhooksError, Webhooks.Webhooks>>) =>
      Effect.forEach(calls, (call) => Effect.map(Effect.flip(call), ({ delivery }) => delivery)).pipe(
        Effect.map((all) => [...new Set(all)].join()),
        Effect.provideService(FetchHttpClient.Fetch, refuse),
        Effect.provideService(FetchHttpClient.RequestInit, given),
        Effect.provide(layer),
        Effect.runPromise
      )
    return { reads: await deliveries(reads), writes: await deliveries(writes) }
  }

  it.each(["2.7.9", "2.8.3", "2.9.5"])(
    "a write that cannot connect has the delivery Unknown in version %s, because Deno may already have sent the write once",
    async (version) => {
      assert.deepStrictEqual(await failToConnect(version), { reads: "NotSent", writes: "Unknown" })
    }
  )

  it.each(["2.6.6", "2.9.6", "2.9.50", "2.10.0", "3.7.0"])(
    "a call that cannot connect has the delivery NotSent in version %s",
    async (version) => {
      assert.deepStrictEqual(await failToConnect(version), { reads: "NotSent", writes: "NotSent" })
    }
  )

  it("the body of a write is a Blob if Deno or the caller's own client could send the write twice", async () => {
    const bodies = async (version: string, given: Init = {}) => {
      const tell = await loadIn({ Deno: { createHttpClient, version: { deno: version } } })
      const { writes } = await tell(given)
      return Promise.all(writes.map(async ({ body }) => (body instanceof Blob ? await body.text() : typeof body)))
    }
    const blobs = [`{"name":"n"}`, `{"patch":[{"path":"origins","op":"replace","value":"*"}]}`, `{"n":1}`]
    const [created, updated, pushed] = blobs
    assert.deepStrictEqual(await bodies("2.9.5"), [created, updated, "undefined", pushed, "undefined"])
    assert.deepStrictEqual(await bodies("2.9.6", { client: "a pool" }), [
      created,
      updated,
      "undefined",
      pushed,
      "undefined"
    ])
    assert.deepStrictEqual(await bodies("2.9.6"), ["object", "object", "undefined", "object", "undefined"])
  })

  it("a write that cannot connect over the caller's own client has the delivery Unknown", async () => {
    const deliveries = await failToConnect("2.9.6", { client: "a pool" })
    assert.deepStrictEqual(deliveries, { reads: "NotSent", writes: "Unknown" })
  })
})

describe("In Bun", () => {
  it("each write uses a new connection, even if the caller sets keepalive", async () => {
    const tell = await loadIn({ Bun: {} })
    const { reads, writes } = await tell({ keepalive: true })
    for (const { keepalive } of writes) assert.isFalse(keepalive)
    for (const { keepalive } of reads) assert.isTrue(keepalive)
  })
})

describe("In Workers", () => {
  it("calls set no cache mode if the runtime refuses cache modes", async () => {
    const tell = await loadIn({ Request: WithoutCacheMode, WorkerGlobalScope: Object, self: globalThis })
    const { reads, writes } = await tell()
    for (const init of [...reads, ...writes]) {
      assert.notProperty(init, "cache")
      assert.deepStrictEqual([header("cache-control")(init), header("user-agent")(init)], ["no-cache", "shop/1.0"])
    }
  })
})

describe("In browsers", () => {
  it("requests add no header that causes a preflight request, and can outlive the page", async () => {
    const tell = await loadIn({ Request: WithGuard, self: globalThis })
    const { reads, writes } = await tell({ keepalive: true })
    for (const init of [...reads, ...writes]) {
      assert.deepStrictEqual([header("cache-control")(init), header("user-agent")(init)], [null, null])
      assert.deepStrictEqual([init.cache, init.keepalive], ["no-store", true])
    }
  })
})

describe("In Node", () => {
  it("the SDK creates no Request object, so that other transports do not load fetch", async () => {
    const made = vi.fn<() => void>()
    class Counted extends NodeRequest {
      constructor(input: RequestInfo | URL, init?: RequestInit) {
        made()
        super(input, init)
      }
    }
    const tell = await loadIn({ Request: Counted })
    const { reads, writes } = await tell()
    for (const init of [...reads, ...writes]) {
      assert.deepStrictEqual([init.cache, header("user-agent")(init)], ["no-store", "shop/1.0"])
    }
    assert.lengthOf(made.mock.calls, 0)
    await loadIn({ Request: Counted, self: globalThis })
    assert.isAbove(made.mock.calls.length, 0)
  })

  it.live("calls reuse connections", () =>
    Effect.gen(function* () {
      let connections = 0
      const server = createServer((request, response) => {
        request.resume()
        response.end("{}")
      }).on("connection", () => connections++)
      yield* Effect.acquireRelease(
        Effect.async<void>((resume) => void server.listen(0, "127.0.0.1", () => resume(Effect.void))),
        () => Effect.sync(() => server.closeAllConnections())
      )
      const address = server.address()
      const layer = Webhooks.layerPush.pipe(
        Layer.provide([
          MammothConfig.layer({ baseUrl: `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}` }),
          FetchHttpClient.layer
        ])
      )
      const push = Effect.zip(Webhooks.addData("k", { n: 1 }), Webhooks.addDataUsingGet("k", { n: 1 }))
      yield* Effect.repeatN(push, 9).pipe(Effect.provide(layer))
      // Allow two connections: fetch may return the first connection to the pool too late for the second request.
      assert.isAtMost(connections, 2)
    }).pipe(Effect.scoped)
  )
})

describe("A cache of responses", () => {
  it("is bypassed by reads and writes, even if the caller's settings allow caching", async () => {
    const given: Init = { cache: "force-cache", next: { revalidate: 60 }, credentials: "include", redirect: "follow" }
    const { reads, writes } = await (await loadIn({}))(given)
    for (const init of [...reads, ...writes]) {
      assert.deepInclude(init, { cache: "no-store", next: undefined, credentials: "include", redirect: "manual" })
      assert.strictEqual(header("cache-control")(init), "no-cache")
    }
  })

  /** Makes a fetch that caches the responses to these methods, as Next.js 14 does in server components. */
  const keeping = (...methods: ReadonlyArray<string>): typeof fetch => {
    const kept = new Map<string, Promise<Response>>()
    return async (input, init = {}) => {
      if (init.cache === "no-store" || !methods.includes(init.method ?? "GET")) return fetch(input, init)
      const key = `${init.method} ${new Request(input).url}`
      const known = kept.get(key) ?? fetch(input, init)
      kept.set(key, known)
      return (await known).clone()
    }
  }

  it.effect("is bypassed by `ensure`, which returns the same webhook each time even if the cache stores GETs", () =>
    Effect.gen(function* () {
      const ensure = Effect.map(Server.api.ensure("orders", { mode: "combine" }), ({ id }) => id)
      const views = Effect.replicateEffect(ensure, 3)
      const ids = yield* Effect.provideService(views, FetchHttpClient.Fetch, keeping("GET"))
      assert.deepStrictEqual(ids, [1, 1, 1])
    }).pipe(Effect.provide(Server.layer()))
  )

  it.effect("is bypassed by each push, even if the rows are equal and the cache stores GETs and POSTs", () =>
    Effect.gen(function* () {
      const orders = yield* Server.api.create({ mode: "combine" })
      const push = Effect.zip(Webhooks.addData(orders, { n: "1" }), Webhooks.addDataUsingGet(orders, { n: 1 }))
      yield* Effect.provideService(Effect.repeatN(push, 1), FetchHttpClient.Fetch, keeping("GET", "POST"))
      const { rows } = yield* Emulator.Emulator
      assert.lengthOf(yield* rows(orders.id), 4)
    }).pipe(Effect.provide(Server.layer()))
  )
})

describe("A call over the caller's own fetch", () => {
  it.effect("is sent without a cache mode if fetch throws because of the cache mode", () =>
    Effect.gen(function* () {
      const fetch: typeof globalThis.fetch = (_, init) => {
        if (init?.cache !== undefined) throw new Error("not implemented")
        return Promise.resolve(new Response("{}"))
      }
      const pushed = Effect.zip(Webhooks.addData("k", { n: 1 }), Webhooks.addDataUsingGet("k", { n: 1 }))
      yield* pushed.pipe(Effect.provide(Server.layer()), Effect.provideService(FetchHttpClient.Fetch, fetch))
    })
  )

  const deliveryAfter = (fetch: typeof globalThis.fetch) =>
    Effect.flip(Webhooks.addData("k", { n: 1 })).pipe(
      Effect.map((error) => [error._tag, error.delivery, error.message.includes("no such proxy")]),
      Effect.provide(Server.layer({ retry: RetryPolicy.standard })),
      Effect.provideService(FetchHttpClient.Fetch, fetch)
    )

  it.effect("fails with the delivery NotSent if fetch throws", () =>
    Effect.gen(function* () {
      const throwing = () => {
        throw new Error("no such proxy")
      }
      assert.deepStrictEqual(yield* deliveryAfter(throwing), ["MammothTransportError", "NotSent", true])
    })
  )

  it.effect("fails with the delivery Unknown if the promise of fetch rejects", () =>
    Effect.gen(function* () {
      const rejecting = () => Promise.reject(new Error("no such proxy"))
      assert.deepStrictEqual(yield* deliveryAfter(rejecting), ["MammothTransportError", "Unknown", true])
    })
  )

  it("copies the digest to its error if fetch rejects with a framework's error", async () => {
    const signal = Object.assign(new Error("no-store fetch https://a.example/key"), { digest: "DYNAMIC_SERVER_USAGE" })
    const client = makeClient({
      credentials: { apiKey: "key", apiSecret: "secret" },
      fetch: () => Promise.reject(signal)
    })
    const error: unknown = await client.addData("k", { n: 1 }).catch((error: unknown) => error)
    assert.deepInclude(error, { digest: "DYNAMIC_SERVER_USAGE" })
    assert.notInclude(String(error), "a.example")
    await client.close()
  })
})
