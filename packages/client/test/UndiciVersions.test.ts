import { HttpBody, HttpClientRequest } from "@effect/platform"
import { assert, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Stream } from "effect"
import { serving } from "./support/Listener.js"

it.scopedLive("works over the dispatcher that Node's own fetch has set, whose version of undici is another", () =>
  Effect.gen(function* () {
    const { baseUrl, connections } = yield* serving((request, response) => {
      if (request.url === "/never") return
      response.writeEarlyHints({ link: "</style.css>; rel=preload" })
      response.writeHead(200, { "x-method": request.method ?? "" })
      request.pipe(response)
    })
    // before undici is loaded, which leaves a dispatcher that is there as it is
    yield* Effect.promise(() => fetch(baseUrl).then((response) => response.text()))
    const { getGlobalDispatcher } = yield* Effect.promise(() => import("undici"))
    const UndiciHttpClient = yield* Effect.promise(() => import("../src/UndiciHttpClient.js"))
    const client = UndiciHttpClient.make(getGlobalDispatcher())
    const execute = (path: string, body: string) =>
      client.execute(HttpClientRequest.post(`${baseUrl}${path}`, { body: HttpBody.text(body) }))

    const answer = yield* execute("/", "é")
    assert.strictEqual(answer.status, 200)
    assert.strictEqual(answer.headers["x-method"], "POST")
    assert.strictEqual(yield* answer.text, "é")

    const large = yield* execute("/", "x".repeat(4_000_000))
    // by now its first MiB is there, and it waits
    yield* Effect.sleep("50 millis")
    assert.strictEqual(yield* Stream.runFold(large.stream, 0, (sum, { length }) => sum + length), 4_000_000)

    const before = connections()
    const never = yield* Effect.fork(execute("/never", ""))
    yield* Effect.sleep("50 millis")
    assert.isTrue(Exit.isInterrupted(yield* Fiber.interrupt(never)))
    assert.isAtMost(connections(), before + 1)

    const refused = client.execute(HttpClientRequest.get("http://127.0.0.1:1"))
    assert.strictEqual((yield* Effect.flip(refused))._tag, "RequestError")
  })
)
