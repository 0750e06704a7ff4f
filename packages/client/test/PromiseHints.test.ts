/** Tests the remedies and causes in the error messages of the promise API. */
import { inspect } from "node:util"
import { FetchHttpClient } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Logger, Redacted, Schema } from "effect"
import { Credentials, MammothConfig, RequestOptions, Webhooks } from "../src/index.js"
import { assumeCombine, makeClient, reveal } from "../src/promise.js"
import { ingestCsv } from "../src/promiseCsv.js"
import { ingestNdjson } from "../src/promiseNdjson.js"
import { assertTagged, connected, keys, rejected } from "./support/Promises.js"

const orders = assumeCombine("abcdefgh")

/** Evaluates a call of a program without types. */
const untyped = (run: (...given: ReadonlyArray<never>) => Promise<unknown>, ...given: ReadonlyArray<unknown>) =>
  rejected(() => Reflect.apply(run, undefined, given))

describe("The error of a file that is not UTF-8", () => {
  it.scoped("names the platform's decoder for Latin-1", () =>
    Effect.gen(function* () {
      const { mammoth } = yield* connected()
      const bytes = Buffer.from('{"name":"Zoë"}\n', "latin1")
      const error = yield* rejected(() => ingestNdjson(mammoth, orders, bytes))
      assertTagged(error, "MammothSourceError")
      assert.include(error.message, 'TextDecoderStream("windows-1252")')
    })
  )

  it.scoped("names the platform's decoder for UTF-16", () =>
    Effect.gen(function* () {
      const { mammoth } = yield* connected()
      const error = yield* rejected(() => ingestCsv(mammoth, orders, Buffer.from("id,name\n1,Ada\n", "utf16le")))
      assertTagged(error, "MammothSourceError")
      assert.include(error.message, 'TextDecoderStream("utf-16le")')
    })
  )

  it.scoped("names a decoder that makes the file readable", () =>
    Effect.gen(function* () {
      const { emulator, mammoth } = yield* connected()
      const webhook = yield* Effect.promise(() =>
        mammoth.ensure("orders", { workspaceId: 7, projectId: 9, mode: "combine" })
      )
      const bytes = new Blob([Buffer.from("id,name\n1,Zoë\n", "latin1")]).stream()
      const decoded = bytes.pipeThrough(new TextDecoderStream("windows-1252"))
      yield* Effect.promise(() => ingestCsv(mammoth, webhook, decoded))
      assert.deepStrictEqual(yield* emulator.rows(webhook.id), [{ id: "1", name: "Zoë" }])
    })
  )
})

describe("The error of a CSV row with the wrong number of fields", () => {
  it.scoped("names the option `delimiter`", () =>
    Effect.gen(function* () {
      const { mammoth } = yield* connected()
      const file = new TextEncoder().encode("id;total\n1;5,50\n")
      const error = yield* rejected(() => ingestCsv(mammoth, orders, file))
      assertTagged(error, "MammothSourceError")
      assert.strictEqual(
        error.message,
        "CSV, line 2: expected 1 field, found 2; check the quotes and the option delimiter"
      )
    })
  )
})

describe("The error of rows whose iterable throws", () => {
  for (const [name, rows] of [
    [
      "an iterable",
      function* (broken: Error) {
        yield { id: 1 }
        throw broken
      }
    ],
    [
      "an async iterable",
      async function* (broken: Error) {
        yield { id: 1 }
        throw broken
      }
    ]
  ] as const) {
    it.scoped(`has the thrown error of ${name} as its cause`, () =>
      Effect.gen(function* () {
        const { mammoth } = yield* connected()
        const broken = new TypeError("the cursor of Ada broke")
        const error = yield* rejected(() => mammoth.ingest(orders, rows(broken)))
        assertTagged(error, "MammothSourceError")
        assert.strictEqual(error.cause, broken)
        // Expect the thrown message only in console output, because the message may quote a row.
        assert.notInclude(error.message + JSON.stringify(error), "Ada")
        assert.include(inspect(error), "TypeError: the cursor of Ada broke")
      })
    )
  }
})

