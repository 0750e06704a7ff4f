import { fileURLToPath } from "node:url"
import { createContext, runInContext } from "node:vm"
import { HttpBody, HttpClient, HttpClientRequest } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Config, ConfigProvider, Effect, Exit, Fiber, Layer, Predicate, Scope, Stream, Struct, TestClock } from "effect"
import { build } from "esbuild"
import { Emulator, Fault, InProcess } from "../src/index.js"
import { call, create, inProject, json, keys, wait } from "./support.js"

const codeOf = (error: { readonly cause?: unknown }) =>
  Predicate.hasProperty(error.cause, "code") ? error.cause.code : undefined

const list = (emulator: InProcess.Service) =>
  emulator.client.get(`${emulator.baseUrl}${inProject(1)}`, { headers: keys(emulator) })

describe("InProcess.make", () => {
  it.scoped("records each request as the client made it, with the header host", () =>
    Effect.gen(function* () {
      const emulator = yield* InProcess.make({ apiKey: "k", apiSecret: "s" })
      yield* call(emulator, "POST", inProject(1, "?a=%20b"), { raw: `{ "name" : "ü" }` })
      yield* emulator.client.get("http://emulator.localhost/Nope?a=%20b", { headers: { "X-TwiCe": "1" } })
      assert.deepStrictEqual(yield* emulator.requests, [
        {
          index: 0,
          operation: "create",
          method: "POST",
          url: "/api/v2/workspaces/1/projects/1/webhooks?a=%20b",
          headers: [
            ["host", "emulator.localhost"],
            ["x-api-key", "k"],
            ["x-api-secret", "s"],
            ["content-type", "text/plain"],
            ["content-length", "17"]
          ],
          body: `{ "name" : "ü" }`,
          status: 201,
          fault: undefined
        },
        {
          index: 1,
          operation: undefined,
          method: "GET",
          url: "/Nope?a=%20b",
          headers: [
            ["host", "emulator.localhost"],
            ["x-twice", "1"]
          ],
          body: "",
          status: 404,
          fault: undefined
        }
      ])
    }).pipe(Effect.withTracerEnabled(false))
  )

  it.scoped("shows exactly the status, headers and body of a fault", () =>
    Effect.gen(function* () {
      const emulator = yield* InProcess.make()
      for (const status of [204, 302, 307, 400, 401, 403, 404, 408, 413, 421, 425, 429, 500, 502, 503, 504, 599, 999]) {
        const body = status === 204 ? "" : `{"status":${status}}`
        yield* emulator.inject(Fault.status(status, { headers: { location: "/elsewhere", "Retry-After": "3" }, body }))
        const response = yield* list(emulator)
        assert.deepStrictEqual([response.status, yield* response.text], [status, body])
        assert.deepEqual(
          { ...response.headers },
          { location: "/elsewhere", "retry-after": "3", "content-length": String(body.length) }
        )
      }
      assert.deepInclude((yield* emulator.requests)[1], { status: 302, fault: "Status" })
    })
  )

  it.scoped("follows the caller's clock for delays before and after the operation acts", () =>
    Effect.gen(function* () {
      const emulator = yield* InProcess.make()
      const { data, id } = yield* create(emulator, 1)
      yield* emulator.inject(Fault.delay({ delayBefore: "1 hour", delayAfter: "2 hours" }))
      const pushed = yield* Effect.fork(call(emulator, "POST", data, { body: { n: 1 } }))
      yield* TestClock.adjust("59 minutes")
      assert.deepStrictEqual(yield* emulator.rows(id), [])
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(yield* emulator.rows(id), [{ n: 1 }])
      yield* TestClock.adjust("119 minutes")
      assert.isNull(pushed.unsafePoll())
      yield* TestClock.adjust("1 minute")
      assert.strictEqual((yield* pushed).status, 201)
    })
  )

  it.scoped("delays responses of `fetch` by the clock with which the emulator was made", () =>
    Effect.gen(function* () {
      const emulator = yield* InProcess.make()
      yield* emulator.inject(Fault.delay({ delayAfter: "1 hour" }))
      const listed = yield* Effect.fork(
        Effect.promise(() => emulator.fetch(`${emulator.baseUrl}${inProject(1)}`, { headers: keys(emulator) }))
      )
      // Wait in real time, because fetch reads the body in real time, even an empty body.
      yield* wait(20)
      yield* TestClock.adjust("59 minutes")
      yield* wait(20)
      assert.isNull(listed.unsafePoll())
      yield* TestClock.adjust("1 minute")
      assert.strictEqual((yield* listed).status, 200)
    })
  )

  it.scoped("accepts strings, bytes, streams and forms as bodies, and refuses other bodies", () =>
    Effect.gen(function* () {
      const emulator = yield* InProcess.make()
      const { data, id } = yield* create(emulator, 1, { mode: "combine" })
      const form = new FormData()
      form.set("n", "1")
      const send = (body: HttpBody.HttpBody) =>
        emulator.client.execute(HttpClientRequest.post(`${emulator.baseUrl}${data}`, { headers: keys(emulator), body }))
      const bytes = new TextEncoder().encode(`{"n":3}`)
      assert.strictEqual((yield* send(HttpBody.raw(`{"n":1}`))).status, 201)
      assert.strictEqual((yield* send(HttpBody.text(`{"n":2}`))).status, 201)
      assert.strictEqual((yield* send(HttpBody.stream(Stream.make(bytes.slice(0, 3), bytes.slice(3))))).status, 201)
      assert.strictEqual((yield* send(HttpBody.formData(form))).status, 400)
      assert.strictEqual((yield* Effect.flip(send(HttpBody.raw(7)))).reason, "Encode")
      assert.strictEqual((yield* Effect.flip(send(HttpBody.stream(Stream.fail("away"))))).reason, "Encode")
      assert.deepStrictEqual(yield* emulator.rows(id), [{ n: 1 }, { n: 2 }, { n: 3 }])
    })
  )

  it.scoped("fails with ECONNREFUSED for a request to another origin", () =>
    Effect.gen(function* () {
      const { client } = yield* InProcess.make()
      for (const url of ["http://localhost/api/v2", "https://app.mammoth.io/api/v2", "https://emulator.localhost/"]) {
        const error = yield* Effect.flip(client.get(url))
        assert.deepStrictEqual([error._tag, error.reason, codeOf(error)], ["RequestError", "Transport", "ECONNREFUSED"])
      }
    })
  )

  it.effect("ends immediately, even with waiting requests, and then refuses connections", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const emulator = yield* Scope.extend(InProcess.make(), scope)
      yield* emulator.inject(Fault.stall("start"))
      const stalled = yield* Effect.fork(list(emulator))
      yield* wait(20)
      yield* emulator.inject(Fault.stall("headers"))
      const cut = yield* Effect.fork(Effect.flatMap(list(emulator), (response) => response.text))
      yield* wait(20)
      yield* emulator.inject(Fault.delay({ delayBefore: "1 hour" }))
      const late = yield* Effect.fork(list(emulator))
      yield* wait(20)
      yield* Scope.close(scope, Exit.void)
      for (const fiber of [stalled, late]) {
        const error = yield* Effect.flip(Fiber.join(fiber))
        assert.deepStrictEqual(
          [error._tag, error.reason, codeOf(error)],
          ["RequestError", "Transport", "UND_ERR_SOCKET"]
        )
      }
      assert.strictEqual((yield* Effect.flip(Fiber.join(cut)))._tag, "ResponseError")
      assert.strictEqual(codeOf(yield* Effect.flip(list(emulator))), "ECONNREFUSED")
    })
  )
})

