import type { ServerResponse } from "node:http"
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from "node:zlib"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import type * as HttpClient from "@effect/platform/HttpClient"
import { assert, describe, it } from "@effect/vitest"
import { Examples, Webhook, WebhookKey } from "@mammoth-effect/core"
import { Effect, Layer, Schedule, Schema } from "effect"
import { MammothConfig, RequestOptions, Webhooks } from "../src/index.js"
import { makeClient } from "../src/promise.js"
import * as UndiciHttpClient from "../src/UndiciHttpClient.js"
import { calling, serving } from "./support/Listener.js"
import * as Server from "./support/Server.js"

const transports: Readonly<Record<string, Layer.Layer<HttpClient.HttpClient>>> = {
  "Node's fetch": FetchHttpClient.layer,
  undici: NodeHttpClient.layerUndici,
  "undici's dispatcher": UndiciHttpClient.layer(),
  "node:http": Layer.provide(NodeHttpClient.layerWithoutAgent, NodeHttpClient.makeAgentLayer({ keepAlive: true }))
}

const create = Server.api.create({})
const push = Webhooks.addData(WebhookKey.make("k"), { n: 1 })

const created = JSON.stringify({ webhook: Schema.encodeSync(Webhook.Webhook)(Examples.webhook) })
const compressed = { "content-encoding": "gzip" }

const limit = 64 * 1024
const config: MammothConfig.Options = { responseLimits: { needed: limit, other: limit } }

/** Writes a body without an end until the connection closes. Returns a function that counts the written bytes. */
const writeForever = (response: ServerResponse, begin = "") => {
  const chunk = Buffer.alloc(limit / 4, " ")
  let written = 0
  response.write(begin)
  const more = () => {
    while (!response.destroyed) {
      written += chunk.length
      if (!response.write(chunk)) return
    }
  }
  response.on("drain", more)
  response.on("error", () => {})
  more()
  return () => written
}

/** Waits until a condition is true. */
const settled = (isOver: () => boolean) =>
  Effect.sync(isOver).pipe(
    Effect.repeat({ until: (over) => over, schedule: Schedule.spaced("5 millis") }),
    Effect.timeout("5 seconds")
  )

