import * as Http from "node:http"
import { assert, describe, it } from "@effect/vitest"
import { Operations } from "@mammoth-effect/core"
import { Effect, Exit, Fiber, Schema } from "effect"
import { Emulator, Fault } from "../src/index.js"
import { call, create, exchange, forms, inProject, json, keys, pathOf, requestText, wait } from "./support.js"

const stages: ReadonlyArray<Fault.Stage> = ["start", "headers", "body"]

/** For each stage, the part of the response that the emulator sends. The response is an empty list of webhooks. */
const upTo = {
  start: /^$/,
  headers: /^HTTP\/1.1 200 OK\r\n[^]*content-length: 47[^]*\r\n\r\n$/,
  body: /^HTTP\/1.1 200 OK\r\n[^]*content-length: 47[^]*\r\n\r\n\{"webhooks":\[\],"limit":5$/
}

const list = (emulator: Emulator.Service) => exchange(emulator, requestText(emulator, "GET", inProject(1)))

/** Injects a fault, requests a list, and returns the response to this request. */
const shown = (emulator: Emulator.Service, fault: Fault.Fault) =>
  Effect.zipRight(emulator.inject(fault), call(emulator, "GET", inProject(1)))

for (const [where, { make, pass }] of Object.entries(forms)) {
  describe(`a fault ${where}`, () => {
    describe("reset", () => {
      for (const stage of stages) {
        it.scoped(`sends the response up to the stage ${stage}, and then resets the connection`, () =>
          Effect.gen(function* () {
            const emulator = yield* make()
            yield* emulator.inject(Fault.reset(stage, { acts: true }))
            const seen = yield* list(emulator)
            assert.strictEqual(seen.end, "ECONNRESET")
            assert.match(seen.text, upTo[stage])
            const [request] = yield* emulator.requests
            assert.deepInclude(request, { fault: "Reset", status: stage === "start" ? undefined : 200 })
            while ((yield* emulator.openSockets) > 0) yield* wait(1)
          })
        )
      }
    })

    describe("stall", () => {
      for (const stage of stages) {
        it.scoped(`sends the response up to the stage ${stage}, and then sends nothing until the caller gives up`, () =>
          Effect.gen(function* () {
            const emulator = yield* make()
            yield* emulator.inject(Fault.stall(stage, { acts: true }))
            const seen = yield* exchange(emulator, requestText(emulator, "GET", inProject(1)), 300)
            assert.strictEqual(seen.end, "stalled")
            assert.match(seen.text, upTo[stage])
            const [request] = yield* emulator.requests
            assert.deepInclude(request, { fault: "Stall", status: stage === "start" ? undefined : 200 })
            while ((yield* emulator.openSockets) > 0) yield* wait(1)
          })
        )
      }
    })

    describe("truncated", () => {
      it.scoped("closes the connection normally before the announced length is sent", () =>
        Effect.gen(function* () {
          const emulator = yield* make()
          yield* emulator.inject(Fault.truncated())
          const seen = yield* list(emulator)
          assert.strictEqual(seen.end, "closed")
          assert.match(seen.text, upTo.body)
        })
      )

      it.scoped("cuts a made-up body if the operation's response has no body", () =>
        Effect.gen(function* () {
          const emulator = yield* make()
          const { data, id } = yield* create(emulator, 1)
          yield* emulator.inject(Fault.truncated({ times: 2 }))
          for (const [method, path] of [
            ["GET", `${data}?a=1`],
            ["DELETE", inProject(1, `/${id}`)]
          ] as const) {
            const seen = yield* exchange(emulator, requestText(emulator, method, path))
            assert.strictEqual(seen.end, "closed")
            assert.match(seen.text, /^HTTP\/1.1 200 OK[^]*\r\n\r\n\{"message":[^}]*$/)
          }
        })
      )
    })

    describe("a fault that makes a success unusable", () => {
      it.scoped("sends an HTML page with the operation's status or the given status", () =>
        Effect.gen(function* () {
          const emulator = yield* make()
          const own = yield* shown(emulator, Fault.html())
          assert.strictEqual(own.status, 200)
          assert.strictEqual(own.headers.get("content-type"), "text/html; charset=utf-8")
          assert.match(own.text, /^<!doctype html>/)
          assert.strictEqual((yield* shown(emulator, Fault.html({ status: 502 }))).status, 502)
        })
      )

      it.scoped("sends JSON that ends in the middle, although the response is complete", () =>
        Effect.gen(function* () {
          const emulator = yield* make()
          const answer = yield* shown(emulator, Fault.cutJson())
          assert.strictEqual(answer.status, 200)
          assert.strictEqual(answer.text, `{"webhooks":[],"limit":5`)
          assert.throws(() => json(answer))
        })
      )

      it.scoped("sends JSON whose shape differs from the operation's response", () =>
        Effect.gen(function* () {
          const emulator = yield* make()
          assert.deepStrictEqual(json(yield* shown(emulator, Fault.wrongJson())), { unexpected: [true] })
        })
      )

      it.scoped("sends the operation's usual document with the content type of the fault", () =>
        Effect.gen(function* () {
          const emulator = yield* make()
          const answer = yield* shown(emulator, Fault.contentType("text/plain"))
          assert.strictEqual(answer.headers.get("content-type"), "text/plain")
          assert.strictEqual(json(answer).limit, 50)
        })
      )

      it.scoped("sends a body that cannot be decompressed, although the headers say gzip", () =>
        Effect.gen(function* () {
          const emulator = yield* make()
          yield* emulator.inject(Fault.gzipLie())
          assert.isTrue(Exit.isFailure(yield* Effect.exit(call(emulator, "GET", inProject(1)))))
        })
      )
    })

    describe("a pending fault", () => {
      it.scoped("applies to requests of the named operation, or of every operation if none is named", () =>
        Effect.gen(function* () {
          const emulator = yield* make()
          const { data, id } = yield* create(emulator, 1)
          const parameters = { webhook_id: id, webhook_uri: data.split("/").at(-1) }
          for (const operation of Object.values(Operations)) {
            yield* emulator.inject(Fault.status(503, { operation: operation.name }))
          }
          for (const operation of Object.values(Operations)) {
            const answer = yield* call(emulator, operation.method, `${pathOf(operation, parameters)}?a=1`)
            assert.strictEqual(answer.status, 503, operation.name)
          }
          yield* emulator.inject(Fault.status(502))
          assert.strictEqual((yield* call(emulator, "GET", "/nothing")).status, 404)
          assert.strictEqual((yield* call(emulator, "GET", data)).status, 502)
        })
      )

      it.scoped("applies to the next `times` requests after all earlier faults are used up", () =>
        Effect.gen(function* () {
          const emulator = yield* make()
          yield* emulator.inject(Fault.status(500, { times: 2 }))
          yield* emulator.inject(Fault.status(501))
          yield* emulator.inject(Fault.status(502, { times: "every" }))
          const statuses = yield* Effect.replicateEffect(call(emulator, "GET", inProject(1)), 5)
          assert.deepStrictEqual(
            statuses.map((answer) => answer.status),
            [500, 500, 501, 502, 502]
          )
          yield* emulator.clearFaults
          assert.strictEqual((yield* call(emulator, "GET", inProject(1))).status, 200)
        })
      )

      it.scoped("applies to a request that the emulator would refuse without the fault", () =>
        Effect.gen(function* () {
          const emulator = yield* make()
          yield* emulator.inject(Fault.status(503))
          assert.strictEqual((yield* call(emulator, "GET", inProject(1), { headers: {} })).status, 503)
        })
      )
    })

    describe("an operation with a fault", () => {
      it.scoped("acts if the option `acts` is true, or by default if the caller sees a success status", () =>
        Effect.gen(function* () {
          const emulator = yield* make()
          const { data, id } = yield* create(emulator, 1, { mode: "combine" })
          const cases: ReadonlyArray<readonly [Fault.Fault, boolean]> = [
            [Fault.status(503), false],
            [Fault.status(503, { acts: true }), true],
            [Fault.status(201), true],
            [Fault.status(201, { acts: false }), false],
            [Fault.status(302), false],
            [Fault.reset("start"), false],
            [Fault.reset("start", { acts: true }), true],
            [Fault.reset("headers"), true],
            [Fault.reset("body"), true],
            [Fault.reset("body", { acts: false }), false],
            [Fault.stall("start"), false],
            [Fault.stall("start", { acts: true }), true],
            [Fault.stall("headers"), true],
            [Fault.truncated(), true],
            [Fault.truncated({ acts: false }), false],
            [Fault.cutJson(), true],
            [Fault.html(), true],
            [Fault.html({ status: 502 }), false],
            [Fault.wrongJson(), true],
            [Fault.contentType("text/plain"), true],
            [Fault.gzipLie(), true],
            [Fault.delay({}), true]
          ]
          let expected = 0
          for (const [n, [fault, acts]] of cases.entries()) {
            yield* emulator.inject(fault)
            const silence = fault.answer._tag === "Stall" ? 300 : undefined
            yield* exchange(emulator, requestText(emulator, "POST", data, JSON.stringify({ n })), silence)
            if (acts) expected += 1
            assert.strictEqual(Fault.acts(fault), acts)
            assert.strictEqual((yield* emulator.rows(id)).length, expected, JSON.stringify(fault))
          }
        })
      )
    })

    describe("a caller that hangs up", () => {
      it.scoped("does not stop a delayed operation, which later writes its row", () =>
        Effect.gen(function* () {
          const emulator = yield* make()
          const { data, id } = yield* create(emulator, 1)
          yield* emulator.clearRequests
          yield* emulator.inject(Fault.delay({ delayBefore: "300 millis" }))
          const caller = yield* Effect.fork(exchange(emulator, requestText(emulator, "POST", data, `{"n":1}`)))
          while ((yield* emulator.requests)[0]?.body !== `{"n":1}`) yield* pass(1)
          yield* Fiber.interrupt(caller)
          assert.deepStrictEqual(yield* emulator.rows(id), [])
          while ((yield* emulator.rows(id)).length === 0) yield* pass(5)
          assert.deepStrictEqual(yield* emulator.rows(id), [{ n: 1 }])
          assert.deepInclude((yield* emulator.requests)[0], { status: undefined })
        })
      )
    })
  })
}

describe("status", () => {
  it.scoped("sends exactly the given status, headers and body", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.make()
      for (const status of [204, 302, 307, 400, 401, 403, 404, 408, 413, 421, 425, 429, 500, 502, 503, 504, 599, 999]) {
        const headers = { location: "/elsewhere", "Retry-After": "3" }
        const body = status === 204 ? "" : `{"status":${status}}`
        yield* emulator.inject(Fault.status(status, { headers, body }))
        // Write the request by hand, because fetch repeats a request after a 421.
        const { text } = yield* list(emulator)
        assert.match(text, new RegExp(`^HTTP/1.1 ${status} [\\w -]+\r\nlocation: /elsewhere\r\nRetry-After: 3\r\n`))
        assert.isTrue(text.endsWith(`\r\n\r\n${body}`))
        assert.notInclude(text, "content-type")
      }
      assert.deepInclude((yield* emulator.requests)[1], { status: 302, fault: "Status" })
    })
  )

  it.scoped("adds only the headers that HTTP needs", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.make()
      yield* emulator.inject(Fault.status(503))
      const seen = yield* list(emulator)
      const names = seen.text
        .split("\r\n")
        .slice(1, -2)
        .map((line) => line.split(":")[0])
      assert.deepStrictEqual(names, ["content-length", "Date", "Connection"])
    })
  )
})