describe("InProcess.layer", () => {
  const variables = Config.all([
    Config.string("MAMMOTH_BASE_URL"),
    Config.string("MAMMOTHANALYTICS_API_KEY"),
    Config.string("MAMMOTHANALYTICS_API_SECRET"),
    Config.string("MAMMOTH_TIMEOUT")
  ])

  it.effect("sets variables with its address and keys, and keeps all other variables", () =>
    Effect.gen(function* () {
      const read = Layer.effectDiscard(
        Effect.map(variables, (values) =>
          assert.deepStrictEqual(values, ["http://emulator.localhost/api/v2", "k", "emulator-secret", "5 seconds"])
        )
      )
      const given = ConfigProvider.fromMap(
        new Map([
          ["MAMMOTH_BASE_URL", "https://app.mammoth.io/api/v2"],
          ["MAMMOTH_TIMEOUT", "5 seconds"]
        ])
      )
      yield* Layer.build(Layer.provide(read, InProcess.layer({ apiKey: "k" }))).pipe(
        Effect.scoped,
        Effect.withConfigProvider(given)
      )
    })
  )

  it.effect("makes a new and empty emulator each time it is built", () =>
    Effect.gen(function* () {
      const once = Effect.gen(function* () {
        const emulator = yield* Emulator.Emulator
        const client = yield* HttpClient.HttpClient
        yield* create(emulator, 1)
        const response = yield* client.get(`${emulator.baseUrl}${inProject(1)}`, { headers: keys(emulator) })
        return json({ status: response.status, headers: new Headers(), text: yield* response.text }).webhooks.length
      }).pipe(Effect.provide(InProcess.layer()))
      assert.deepStrictEqual([yield* once, yield* once], [1, 1])
    })
  )
})

