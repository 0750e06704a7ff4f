import { createServer, type RequestListener } from "node:http"
import type { AddressInfo } from "node:net"
import { HttpBody, HttpClient, HttpClientRequest, UrlParams } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Chunk, Effect, Fiber, Schedule, Stream } from "effect"
import { Agent } from "undici"
import * as UndiciHttpClient from "../src/UndiciHttpClient.js"

/** The base URL of a server, and how many connections it has had. */
const serving = (listener: RequestListener) =>
  Effect.acquireRelease(
    Effect.async<{ readonly baseUrl: string; readonly connections: () => number; readonly close: () => void }>(
      (resume) => {
        let connections = 0
        const server = createServer(listener)
        server.on("connection", () => connections++)
        server.listen(0, "127.0.0.1", () => {
          const { port } = server.address() as AddressInfo
          resume(
            Effect.succeed({
              baseUrl: `http://127.0.0.1:${port}`,
              connections: () => connections,
              close: () => {
                server.closeAllConnections()
                server.close()
              }
            })
          )
        })
      }
    ),
    ({ close }) => Effect.sync(close)
  )

/** A server that answers with what it was sent. */
const echo = serving((request, response) => {
  const type = request.headers["content-type"] ?? "text/plain"
  response.writeHead(200, { "content-type": type, "set-cookie": ["a=1", "b=2"], "x-method": request.method ?? "" })
  request.pipe(response)
})

const post = (url: string, body: HttpBody.HttpBody) =>
  HttpClient.execute(HttpClientRequest.post(url).pipe(HttpClientRequest.setBody(body)))

describe("Over undici's dispatcher", () => {
  it.scopedLive("an answer has its status, headers, cookies and body, in each form that the platform knows", () =>
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

  it.scopedLive("a body of a megabyte in both directions arrives whole", () =>
    Effect.gen(function* () {
      const { baseUrl } = yield* echo
      const sent = "🦣 0123456789".repeat(80_000)
      assert.strictEqual(yield* Effect.flatMap(post(baseUrl, HttpBody.text(sent)), ({ text }) => text), sent)
    }).pipe(Effect.provide(UndiciHttpClient.layer()))
  )

  it.scopedLive("the query and informational answers before the real one do not get lost or in the way", () =>
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

  it.scopedLive("calls one after the other share a connection, also where nobody reads the answers", () =>
    Effect.gen(function* () {
      const { baseUrl, connections } = yield* echo
      yield* Effect.repeatN(post(baseUrl, HttpBody.text("x".repeat(100_000))), 9)
      // an answer that nobody reads may still be on its way when the next call begins
      assert.isAtMost(connections(), 3)
      yield* Effect.repeatN(
        Effect.flatMap(post(baseUrl, HttpBody.text("x")), ({ text }) => text),
        9
      )
      assert.isAtMost(connections(), 3)
    }).pipe(Effect.provide(UndiciHttpClient.layer()))
  )

  it.scopedLive(
    "undici's own settings hold, and a call that is given up while it waits for its turn is never sent",
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
        // with more than one connection, the third would be there by now
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

  it.scopedLive("an answer can be read by two fibers, before and after it is whole", () =>
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

  it.scopedLive("reading an answer that breaks off fails, as often as it is tried", () =>
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

  it.scopedLive("what it cannot send is refused before anything is sent", () =>
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

  it.scopedLive("the layer closes its connections; a dispatcher that was given stays open", () =>
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