describe("gzipLie", () => {
  it.scoped("sends a body that is not compressed, although the headers say gzip", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.make()
      yield* emulator.inject(Fault.gzipLie())
      const seen = yield* list(emulator)
      assert.match(seen.text, /\r\ncontent-encoding: gzip\r\n[^]*\r\n\r\n\{"webhooks":\[\],/)
    })
  )
})

describe("delay", () => {
  const timed = <A>(effect: Effect.Effect<A>) =>
    Effect.suspend(() => {
      const started = performance.now()
      return Effect.map(effect, (value) => [value, performance.now() - started] as const)
    })

  it("accepts zero, refuses a value that is not a time, and names the option in the message", () => {
    for (const time of [Number.NaN, -1, "-1 seconds"] as const) {
      const expected = `expected a time of zero or more, such as "10 seconds"`
      assert.throws(() => Fault.delay({ delayBefore: time }), `delayBefore: ${expected}`)
      assert.throws(() => Fault.stall("body", { delayAfter: time }), `delayAfter: ${expected}`)
    }
    assert.strictEqual(Fault.delay({ delayBefore: 0 }).delayBefore, 0)
  })

  it.scoped("waits in real time, before or after the operation acts", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.make()
      const { data, id } = yield* create(emulator, 1)
      yield* emulator.inject(Fault.delay({ delayBefore: "300 millis" }))
      const before = yield* Effect.fork(timed(call(emulator, "POST", data, { body: { n: 1 } })))
      yield* wait(50)
      assert.deepStrictEqual(yield* emulator.rows(id), [])
      const [first, took] = yield* before
      assert.strictEqual(first.status, 201)
      assert.isAtLeast(took, 290)

      yield* emulator.inject(Fault.delay({ delayAfter: "300 millis" }))
      const after = yield* Effect.fork(timed(call(emulator, "POST", data, { body: [] })))
      assert.isAtLeast((yield* after)[1], 290)
      yield* emulator.inject(Fault.delay({ delayAfter: "300 millis" }))
      const acted = yield* Effect.fork(call(emulator, "POST", data, { body: { n: 2 } }))
      while (JSON.stringify(yield* emulator.rows(id)) !== `[{"n":2}]`) yield* wait(5)
      assert.isNull(acted.unsafePoll())
      assert.strictEqual((yield* acted).status, 201)
    })
  )
})

