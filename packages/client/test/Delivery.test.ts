import { createServer as createHttpServer } from "node:http"
import { createServer as createTlsServer } from "node:https"
import { createServer, type AddressInfo, type Server as NetServer, type Socket } from "node:net"
import { TLSSocket } from "node:tls"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import { assert, describe, it } from "@effect/vitest"
import { WebhookKey, type WebhooksError } from "@mammoth-effect/core"
import { Emulator, Fault } from "@mammoth-effect/emulator"
import { Effect, Exit, Fiber, Layer, Schedule } from "effect"
import { Agent, ProxyAgent } from "undici"
import { MammothConfig, RequestOptions, RetryPolicy, Webhooks } from "../src/index.js"
import * as UndiciHttpClient from "../src/UndiciHttpClient.js"
import { certificate, key } from "./support/Certificate.js"
import * as Server from "./support/Server.js"

/** A fetch that hides the reason for a failure, as browsers do. */
const secretiveFetch: typeof fetch = (input, init) =>
  fetch(input, init).then(
    (response) =>
      new Proxy(response, {
        get: (target, name) => {
          const value: unknown = Reflect.get(target, name)
          if (name === "text") return () => target.text().catch(() => Promise.reject(new TypeError("Failed to fetch")))
          return typeof value === "function" ? value.bind(target) : value
        }
      }),
    () => Promise.reject(new TypeError("Failed to fetch"))
  )

const transports: Readonly<Record<string, Layer.Layer<HttpClient.HttpClient>>> = {
  "Node's fetch": FetchHttpClient.layer,
  undici: NodeHttpClient.layerUndici,
  "undici's dispatcher": UndiciHttpClient.layer(),
  "node:http": NodeHttpClient.layer,
  "a browser's fetch": FetchHttpClient.layer.pipe(
    Layer.provideMerge(Layer.succeed(FetchHttpClient.Fetch, secretiveFetch))
  )
}

const list = Server.api.list()
const push = Webhooks.addData(WebhookKey.make("k"), { n: 1 })

/** Runs a call. Returns `success`, or the error's tag, its reason or stage, and its delivery. */
const told = <A, E extends WebhooksError.WebhooksError, R>(call: Effect.Effect<A, E, R>) =>
  Effect.match(call, {
    onSuccess: () => "success",
    onFailure: (error: WebhooksError.WebhooksError) => {
      const detail =
        error._tag === "MammothTransportError"
          ? ` ${error.reason}`
          : error._tag === "MammothTimedOut"
            ? ` ${error.stage}`
            : ""
      return `${error._tag}${detail} ${error.delivery}`
    }
  })

/** Provides the operations with any base URL, even if no server listens there. */
const at = (baseUrl: string, client: Layer.Layer<HttpClient.HttpClient>) =>
  Webhooks.layer.pipe(
    Layer.provide([
      Server.keys("key", "secret"),
      MammothConfig.layer({ baseUrl, allowInsecure: true, timeout: "10 seconds" }),
      RetryPolicy.layer(RetryPolicy.none),
      client
    ]),
    Layer.orDie
  )

const listening = (server: NetServer) =>
  Effect.acquireRelease(
    Effect.async<number>((resume) => {
      server.listen(0, "127.0.0.1", () => resume(Effect.succeed((server.address() as AddressInfo).port)))
    }),
    () => Effect.async<void>((resume) => void server.close(() => resume(Effect.void)))
  )

/** Returns a port that was free a moment ago, so that a connection to the port is refused. */
const freePort = Effect.scoped(listening(createServer()))

/** Waits until at most `most` connections to the emulator are open. */
const socketsSettle = (most: number) =>
  Effect.flatMap(Emulator.Emulator, (emulator) => emulator.openSockets).pipe(
    Effect.repeat({ until: (open) => open <= most, schedule: Schedule.spaced("10 millis") }),
    Effect.timeout("5 seconds")
  )

