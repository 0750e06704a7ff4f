import { assert, describe, it, layer } from "@effect/vitest"
import { WebhookKey } from "@mammoth-effect/core"
import { Emulator, Fault } from "@mammoth-effect/emulator"
import { Duration, Effect, Redacted } from "effect"
import { Credentials, Webhooks } from "../src/index.js"
import * as Server from "./support/Server.js"

const { api, inject } = Server
const push = Webhooks.addData(WebhookKey.make("k"), { n: 1 })
const pushByGet = Webhooks.addDataUsingGet(WebhookKey.make("k"), { n: 1 })

/** One call of each operation, by the operation's name. */
const calls = {
  list: api.list(),
  create: api.create({}),
  getDetails: api.getDetails({ webhookId: 8 }),
  delete: api.delete({ webhookId: 8 }),
  update: api.update({ webhookId: 8, origins: "*" }),
  addDataUsingGet: pushByGet,
  addData: push
}

layer(Server.layer())("Errors by status", (it) => {
  const statuses = [
    [400, "MammothBadRequest", "Rejected"],
    [401, "MammothUnauthorized", "Rejected"],
    [403, "MammothForbidden", "Rejected"],
    [404, "MammothNotFound", "Rejected"],
    [429, "MammothRateLimited", "Rejected"],
    [500, "MammothServerError", "Unknown"],
    [502, "MammothServerError", "Unknown"],
    [503, "MammothServerError", "Unknown"],
    [504, "MammothServerError", "Unknown"],
    [599, "MammothServerError", "Unknown"],
    [302, "MammothUnexpectedStatus", "Unknown"],
    [307, "MammothUnexpectedStatus", "Unknown"],
    [402, "MammothUnexpectedStatus", "Rejected"],
    [408, "MammothUnexpectedStatus", "Unknown"],
    [409, "MammothUnexpectedStatus", "Rejected"],
    [421, "MammothUnexpectedStatus", "Rejected"],
    [425, "MammothUnexpectedStatus", "Rejected"],
    [600, "MammothUnexpectedStatus", "Unknown"]
  ] as const

  for (const [status, tag, delivery] of statuses) {
    it.effect(`Status ${status} becomes ${tag} with delivery ${delivery}, for every operation`, () =>
      Effect.gen(function* () {
        for (const [name, call] of Object.entries(calls)) {
          // Repeat the fault, because fetch itself sends the request again after a 421.
          yield* inject(Fault.status(status, { times: "every", headers: { "x-request-id": "r-7" }, body: "{}" }))
          const error = yield* Effect.flip<unknown, Webhooks.ReadError | Webhooks.AddDataError, Webhooks.Webhooks>(call)
          assert.deepInclude(error, { _tag: tag, delivery, operation: name, attempts: 1 })
          assert.propertyVal(error, "status", status)
          assert.propertyVal(error, "requestId", "r-7")
          yield* Effect.flatMap(Emulator.Emulator, (emulator) => emulator.clearFaults)
        }
      })
    )
  }

  it.effect("Status 413 becomes PayloadTooLarge for addData, and UnexpectedStatus for other operations", () =>
    Effect.gen(function* () {
      yield* inject(Fault.status(413))
      assert.strictEqual((yield* Effect.flip(push))._tag, "MammothPayloadTooLarge")
      yield* inject(Fault.status(413))
      assert.deepInclude(yield* Effect.flip(calls.create), { _tag: "MammothUnexpectedStatus", delivery: "Rejected" })
    })
  )
})

