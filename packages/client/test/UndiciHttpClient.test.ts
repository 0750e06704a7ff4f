import { HttpBody, HttpClient, HttpClientRequest, UrlParams } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { WebhookKey } from "@mammoth-effect/core"
import { Chunk, Effect, Fiber, Layer, Schedule, Stream } from "effect"
import { Agent, Pool } from "undici"
import { Webhooks } from "../src/index.js"
import * as UndiciHttpClient from "../src/UndiciHttpClient.js"
import { calling, serving } from "./support/Listener.js"

/** Starts a server that sends back the body of each request. */
const echo = serving((request, response) => {
  const type = request.headers["content-type"] ?? "text/plain"
  response.writeHead(200, { "content-type": type, "set-cookie": ["a=1", "b=2"], "x-method": request.method ?? "" })
  request.pipe(response)
})

const post = (url: string, body: HttpBody.HttpBody) =>
  HttpClient.execute(HttpClientRequest.post(url).pipe(HttpClientRequest.setBody(body)))

describe("UndiciHttpClient", () => {
  it.scopedLive("returns status, headers and cookies, and the body as text, JSON, bytes, a stream or a form", () =>
    Effect.gen(function* () {
      const { baseUrl } = yield* echo
      const answer = yield* post(baseUrl, HttpBody.unsafeJson({ ü: ["é", 1] }))
      assert.strictEqual(answer.status, 200)
      assert.strictEqual(answer.headers["x-method"], "POST")
      assert.deepStrictEqual(Object.keys(answer.cookies.cookies), ["a", "b"])
      assert.strictEqual(yield* answer.text, '{"ü":["é",1]}')
      assert.deepStrictEqual(yield* answer.json, { ü: ["é", 1] })
      assert.strictEqual(new TextDecoder().decode(yield* answer.arrayBuffer), '{"ü":["é",1]}')
      const chunks = yield* Stream.runCollect(Stream.decodeText(answer.stream))
      assert.strictEqual(Chunk.join(chunks, ""), '{"ü":["é",1]}')
      const form = yield* post(baseUrl, HttpBody.urlParams(UrlParams.fromInput({ a: "1" })))
      assert.deepStrictEqual([...(yield* form.urlParamsBody)], [["a", "1"]])
      assert.strictEqual((yield* form.formData).get("a"), "1")
    }).pipe(Effect.provide(UndiciHttpClient.layer()))
  )

  it.scopedLive("sends and receives a body of a megabyte", () =>
    Effect.gen(function* () {
      const { baseUrl } = yield* echo
      const sent = "🦣 0123456789".repeat(80_000)
      assert.strictEqual(yield* Effect.flatMap(post(baseUrl, HttpBody.text(sent)), ({ text }) => text), sent)
    }).pipe(Effect.provide(UndiciHttpClient.layer()))
  )

  it.scopedLive("sends the query, and skips 1xx responses", () =>
    Effect.gen(function* () {
      const { baseUrl } = yield* serving((request, response) => {
        response.writeEarlyHints({ link: "</style.css>; rel=preload" })
        response.end(request.url)
      })
      const request = HttpClientRequest.get(`${baseUrl}/a?b=1`).pipe(
        HttpClientRequest.appendUrlParam("c", "2"),
        HttpClientRequest.setHash("part")
      )
      const answer = yield* HttpClient.execute(request)
      assert.strictEqual(answer.status, 200)
      assert.strictEqual(yield* answer.text, "/a?b=1&c=2")
    }).pipe(Effect.provide(UndiciHttpClient.layer()))
  )

  it.scopedLive("reuses a connection for consecutive calls, even if nobody reads the responses", () =>
    Effect.gen(function* () {
      const { baseUrl, connections } = yield* echo
      const pools: Array<Pool> = []
      const factory = (origin: string | URL, options: object) => {
        const pool = new Pool(origin, options)
        pools.push(pool)
        return pool
      }
      // Wait until each connection is free, because a response that nobody reads may still be arriving.
      const arrived = Effect.repeat(
        Effect.sync(() => pools.every(({ stats }) => stats.free === stats.connected)),
        { until: (isIdle) => isIdle, schedule: Schedule.spaced("1 millis") }
      )
      yield* Effect.gen(function* () {
        yield* Effect.repeatN(Effect.zipRight(post(baseUrl, HttpBody.text("x".repeat(100_000))), arrived), 9)
        assert.strictEqual(connections(), 1)
        const read = Effect.flatMap(post(baseUrl, HttpBody.text("x")), ({ text }) => text)
        yield* Effect.repeatN(Effect.zipRight(read, arrived), 9)
      }).pipe(Effect.provide(UndiciHttpClient.layer({ factory })))
      assert.deepStrictEqual([pools.length, connections()], [1, 1])
    })
  )

  it.scopedLive(
    "respects undici's limit of connections, and does not send a call that is interrupted in the queue",
    () =>
      Effect.gen(function* () {
        const arrived: Array<string | undefined> = []
        const answer: Array<() => void> = []
        const { baseUrl } = yield* serving((request, response) => {
          arrived.push(request.url)
          answer.push(() => response.end(request.url))
        })
        const get = (path: string) => Effect.flatMap(HttpClient.get(`${baseUrl}${path}`), ({ text }) => text)
        const until = (count: number) =>
          Effect.repeat(
            Effect.sync(() => arrived.length),
            { until: (length) => length === count, schedule: Schedule.spaced("5 millis") }
          )
        const first = yield* Effect.fork(get("/first"))
        yield* until(1)
        const second = yield* Effect.fork(get("/second"))
        yield* Effect.yieldNow()
        const third = yield* Effect.fork(get("/third"))
        yield* Effect.yieldNow()
        yield* Fiber.interrupt(second)
        // Wait 50 ms: with more than one connection, the third request would arrive in this time.
        yield* Effect.sleep("50 millis")
        assert.deepStrictEqual(arrived, ["/first"])
        answer.shift()?.()
        assert.strictEqual(yield* Fiber.join(first), "/first")
        yield* until(2)
        answer.shift()?.()
        assert.strictEqual(yield* Fiber.join(third), "/third")
        assert.deepStrictEqual(arrived, ["/first", "/third"])
      }).pipe(Effect.provide(UndiciHttpClient.layer({ connections: 1 })))
  )

  it.scopedLive(
    "lets two fibers read a response at the same time while the response arrives, and allows another read later",
    () =>
      Effect.gen(function* () {
        let finish = () => {}
        const { baseUrl } = yield* serving((_, response) => {
          response.write("a")
          finish = () => response.end("b")
        })
        const answer = yield* HttpClient.get(baseUrl)
        const readers = yield* Effect.forEach([1, 2], () => Effect.fork(answer.text))
        yield* Effect.yieldNow()
        finish()
        assert.deepStrictEqual(yield* Effect.forEach(readers, Fiber.join), ["ab", "ab"])
        assert.strictEqual(yield* answer.text, "ab")
      }).pipe(Effect.provide(UndiciHttpClient.layer()))
  )

  it.scopedLive("fails every read of a response whose connection closed early", () =>
    Effect.gen(function* () {
      const { baseUrl } = yield* serving((_, response) => {
        response.writeHead(200, { "content-length": 10 })
        response.write("a", () => response.destroy())
      })
      const answer = yield* HttpClient.get(baseUrl)
      for (let i = 0; i < 2; i++) {
        const error = yield* Effect.flip(answer.text)
        assert.strictEqual(error._tag, "ResponseError")
      }
    }).pipe(Effect.provide(UndiciHttpClient.layer()))
  )

  it.scopedLive("refuses a body or a URL that it cannot send, and opens no connection", () =>
    Effect.gen(function* () {
      const { baseUrl, connections } = yield* echo
      for (const body of [HttpBody.formData(new FormData()), HttpBody.stream(Stream.make(new Uint8Array(1)))]) {
        const error = yield* Effect.flip(post(baseUrl, body))
        assert.deepInclude(error, { _tag: "RequestError", reason: "Encode" })
      }
      const error = yield* Effect.flip(HttpClient.get("no url"))
      assert.deepInclude(error, { _tag: "RequestError", reason: "InvalidUrl" })
      assert.strictEqual(connections(), 0)
    }).pipe(Effect.provide(UndiciHttpClient.layer()))
  )

  it.scopedLive(
    "pauses an unread body after the first MiB, and closes the connection when the reader stops early",
    () =>
      Effect.gen(function* () {
        const chunk = Buffer.alloc(65_536)
        let written = 0
        let isClosed = false
        const { baseUrl } = yield* serving((_, response) => {
          const more = () => {
            do written += chunk.length
            while (!response.destroyed && response.write(chunk))
          }
          response.on("drain", more).on("close", () => (isClosed = true))
          more()
        })
        const answer = yield* HttpClient.get(baseUrl)
        const stands = Effect.suspend(() => {
          const before = written
          return Effect.map(Effect.sleep("100 millis"), () => written === before)
        })
        yield* Effect.repeat(stands, { until: (isStill) => isStill })
        // Allow 20 MB, because the buffers of the sockets on both sides also hold bytes.
        assert.isBelow(written, 20_000_000)
        let read = 0
        yield* Stream.runForEachWhile(answer.stream, ({ length }) => Effect.sync(() => (read += length) < 30_000_000))
        assert.isAbove(written, 20_000_000)
        yield* Effect.repeat(
          Effect.sync(() => isClosed),
          { until: (closed) => closed, schedule: Schedule.spaced("5 millis") }
        )
        assert.strictEqual((yield* Effect.flip(answer.text))._tag, "ResponseError")
      }).pipe(Effect.provide(UndiciHttpClient.layer()))
  )

  it.scopedLive("streams a body while it arrives", () =>
    Effect.gen(function* () {
      let finish = () => {}
      const { baseUrl, connections } = yield* serving((_, response) => {
        response.write("a")
        finish = () => response.end("b")
      })
      for (let i = 0; i < 2; i++) {
        const answer = yield* HttpClient.get(baseUrl)
        const texts = Stream.tap(Stream.decodeText(answer.stream), () => Effect.sync(() => finish()))
        assert.strictEqual(yield* Stream.mkString(texts), "ab")
        yield* Effect.sleep("20 millis")
      }
      assert.strictEqual(connections(), 1)
    }).pipe(Effect.provide(UndiciHttpClient.layer()))
  )

  it.scopedLive("fails with delivery NotSent if the dispatcher throws", () =>
    Effect.gen(function* () {
      const agent = yield* Effect.acquireRelease(
        Effect.sync(() => new Agent()),
        (given) => Effect.promise(() => given.destroy())
      )
      const client = UndiciHttpClient.make(
        Object.assign(agent, {
          dispatch: () => {
            throw new TypeError("invalid handler")
          }
        })
      )
      const error = yield* Effect.flip(client.execute(HttpClientRequest.get("http://127.0.0.1:1")))
      assert.deepInclude(error, { _tag: "RequestError", reason: "Encode" })
      const push = Webhooks.addData(WebhookKey.make("k"), { n: 1 })
      const layer = calling("http://127.0.0.1:1", Layer.succeed(HttpClient.HttpClient, client))
      const told = yield* Effect.flip(Effect.provide(push, layer))
      assert.deepInclude(told, { _tag: "MammothTransportError", delivery: "NotSent", description: "invalid handler" })
    })
  )

  it.scopedLive("closes the connections of its own layer, but leaves the caller's dispatcher open", () =>
    Effect.gen(function* () {
      const { baseUrl } = yield* echo
      const agent = yield* Effect.acquireRelease(
        Effect.sync(() => new Agent()),
        (given) => Effect.promise(() => given.destroy())
      )
      const client = UndiciHttpClient.make(agent)
      yield* Effect.scoped(client.execute(HttpClientRequest.get(baseUrl)))
      assert.strictEqual((yield* client.execute(HttpClientRequest.get(baseUrl))).status, 200)
      const ended = yield* Effect.provide(HttpClient.HttpClient, UndiciHttpClient.layer())
      const error = yield* Effect.flip(ended.execute(HttpClientRequest.get(baseUrl)))
      assert.strictEqual(error._tag, "RequestError")
    })
  )
})