describe("a connection that showed a fault", () => {
  it.scoped("serves the next requests if the fault did not break the connection", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.make()
      const agent = yield* Effect.acquireRelease(
        Effect.sync(() => new Http.Agent({ keepAlive: true, maxSockets: 1 })),
        (agent) => Effect.sync(() => agent.destroy())
      )
      const get = Effect.async<string>((resume) => {
        const request = Http.get(
          `${emulator.baseUrl}${inProject(1)}`,
          { agent, headers: keys(emulator) },
          (response) => {
            let text = ""
            response.on("data", (chunk) => (text += String(chunk)))
            response.on("end", () =>
              resume(Effect.succeed(`${response.statusCode} ${request.reusedSocket} ${text.length}`))
            )
          }
        )
      })
      yield* emulator.inject(Fault.status(503, { body: "x" }))
      yield* emulator.inject(Fault.html())
      yield* emulator.inject(Fault.cutJson())
      assert.deepStrictEqual(
        [yield* get, yield* get, yield* get, yield* get],
        ["503 false 1", "200 true 107", "200 true 24", "200 true 47"]
      )
    })
  )
})

describe("a fault as JSON", () => {
  it.prop(
    "is the same after encoding and decoding",
    [Fault.Fault],
    ([fault]) => {
      const text = JSON.stringify(Schema.encodeSync(Fault.Fault)(fault))
      assert.strictEqual(JSON.stringify(Schema.decodeUnknownSync(Fault.Fault)(JSON.parse(text))), text)
    },
    { fastCheck: { numRuns: 50 } }
  )
})