layer(Server.layer())("Errors of responses without a 2xx status", (it) => {
  it.effect("BadRequest carries `detail` and `extra` from the documented error body", () =>
    Effect.gen(function* () {
      const extra = [{ key: "limit", message: "too large" }]
      yield* inject(
        Fault.status(400, { body: JSON.stringify({ status_code: 400, detail: "Validation failed", extra }) })
      )
      const error = yield* Effect.flip(api.list())
      assert.strictEqual(error._tag, "MammothBadRequest")
      assert.deepInclude(error, { detail: "Validation failed", extra })
      assert.match(
        error.message,
        /^Webhooks\.list \(GET .*\): 400, the server refused the request: Validation failed\./
      )
    })
  )

  it.effect(
    "BadRequest takes `detail` from the field `message`, and `extra` from `details`, if the body has these fields",
    () =>
      Effect.gen(function* () {
        const body = JSON.stringify({ error_code: 7, name: "Bad", message: "No such folder", details: { id: 3 } })
        yield* inject(Fault.status(400, { body }))
        assert.deepInclude(yield* Effect.flip(api.create({})), { detail: "No such folder", extra: { id: 3 } })
      })
  )

  it.effect("A 502 becomes a ServerError with a short excerpt of the body, whatever the body contains", () =>
    Effect.gen(function* () {
      const excerpt = (body: string) =>
        Effect.gen(function* () {
          yield* inject(Fault.status(502, { body }))
          const error = yield* Effect.flip(api.list())
          assert.strictEqual(error._tag, "MammothServerError")
          return error._tag === "MammothServerError" ? error.excerpt : ""
        })
      assert.strictEqual(
        yield* excerpt("<!doctype html><html><title>502 Bad Gateway</title><body>nginx</body></html>"),
        'an HTML page titled "502 Bad Gateway"'
      )
      assert.strictEqual(yield* excerpt(""), "")
      assert.strictEqual(yield* excerpt('{"detail":"cut'), '{"detail":"cut')
      assert.strictEqual(yield* excerpt("[1,2]"), "[1,2]")
      const long = yield* excerpt("x".repeat(100_000))
      assert.strictEqual(long.length, 500)
      assert.isTrue(long.endsWith("…"))
    })
  )

  it.effect("BadRequest uses an excerpt of the body as `detail` if the body is not JSON", () =>
    Effect.gen(function* () {
      const detail = (body: string) =>
        Effect.gen(function* () {
          yield* inject(Fault.status(400, { body }))
          const error = yield* Effect.flip(api.list())
          return error._tag === "MammothBadRequest" ? error.detail : error._tag
        })
      assert.strictEqual(yield* detail("no good"), "no good")
      assert.strictEqual(yield* detail("<h1>no</h1>"), "an HTML page")
      assert.strictEqual(yield* detail(""), "no reason given")
    })
  )

  it.effect("BadRequest limits the depth and the size of `extra`", () =>
    Effect.gen(function* () {
      const extra = (body: string) =>
        Effect.gen(function* () {
          yield* inject(Fault.status(400, { body }))
          const error = yield* Effect.flip(api.list())
          return error._tag === "MammothBadRequest" ? JSON.stringify(error.extra) : error._tag
        })
      assert.isBelow((yield* extra(`{"detail":"d","extra":${"[".repeat(5000)}${"]".repeat(5000)}}`)).length, 200)
      assert.strictEqual(yield* extra(`{"detail":"d","extra":["${"x".repeat(100_000)}"]}`), "null")
    })
  )

  it.effect("An error carries the server's request id from any of the usual headers", () =>
    Effect.gen(function* () {
      for (const name of ["x-request-id", "request-id", "x-correlation-id"]) {
        yield* inject(Fault.status(503, { headers: { [name]: "r-7" } }))
        assert.propertyVal(yield* Effect.flip(api.list()), "requestId", "r-7")
      }
    })
  )

  it.effect(
    "RateLimited carries the wait if Retry-After is a number of seconds, or a date in any of HTTP's three formats",
    () =>
      Effect.gen(function* () {
        const after = (header: string) =>
          Effect.gen(function* () {
            yield* inject(Fault.status(429, { headers: { "retry-after": header } }))
            const error = yield* Effect.flip(api.list())
            return error._tag === "MammothRateLimited"
              ? error.retryAfter && Duration.toMillis(error.retryAfter)
              : error._tag
          })
        assert.strictEqual(yield* after("3"), 3000)
        // Expect a wait of up to 8.64e15 ms, the largest time of a JavaScript date. Expect no wait for a larger value.
        assert.strictEqual(yield* after("8640000000000"), 8.64e15)
        assert.strictEqual(yield* after("8640000000001"), undefined)
        assert.strictEqual(yield* after("9".repeat(400)), undefined)
        // Expect the time from 1970 to each date, because the test clock starts in 1970. Expect 0 for a date in 1969.
        assert.strictEqual(yield* after("Thu, 01 Jan 1970 00:02:00 GMT"), 120_000)
        assert.strictEqual(yield* after("Wed, 31 Dec 1969 23:00:00 GMT"), 0)
        // Check the two old date formats: RFC 850, whose year has two digits, and asctime.
        assert.strictEqual(yield* after("Thursday, 01-Jan-70 00:02:00 GMT"), 120_000)
        assert.strictEqual(yield* after("Wednesday, 31-Dec-69 23:00:00 GMT"), 0)
        assert.strictEqual(yield* after("Monday, 01-Jan-20 00:00:00 GMT"), Date.UTC(2020, 0, 1))
        // Expect a wait of 0: the year 21 means 1921, because 2021 is more than 50 years after the test clock's 1970.
        assert.strictEqual(yield* after("Monday, 01-Jan-21 00:00:00 GMT"), 0)
        assert.strictEqual(yield* after("Thu Jan  1 00:02:00 1970"), 120_000)
        assert.strictEqual(yield* after("Sat Jan 10 00:00:00 1970"), Date.UTC(1970, 0, 10))
        for (const unreadable of [
          "soon",
          "Thu, 01 Foo 1970 00:02:00 GMT",
          "Thu, 99 Jan 1970 00:02:00 GMT",
          "1970-01-01"
        ]) {
          assert.strictEqual(yield* after(unreadable), undefined, unreadable)
        }
      })
  )

  it.effect("The SDK does not follow a redirect, and the error shows only the origin of the redirect's URL", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.Emulator
      for (const status of [301, 302, 303, 307, 308]) {
        yield* emulator.clearRequests
        yield* inject(Fault.status(status, { headers: { location: "https://elsewhere.example/a/secret?b=c" } }))
        const error = yield* Effect.flip(push)
        assert.deepInclude(error, { _tag: "MammothUnexpectedStatus", redirectOrigin: "https://elsewhere.example" })
        assert.notMatch(error.message, /secret/)
        assert.strictEqual((yield* emulator.requests).length, 1)
      }
    })
  )
})

