import { createServer, type RequestListener } from "node:http"
import type { AddressInfo } from "node:net"
import { HttpBody, HttpClientRequest } from "@effect/platform"
import { assert, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Stream } from "effect"

/**
 * Starts a server, and returns its base URL. This test cannot use the servers of `support`, because they load undici,
 * which sets the global dispatcher.
 */
const serving = (listener: RequestListener) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.async<ReturnType<typeof createServer>>((resume) => {
        const server = createServer(listener).listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
      }),
      (server) =>
        Effect.sync(() => {
          server.closeAllConnections()
          server.close()
        })
    ),
    (server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  )

const size = 64 * 2 ** 20

it.scopedLive(
  "UndiciHttpClient works with the dispatcher of Node's own fetch, which has another version of undici",
  () =>
    Effect.gen(function* () {
      let written = 0
      let isClosed = false
      const baseUrl = yield* serving((request, response) => {
        if (request.url === "/never") return void response.on("close", () => (isClosed = true))
        if (request.url === "/large") {
          const chunk = Buffer.alloc(2 ** 20, "x")
          const more = () => {
            while (written < size) {
              written += chunk.length
              if (!response.write(chunk)) return
            }
            response.end()
          }
          response.on("drain", more)
          return more()
        }
        response.writeEarlyHints({ link: "</style.css>; rel=preload" })
        response.writeHead(200, { "x-method": request.method ?? "" })
        request.pipe(response)
      })
      // Call fetch before undici is loaded, because undici does not replace an existing dispatcher.
      yield* Effect.promise(() => fetch(baseUrl).then((response) => response.text()))
      const { Agent, getGlobalDispatcher } = yield* Effect.promise(() => import("undici"))
      const UndiciHttpClient = yield* Effect.promise(() => import("../src/UndiciHttpClient.js"))
      const dispatcher = getGlobalDispatcher()
      assert.notInstanceOf(dispatcher, Agent)
      const client = UndiciHttpClient.make(dispatcher)
      const execute = (path: string, body: string) =>
        client.execute(HttpClientRequest.post(`${baseUrl}${path}`, { body: HttpBody.text(body) }))

      const answer = yield* execute("/", "é")
      assert.strictEqual(answer.status, 200)
      assert.strictEqual(answer.headers["x-method"], "POST")
      assert.strictEqual(yield* answer.text, "é")

      const large = yield* execute("/large", "")
      // Wait until the first MiB has arrived, and the client has paused the rest.
      yield* Effect.sleep("300 millis")
      assert.isBelow(written, size)
      assert.strictEqual(yield* Stream.runFold(large.stream, 0, (sum, { length }) => sum + length), size)

      const never = yield* Effect.fork(execute("/never", ""))
      yield* Effect.sleep("100 millis")
      assert.isTrue(Exit.isInterrupted(yield* Fiber.interrupt(never)))
      yield* Effect.repeat(Effect.sleep("5 millis"), { until: () => isClosed }).pipe(Effect.timeout("5 seconds"))

      const refused = client.execute(HttpClientRequest.get("http://127.0.0.1:1"))
      assert.strictEqual((yield* Effect.flip(refused))._tag, "RequestError")
    })
)