for (const [name, client] of Object.entries(transports)) {
  describe(`The body of a response over ${name}`, () => {
    it.scopedLive("is abandoned if it never ends, and the call succeeds if it does not need the body", () =>
      Effect.gen(function* () {
        let closed = false
        let written = () => 0
        const { baseUrl } = yield* serving((_, response) => {
          response.on("close", () => (closed = true))
          response.writeHead(201)
          written = writeForever(response)
        })
        yield* Effect.provide(push, calling(baseUrl, client, config))
        yield* settled(() => closed)
        // Allow 20 MB, because the buffers of the sockets on both sides also hold bytes.
        assert.isBelow(written(), 20_000_000)
      })
    )

    it.scopedLive(
      "is read up to the limit even if the call does not need the body, so that the connection is reused",
      () =>
        Effect.gen(function* () {
          const { baseUrl, connections } = yield* serving((_, response) => {
            response.writeHead(201)
            response.write(" ".repeat(limit / 2))
            setTimeout(() => response.end(" ".repeat(limit / 2)), 20)
          })
          const spaced = Effect.zipRight(push, Effect.sleep("20 millis"))
          yield* Effect.provide(Effect.repeatN(spaced, 3), calling(baseUrl, client, config))
          assert.strictEqual(connections(), 1)
        })
    )

    it.scopedLive("causes a DecodeError that names the limit and its setting if the body is too long", () =>
      Effect.gen(function* () {
        for (const headers of [{}, { "content-length": String(10 * limit) }]) {
          const { baseUrl } = yield* serving((_, response) => {
            response.writeHead(201, headers)
            writeForever(response, created)
          })
          const error = yield* Effect.flip(Effect.provide(create, calling(baseUrl, client, config)))
          assert.deepInclude(error, { _tag: "MammothDecodeError", delivery: "Accepted" })
          assert.include(error.message, `at most ${limit} bytes (set responseLimits.needed`)
        }
      })
    )

    it.scopedLive("causes a DecodeError if the connection closes before the end of the body", () =>
      Effect.gen(function* () {
        for (const sent of [created.slice(0, 20), created]) {
          const { baseUrl } = yield* serving((_, response) => {
            response.writeHead(201)
            // Close the connection before the last chunk, so that the body has no end.
            response.write(sent, () => response.destroy())
          })
          const error = yield* Effect.flip(Effect.provide(create, calling(baseUrl, client)))
          assert.deepInclude(error, { _tag: "MammothDecodeError", delivery: "Accepted" })
          assert.include(error.message, "expected the whole body, received a body that was cut off")
        }
      })
    )

    it.scopedLive("is shown in part in the error if the body is too long and the status is an error", () =>
      Effect.gen(function* () {
        const { baseUrl } = yield* serving((_, response) => {
          response.writeHead(503)
          writeForever(response, "the pool is empty")
        })
        for (const call of [create, push]) {
          const error = yield* Effect.flip<unknown, Webhooks.ReadError | Webhooks.AddDataError, Webhooks.Webhooks>(
            call
          ).pipe(Effect.provide(calling(baseUrl, client, config)))
          assert.strictEqual(error._tag, "MammothServerError")
          assert.propertyVal(error, "excerpt", "the pool is empty")
        }
      })
    )

    it.scopedLive("is compared with the limit by its decompressed size", () =>
      Effect.gen(function* () {
        const bomb = gzipSync(`{"detail":"too many"}${" ".repeat(2_000_000)}`)
        assert.isBelow(bomb.length, limit)
        let status = 201
        const { baseUrl } = yield* serving((_, response) => {
          response.writeHead(status, { ...compressed, "content-length": bomb.length }).end(bomb)
        })
        const layer = calling(baseUrl, client, config)
        const error = yield* Effect.flip(Effect.provide(create, layer))
        assert.deepInclude(error, { _tag: "MammothDecodeError", delivery: "Accepted" })
        assert.include(error.message, `at most ${limit} bytes`)
        yield* Effect.provide(push, layer)
        status = 429
        const refused = yield* Effect.flip(Effect.provide(push, layer))
        assert.deepInclude(refused, { _tag: "MammothRateLimited", excerpt: '{"detail":"too many"}' })
      })
    )

    const codings: ReadonlyArray<readonly [header: string, encode: (text: Buffer) => Buffer]> = [
      ["gzip", gzipSync],
      ["x-gzip", gzipSync],
      ["deflate", deflateSync],
      // Also test deflate without the zlib header, which some servers leave out.
      ["deflate", deflateRawSync],
      ["br", brotliCompressSync],
      ["gzip, BR", (text) => brotliCompressSync(gzipSync(text))],
      ["identity", (text) => text]
    ]

    it.scopedLive("is decoded from every usual encoding, even if it is the error page of a proxy", () =>
      Effect.gen(function* () {
        for (const [header, encode] of codings) {
          const { baseUrl } = yield* serving(({ method }, response) => {
            const isPost = method === "POST"
            response.writeHead(isPost ? 201 : 502, { "content-encoding": header })
            response.end(encode(Buffer.from(isPost ? created : "<title>Bad gateway</title>")))
          })
          const layer = calling(baseUrl, client)
          assert.deepStrictEqual(yield* Effect.provide(create, layer), Examples.webhook, header)
          const error = yield* Effect.flip(Effect.provide(Server.api.list(), layer))
          assert.deepInclude(
            error,
            { _tag: "MammothServerError", excerpt: 'an HTML page titled "Bad gateway"' },
            header
          )
        }
      })
    )

    it.scopedLive(
      "causes an error if the body does not match its content-encoding, but only in calls that need the body",
      () =>
        Effect.gen(function* () {
          // Also test a body with six encodings. Skip this body for Node's fetch, because Node's fetch itself refuses six
          // encodings.
          const many = name === "Node's fetch" ? [] : ["gzip, gzip, gzip, gzip, gzip, gzip"]
          for (const header of ["gzip", "zstd", ...many]) {
            const { baseUrl } = yield* serving((_, response) => {
              response.writeHead(201, { "content-encoding": header })
              response.end(Buffer.from([0xff, 0xfe, 0xfd, 0xfc]))
            })
            const layer = calling(baseUrl, client)
            const error = yield* Effect.flip(Effect.provide(create, layer))
            assert.deepInclude(error, { _tag: "MammothDecodeError", delivery: "Accepted" }, header)
            if (name !== "Node's fetch") assert.include(error.message, `decoded from ${header}`)
            yield* Effect.provide(push, layer)
          }
        })
    )
  })
}