layer(Server.layer())("Errors of 2xx responses", (it) => {
  const faults = [
    ["an HTML page", Fault.html(), /expected JSON, received \d+ characters that are not JSON/],
    ["other JSON", Fault.wrongJson(), /expected/],
    ["JSON that is cut off", Fault.cutJson(), /expected JSON/],
    ["a body that is cut off", Fault.truncated(), /expected the whole body, received a body that was cut off/],
    ["an empty body", Fault.status(200, { body: "" }), /expected JSON, received an empty body/],
    ["a body that is not gzip", Fault.gzipLie(), /expected the whole body/]
  ] as const

  for (const [what, fault, message] of faults) {
    it.effect(
      `A 2xx response with ${what} becomes a DecodeError with delivery Accepted, for every operation that needs the body`,
      () =>
        Effect.gen(function* () {
          const { id } = yield* api.create({})
          for (const call of [
            api.list(),
            api.create({}),
            api.getDetails({ webhookId: id }),
            api.update({ webhookId: id, origins: "*" })
          ]) {
            yield* inject(fault)
            const error = yield* Effect.flip<unknown, Webhooks.ReadError, Webhooks.Webhooks>(call)
            assert.deepInclude(error, { _tag: "MammothDecodeError", delivery: "Accepted" })
            assert.match(error.message, message)
          }
        })
    )
  }

  it.effect("JSON is accepted even if its content type is text/plain", () =>
    Effect.gen(function* () {
      yield* inject(Fault.contentType("text/plain"))
      assert.isArray((yield* api.list()).webhooks)
    })
  )

  it.effect("A DecodeError names the wrong field, and shows no value of the response", () =>
    Effect.gen(function* () {
      const webhook = { id: "eight", name: "n", mode: "combine", uri: "/webhook/data/sesame", ds_id: 1, secret: "open" }
      yield* inject(Fault.status(200, { body: JSON.stringify({ webhook }) }))
      const error = yield* Effect.flip(api.getDetails({ webhookId: 8 }))
      assert.strictEqual(error._tag, "MammothDecodeError")
      assert.match(error.message, /webhook\.id: expected an integer .*, received a string of 5 characters/)
      assert.notMatch(JSON.stringify(error), /sesame|open|eight/)
    })
  )
})