describe("The error for a promise that was not awaited", () => {
  it.scoped("says that a row is a promise", () =>
    Effect.gen(function* () {
      const { mammoth } = yield* connected()
      const error = yield* untyped(mammoth.ingest, orders, [Promise.resolve({ id: 1 })])
      assertTagged(error, "MammothRowRefused")
      assert.match(error.message, /received a promise \(await it\)$/)
    })
  )

  it.scoped("says that the webhook is a promise", () =>
    Effect.gen(function* () {
      const { mammoth } = yield* connected()
      const error = yield* untyped(mammoth.addData, Promise.resolve(orders), { id: 1 })
      assertTagged(error, "MammothInvalidRequest")
      assert.match(error.message, /received a promise \(await it\)$/)
    })
  )
})

describe("The error of swapped arguments", () => {
  it.scoped("says that ingest takes the webhook first", () =>
    Effect.gen(function* () {
      const { mammoth } = yield* connected()
      const error = yield* untyped(mammoth.ingest, [{ id: 1 }], orders)
      assertTagged(error, "MammothInvalidRequest")
      assert.include(error.message, "assumeCombine(key), as the first argument, received a list of 1")
    })
  )

  it.scoped("says that addData takes the webhook first", () =>
    Effect.gen(function* () {
      const { mammoth } = yield* connected()
      const error = yield* untyped(mammoth.addData, { id: 1 }, orders)
      assertTagged(error, "MammothInvalidRequest")
      assert.include(error.message, "its key, or its uri, as the first argument, received an object")
    })
  )
})

describe("The error of missing keys", () => {
  it("names the environment variables and the option that can provide the keys", () => {
    assert.throws(
      () => makeClient({ env: {} }),
      /^The client cannot be made: MAMMOTHANALYTICS_API_KEY is missing; .*set these variables, or pass the option credentials$/
    )
  })

  it("says that a variable is missing if it contains only white space", () => {
    const env = { MAMMOTHANALYTICS_API_KEY: keys.apiKey, MAMMOTHANALYTICS_API_SECRET: " " }
    assert.throws(
      () => makeClient({ env }),
      "The client cannot be made: MAMMOTHANALYTICS_API_SECRET is missing; set these variables, or pass the option credentials"
    )
  })
})

describe("The warning about a callback that fails", () => {
  it.scoped("shows the error that onResponse threw, without the keys", () =>
    Effect.gen(function* () {
      const { emulator } = yield* connected()
      const logged: Array<string> = []
      const logger = Logger.make(({ cause, message }) => logged.push(inspect([message, cause])))
      yield* Webhooks.list({ workspaceId: 7, projectId: 9 }).pipe(
        RequestOptions.withOptions({ onResponse: () => Effect.die(new Error(`the disk is full (${keys.apiSecret})`)) }),
        Effect.provide(Webhooks.layer),
        Effect.provide([
          FetchHttpClient.layer,
          MammothConfig.layer({ baseUrl: emulator.baseUrl }),
          Credentials.layer({ apiKey: Redacted.make(keys.apiKey), apiSecret: Redacted.make(keys.apiSecret) }),
          Logger.replace(Logger.defaultLogger, logger)
        ])
      )
      assert.strictEqual(logged.length, 1)
      assert.include(logged[0], "onResponse failed")
      assert.include(logged[0], "the disk is full (<redacted>)")
    })
  )
})

describe("The error of reveal", () => {
  it("says that reveal expects the uri or secret of a webhook", () => {
    assert.throws(() => Reflect.apply(reveal, undefined, []), TypeError, "reveal: expected a webhook's uri or secret")
  })
})

describe("The error of a refused row", () => {
  it.scoped("names first the line number and then the index, if the row comes from a file", () =>
    Effect.gen(function* () {
      const { mammoth } = yield* connected()
      const file = new TextEncoder().encode('{"id":1}\n\n\n{"id":"2"}\n')
      const schema = Schema.Struct({ id: Schema.Number })
      const error = yield* rejected(() => ingestNdjson(mammoth, orders, file, { schema }))
      assertTagged(error, "MammothRowRefused")
      assert.match(error.message, /^Line 4 \(index 1\) was not sent: /)
    })
  )

  it.scoped("names the index if the row has no line number", () =>
    Effect.gen(function* () {
      const { mammoth } = yield* connected()
      const error = yield* untyped(mammoth.ingest, orders, [undefined])
      assertTagged(error, "MammothRowRefused")
      assert.match(error.message, /^The row at index 0 was not sent: /)
    })
  )
})