for (const [name, client] of Object.entries(transports)) {
  const secretive = name === "a browser's fetch"
  const notSent = secretive ? "Unknown (the browser hides the reason)" : "NotSent"

  describe(`A call over ${name}`, () => {
    it.live(`fails with the delivery ${notSent} if nothing listens on the port`, () =>
      Effect.gen(function* () {
        const layer = at(`http://127.0.0.1:${yield* freePort}/api/v2`, client)
        const expected = secretive ? "MammothTransportError other Unknown" : "MammothTransportError connect NotSent"
        assert.strictEqual(yield* told(Effect.provide(list, layer)), expected)
        assert.strictEqual(yield* told(Effect.provide(push, layer)), expected)
      })
    )

    it.live(`fails with the delivery ${notSent} if the host name does not resolve`, () =>
      Effect.gen(function* () {
        // Use a host name with a label that is too long, so that the resolver fails without a request to a DNS server.
        const layer = at(`http://${"x".repeat(64)}.localhost/api/v2`, client)
        const expected = secretive ? "MammothTransportError other Unknown" : "MammothTransportError dns NotSent"
        assert.strictEqual(yield* told(Effect.provide(push, layer)), expected)
      })
    )

    it.live("fails with the delivery Unknown if the server does not use TLS", () =>
      Effect.gen(function* () {
        const { baseUrl } = yield* Emulator.Emulator
        const layer = at(baseUrl.replace("http:", "https:"), client)
        // Expect Unknown, because a proxy's plain bytes can cause the same error after the request was sent.
        const expected = secretive ? "MammothTransportError other Unknown" : "MammothTransportError tls Unknown"
        assert.strictEqual(yield* told(Effect.provide(push, layer)), expected)
      }).pipe(Effect.provide(Emulator.layer()))
    )

    it.live(`fails with the delivery ${notSent} if the server's certificate is not trusted`, () =>
      Effect.scoped(
        Effect.gen(function* () {
          const port = yield* listening(createTlsServer({ cert: certificate, key }))
          const layer = at(`https://127.0.0.1:${port}/api/v2`, client)
          const expected = secretive ? "MammothTransportError other Unknown" : "MammothTransportError tls NotSent"
          assert.strictEqual(yield* told(Effect.provide(push, layer)), expected)
        })
      )
    )

    const faults: ReadonlyArray<readonly [fault: Fault.Fault, ofList: RegExp, ofPush: RegExp]> = [
      [
        Fault.reset("start"),
        /^MammothTransportError (reset|closed|other) Unknown$/,
        /^MammothTransportError (reset|closed|other) Unknown$/
      ],
      [Fault.reset("headers"), /^MammothDecodeError Accepted$/, /^success$/],
      [Fault.reset("body"), /^MammothDecodeError Accepted$/, /^success$/],
      [Fault.truncated(), /^MammothDecodeError Accepted$/, /^success$/],
      [Fault.stall("start"), /^MammothTimedOut request Unknown$/, /^MammothTimedOut request Unknown$/],
      [Fault.stall("headers"), /^MammothTimedOut body Accepted$/, /^success$/],
      [Fault.stall("body"), /^MammothTimedOut body Accepted$/, /^success$/],
      // Accept an error or a success: fetch fails because it cannot decompress the body, but the other transports
      // return the body.
      [Fault.gzipLie(), /^(MammothDecodeError Accepted|success)$/, /^success$/],
      [
        Fault.delay({ delayAfter: "1 minute" }),
        /^MammothTimedOut request Unknown$/,
        /^MammothTimedOut request Unknown$/
      ]
    ]

    it.live("reports a delivery that depends on when the connection broke or stalled, and closes the connection", () =>
      Effect.gen(function* () {
        const webhook = yield* Server.api.create({ mode: "combine" })
        for (const [fault, ofList, ofPush] of faults) {
          const what = JSON.stringify(fault)
          // Set a long timeout if the fault breaks the connection, so that the call fails before the timeout.
          const timeout = ofList.source.includes("MammothTimedOut") ? "400 millis" : "10 seconds"
          const limited = RequestOptions.withOptions({ timeout })
          yield* Server.inject(fault)
          assert.match(yield* told(limited(list)), ofList, what)
          yield* Server.inject(fault)
          assert.match(yield* told(limited(Webhooks.addData(webhook, { n: 1 }))), ofPush, what)
        }
        // Allow two open connections: a transport may keep a connection alive for the next call.
        yield* socketsSettle(2)
      }).pipe(Effect.provide(Server.layer({ client })))
    )

    it.live("closes its connection when the call is interrupted", () =>
      Effect.gen(function* () {
        const emulator = yield* Emulator.Emulator
        yield* Server.inject(Fault.stall("start"))
        const fiber = yield* Effect.fork(list)
        yield* Effect.repeat(emulator.requests, {
          until: (requests) => requests.length > 0,
          schedule: Schedule.spaced("5 millis")
        })
        const exit = yield* Fiber.interrupt(fiber)
        assert.isTrue(Exit.isInterrupted(exit))
        yield* socketsSettle(0)
      }).pipe(Effect.provide(Server.layer({ client })))
    )
  })
}

const trusting: Readonly<Record<string, Layer.Layer<HttpClient.HttpClient>>> = {
  undici: NodeHttpClient.layerUndiciWithoutDispatcher.pipe(
    Layer.provide(
      Layer.scoped(
        NodeHttpClient.Dispatcher,
        Effect.acquireRelease(
          Effect.sync(() => new Agent({ connect: { ca: certificate } })),
          (agent) => Effect.promise(() => agent.destroy())
        )
      )
    )
  ),
  "undici's dispatcher": UndiciHttpClient.layer({ connect: { ca: certificate } }),
  "node:http": Layer.provide(NodeHttpClient.layerWithoutAgent, NodeHttpClient.makeAgentLayer({ ca: certificate }))
}