describe("Credentials", () => {
  it.effect("cause the error Unauthorized if the server refuses the credentials", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(api.list())
      assert.strictEqual(error._tag, "MammothUnauthorized")
      assert.match(error.message, /did not accept the API key and secret/)
    }).pipe(
      Effect.provide(Server.layer({ emulator: { apiKey: "one" }, credentials: Server.keys("another", "secret") }))
    )
  )

  const wiped = Redacted.make("wiped")
  Redacted.unsafeWipe(wiped)
  const missing = "expected a string of at least one character"
  const unprintable = "expected printable ASCII, as HTTP headers require"
  // Test keys of any type: a program without types can pass any value, such as undefined for a missing variable.
  const unusable: ReadonlyArray<readonly [keys: unknown, told: string]> = [
    [{ apiKey: Redacted.make(""), apiSecret: Redacted.make("s") }, `apiKey: ${missing}, received an empty string`],
    [{ apiKey: Redacted.make("k"), apiSecret: Redacted.make(" \n") }, `apiSecret: ${missing}, received a string of 2`],
    [
      { apiKey: Redacted.make("k\ny"), apiSecret: Redacted.make("s") },
      `apiKey: ${unprintable}, received a string of 3`
    ],
    [
      { apiKey: Redacted.make("k"), apiSecret: Redacted.make("s€") },
      `apiSecret: ${unprintable}, received a string of 2`
    ],
    [{ apiKey: Redacted.make(undefined), apiSecret: Redacted.make("s") }, `apiKey: ${missing}, received nothing`],
    [{ apiKey: Redacted.make("k"), apiSecret: Redacted.make(null) }, `apiSecret: ${missing}, received null`],
    [{ apiKey: Redacted.make(["k"]), apiSecret: Redacted.make("s") }, `apiKey: ${missing}, received a list of 1`],
    [{ apiKey: wiped, apiSecret: Redacted.make("s") }, `apiKey: ${missing}, received nothing`],
    [{ apiKey: Redacted.make("k") }, `apiSecret: ${missing}, received nothing`],
    [undefined, `apiKey: ${missing}, received nothing`],
    ...[["7", "a string of 1 character"] as const, [Number.NaN, "NaN"] as const].map(
      ([workspaceId, received]) =>
        [
          { apiKey: Redacted.make("k"), apiSecret: Redacted.make("s"), workspaceId },
          `workspaceId: expected an integer from 1 to 2^53 - 1, received ${received}`
        ] as const
    )
  ]

  for (const [keys, told] of unusable) {
    it.effect(`cause a CredentialsError before anything is sent if a value is invalid: ${told}`, () =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(api.list())
        assert.strictEqual(error._tag, "MammothCredentialsError")
        assert.include(error.message, `no credentials: ${told}`)
        assert.strictEqual(error.delivery, "NotSent")
        assert.deepStrictEqual(yield* Server.seen, [])
      }).pipe(
        Effect.provide(
          Server.layer({ credentials: Credentials.layerPerAttempt(Effect.sync(() => JSON.parse("{}", () => keys))) })
        )
      )
    )
  }

  it.effect("are sent without white space at their ends", () =>
    Effect.gen(function* () {
      yield* api.list()
      const headers = (yield* Server.seen).flatMap((request) => request.headers)
      assert.deepInclude(headers, ["x-api-key", "key"])
      assert.deepInclude(headers, ["x-api-secret", "secret"])
    }).pipe(
      Effect.provide(
        Server.layer({
          emulator: { apiKey: "key", apiSecret: "secret" },
          credentials: Server.keys("key\r\n", " secret\t")
        })
      )
    )
  )
})