describe("The body of a response", () => {
  it.scopedLive("is read as plain text if its content-encoding is wrong", () =>
    Effect.gen(function* () {
      const { baseUrl } = yield* serving((_, response) => {
        response.writeHead(201, compressed).end(created)
      })
      const layer = calling(baseUrl, NodeHttpClient.layerUndici)
      assert.deepStrictEqual(yield* Effect.provide(create, layer), Examples.webhook)
    })
  )

  it.scopedLive("is decompressed only up to about the limit", () =>
    Effect.gen(function* () {
      const bomb = gzipSync(" ".repeat(20_000_000))
      const { baseUrl } = yield* serving((_, response) => {
        response.writeHead(201, compressed).end(bomb)
      })
      const texts: Array<string> = []
      yield* push.pipe(
        RequestOptions.withOptions({ onResponse: ({ text }) => Effect.sync(() => void texts.push(text)) }),
        Effect.provide(calling(baseUrl, NodeHttpClient.layerUndici, config))
      )
      assert.strictEqual(texts.length, 1)
      assert.isBelow(texts[0]?.length ?? 0, 2 * limit)
    })
  )

  it.scopedLive("causes a DecodeError if the body is encoded more than five times", () =>
    Effect.gen(function* () {
      let encoded = Buffer.from(created)
      for (let i = 0; i < 6; i++) encoded = gzipSync(encoded)
      const { baseUrl } = yield* serving((_, response) => {
        response.writeHead(201, { "content-encoding": Array(6).fill("gzip").join(", ") }).end(encoded)
      })
      const error = yield* Effect.flip(Effect.provide(create, calling(baseUrl, NodeHttpClient.layerUndici)))
      assert.deepInclude(error, { _tag: "MammothDecodeError", delivery: "Accepted" })
    })
  )

  it.scopedLive("causes an error that hides the name of an unknown encoding, because the name can be a key", () =>
    Effect.gen(function* () {
      const { baseUrl } = yield* serving((_, response) => {
        response.writeHead(201, { "content-encoding": "sesame-api-key" }).end(Buffer.from([0xff, 0xfe]))
      })
      const error = yield* Effect.flip(Effect.provide(create, calling(baseUrl, NodeHttpClient.layerUndici)))
      assert.strictEqual(error._tag, "MammothDecodeError")
      assert.notInclude(error.message, "sesame")
    })
  )

  it.scopedLive("is passed to onResponse only in part if the SDK stopped reading early", () =>
    Effect.gen(function* () {
      const { baseUrl } = yield* serving((_, response) => {
        response.writeHead(201)
        writeForever(response, "so far")
      })
      const texts: Array<string> = []
      yield* push.pipe(
        RequestOptions.withOptions({ onResponse: ({ text }) => Effect.sync(() => void texts.push(text)) }),
        Effect.provide(calling(baseUrl, FetchHttpClient.layer, config))
      )
      assert.strictEqual(texts.length, 1)
      assert.match(texts[0] ?? "", /^so far {1000}/)
    })
  )

  it.scopedLive("has separate limits for calls that need the body and for other calls", () =>
    Effect.gen(function* () {
      const long = `${created}${" ".repeat(2_000_000)}`
      let status = 201
      const { baseUrl } = yield* serving((_, response) => {
        response.on("error", () => {})
        response.writeHead(status).end(long)
      })
      const lengths: Array<number> = []
      const read = <A, E>(call: Effect.Effect<A, E, Webhooks.Webhooks>) =>
        call.pipe(
          RequestOptions.withOptions({ onResponse: ({ text }) => Effect.sync(() => void lengths.push(text.length)) }),
          Effect.provide(
            calling(baseUrl, FetchHttpClient.layer, { responseLimits: { needed: 4_000_000, other: 1000 } })
          )
        )
      assert.deepStrictEqual(yield* read(create), Examples.webhook)
      yield* read(push)
      status = 503
      yield* Effect.flip(read(create))
      const [needed = 0, ...others] = lengths
      assert.strictEqual(needed, long.length)
      assert.strictEqual(others.length, 2)
      // Allow more than the limit, because the SDK keeps the whole last chunk.
      for (const length of others) assert.isBelow(length, 1_000_000)
    })
  )

  it.scopedLive("can be limited by an option of makeClient", () =>
    Effect.gen(function* () {
      const { baseUrl } = yield* serving((_, response) => {
        response.writeHead(201)
        writeForever(response, created)
      })
      const credentials = { apiKey: "key", apiSecret: "secret" }
      const mammoth = makeClient({ baseUrl, credentials, responseLimits: { needed: 1000 } })
      const error = yield* Effect.promise(() =>
        mammoth.create({ ...Server.project }).catch((thrown: unknown) => thrown)
      )
      assert.propertyVal(error, "_tag", "MammothDecodeError")
      yield* Effect.promise(() => mammoth.close())
    })
  )

  it("can only be limited to a whole number of bytes, from 0 to the maximum length of a string", () => {
    for (const [name, given] of [
      ["needed", -1],
      ["needed", 1.5],
      ["other", Number.NaN],
      ["other", Number.POSITIVE_INFINITY]
    ] as const) {
      const error = Effect.runSync(Effect.flip(MammothConfig.make({ responseLimits: { [name]: given } })))
      assert.deepInclude(error, { _op: "InvalidData", path: ["responseLimits", name] })
      assert.propertyVal(error, "message", "Expected a whole number of bytes from 0 to 536870888")
    }
  })
})