describe("A call to a port that fetch blocks", () => {
  it.live("fails with the delivery NotSent", () =>
    Effect.gen(function* () {
      // Use port 6000, the port of X11, because the fetch standard blocks this port.
      const layer = at("http://127.0.0.1:6000/api/v2", FetchHttpClient.layer)
      assert.strictEqual(yield* told(Effect.provide(push, layer)), "MammothTransportError connect NotSent")
    })
  )
})

describe("A call through a proxy that writes plain bytes into the TLS connection", () => {
  for (const [name, client] of Object.entries(trusting)) {
    it.scopedLive(`fails with the delivery Unknown over ${name}`, () =>
      Effect.gen(function* () {
        const received: Array<string> = []
        const port = yield* listening(
          createServer((raw) => {
            const within = new TLSSocket(raw, { isServer: true, cert: certificate, key })
            raw.on("error", () => undefined)
            within
              .on("error", () => undefined)
              .once("data", (data: Buffer) => {
                received.push(data.toString())
                raw.write("HTTP/1.1 502 Bad Gateway\r\nconnection: close\r\n\r\n", () => raw.end())
              })
          })
        )
        const outcome = yield* told(Effect.provide(push, at(`https://localhost:${port}/api/v2`, client)))
        assert.match(outcome, /^MammothTransportError (tls|closed) Unknown$/)
        assert.lengthOf(received, 1)
        assert.match(received[0] ?? "", /^POST .*\/webhooks\/data\/k /)
      })
    )
  }
})

describe("A call through a proxy that refuses to connect", () => {
  const through: Readonly<Record<string, (proxy: ProxyAgent) => Layer.Layer<HttpClient.HttpClient>>> = {
    undici: (proxy) =>
      Layer.provide(NodeHttpClient.layerUndiciWithoutDispatcher, Layer.succeed(NodeHttpClient.Dispatcher, proxy)),
    "undici's dispatcher": (proxy) => Layer.succeed(HttpClient.HttpClient, UndiciHttpClient.make(proxy))
  }
  for (const [name, layer] of Object.entries(through)) {
    it.scopedLive(
      `fails over ${name} with an error that names the proxy, and is retried after status 502 but not after 403 or 407`,
      () =>
        Effect.gen(function* () {
          for (const [status, attempts] of [
            [407, 1],
            [403, 1],
            [502, 4]
          ] as const) {
            let asked = 0
            const port = yield* listening(
              createHttpServer().on("connect", (_, socket) => {
                asked++
                socket.end(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`)
              })
            )
            const proxy = yield* Effect.acquireRelease(
              Effect.sync(() => new ProxyAgent(`http://127.0.0.1:${port}`)),
              (agent) => Effect.promise(() => agent.destroy())
            )
            const calls = Effect.provide(
              Effect.all([Effect.flip(push), Effect.flip(list)]).pipe(
                RequestOptions.withOptions({ retry: RetryPolicy.make({ initialInterval: 1 }) })
              ),
              at("https://mammoth.example/api/v2", layer(proxy))
            )
            for (const error of yield* calls) {
              assert.deepInclude(error, {
                _tag: "MammothTransportError",
                reason: "connect",
                delivery: "NotSent",
                proxyStatus: status,
                attempts
              })
              assert.include(error.message, `Check the proxy, which refused to connect to the server (${status})`)
            }
            assert.strictEqual(asked, 2 * attempts)
          }
        })
    )
  }
})

// Run these tests at the same time, because they only wait.
describe.concurrent("A call to a server that never completes the TLS handshake", () => {
  for (const [name, client] of Object.entries(transports)) {
    it.live(
      `ends at its timeout over ${name}, and the connection closes`,
      () =>
        Effect.scoped(
          Effect.gen(function* () {
            const sockets = new Set<Socket>()
            const port = yield* listening(
              createServer((socket) => {
                sockets.add(socket)
                socket
                  .on("error", () => undefined)
                  .on("close", () => sockets.delete(socket))
                  .resume()
              })
            )
            const layer = at(`https://127.0.0.1:${port}/api/v2`, client)
            const call = RequestOptions.withOptions({ timeout: "300 millis" })(push)
            assert.strictEqual(yield* told(Effect.provide(call, layer)), "MammothTimedOut request Unknown")
            // Wait up to 20 seconds, because undici keeps a pending connection for ten seconds.
            // Node's fetch also uses undici.
            yield* Effect.sync(() => sockets.size).pipe(
              Effect.repeat({ until: (open) => open === 0, schedule: Schedule.spaced("50 millis") }),
              Effect.timeout("20 seconds")
            )
          })
        ),
      30_000
    )
  }
})