describe("the module InProcess", () => {
  const bundled = Effect.promise(() =>
    build({
      stdin: {
        contents: `
          import { Effect } from "effect"
          import * as Fault from "@mammoth-effect/emulator/Fault"
          import * as InProcess from "@mammoth-effect/emulator/InProcess"

          export const run = () =>
            Effect.gen(function* () {
              const emulator = yield* InProcess.make()
              const list = emulator.client.get(emulator.baseUrl + "/workspaces/1/projects/1/webhooks", {
                headers: { "x-api-key": "emulator-key", "x-api-secret": "emulator-secret" }
              })
              yield* emulator.inject(Fault.status(503))
              const { status } = yield* list
              return [status, yield* Effect.flatMap(list, (response) => response.text)]
            }).pipe(Effect.scoped, Effect.runPromise)
        `,
        resolveDir: fileURLToPath(new URL("..", import.meta.url))
      },
      bundle: true,
      write: false,
      metafile: true,
      format: "iife",
      globalName: "bundled",
      platform: "browser",
      logLevel: "silent",
      target: "es2022"
    })
  )

  it.effect("adds only core, effect and @effect/platform to a browser's bundle, and runs without Node", () =>
    Effect.gen(function* () {
      const { metafile, outputFiles } = yield* bundled
      const packages = Object.keys(metafile.inputs)
        .filter((path) => path !== "<stdin>")
        .map(
          (path) => /^(?:.*node_modules\/((?:@[^/]+\/)?[^/]+)|(src|\.\.\/core))\//.exec(path)?.slice(1).join("") ?? path
        )
      assert.sameMembers(
        [...new Set(packages)],
        ["src", "../core", "effect", "@effect/platform", "fast-check", "pure-rand", "find-my-way-ts", "multipasta"]
      )

      // Offer only the globals of browsers and edge runtimes. There is no process, no Buffer and no require.
      const context = createContext(
        Struct.pick(
          globalThis,
          ...(["AbortController", "Blob", "DecompressionStream", "FormData", "Headers", "ReadableStream"] as const),
          ...(["Response", "TextDecoder", "TextEncoder", "TransformStream", "URL", "URLSearchParams"] as const),
          ...(["clearTimeout", "setTimeout"] as const)
        )
      )
      runInContext(outputFiles[0]?.text ?? "", context)
      const seen = yield* Effect.promise((): Promise<unknown> => runInContext("bundled.run()", context))
      assert.deepEqual(JSON.stringify(seen), JSON.stringify([503, `{"webhooks":[],"limit":50,"offset":0,"next":""}`]))
    })
  )
})
