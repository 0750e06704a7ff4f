import { assert, describe, it } from "@effect/vitest"
import { JsonText } from "@mammoth-effect/core"
import { Effect, Schema, Stream } from "effect"
import { Webhooks, WebhookSink, WebhookTarget } from "../src/index.js"
import * as Server from "./support/Server.js"

const key = "/webhook/data/nHC1zIl97JzgDMopgcfpOgLV"

/** A string longer than half of the maximum length, so that two of these strings are too long together. */
const half = "x".repeat(JsonText.maxLength / 2 + 1)

const throws = () => {
  throw new RangeError("Invalid string length")
}

/**
 * Makes a document that passes the SDK's check, because the first call of `toJSON` returns a number. The second call,
 * in `JSON.stringify`, throws the error for a document that is too long.
 */
const unwritable = () => {
  let reads = 0
  return { total: { toJSON: () => (reads++ === 0 ? 1 : throws()) } }
}

const nothingSent = Effect.map(Server.seen, (requests) => assert.strictEqual(requests.length, 0))

describe("JSON too long for a string", () => {
  it.live("is refused before anything is sent if it is the document of addData", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Webhooks.addData(key, unwritable()))
      assert.strictEqual(error._tag, "MammothInvalidRequest")
      assert.include(error.message, "data: expected JSON of at most 536870888 characters")
      yield* nothingSent
    }).pipe(Effect.provide(Server.layer()))
  )

  it.live("causes a different error than a document whose toJSON throws", () =>
    Effect.gen(function* () {
      let reads = 0
      const data = {
        toJSON: () => {
          if (reads++ > 0) throw new Error("the secret of 8 rows")
          return { total: 1 }
        }
      }
      const error = yield* Effect.flip(Webhooks.addData(key, data))
      assert.strictEqual(error._tag, "MammothInvalidRequest")
      assert.include(error.message, "data: expected a value that JSON can write, received a value that throws while")
      assert.notMatch(error.message, /characters|secret/)
      yield* nothingSent
    }).pipe(Effect.provide(Server.layer()))
  )

  it.live(
    "is refused before anything is sent, with its length in the error, if the rows of replaceAll are too long together",
    () =>
      Effect.gen(function* () {
        const target = WebhookTarget.assumeReplace(key)
        const rows = [half, half]
        const error = yield* Effect.flip(Webhooks.replaceAll(target, rows, { schema: Schema.String }))
        assert.strictEqual(error._tag, "MammothInvalidRequest")
        assert.include(error.message, "rows: expected JSON of at most 536870888 characters")
        assert.include(error.message, `received ${JsonText.maxLength + 2 + 7} characters`)
        yield* nothingSent
      }).pipe(Effect.provide(Server.layer()))
  )

  it.live(
    'is refused before anything is sent if the schema of replaceAll throws "Invalid string length" for a row',
    () =>
      Effect.gen(function* () {
        const target = WebhookTarget.assumeReplace(key)
        const Throwing = Schema.transform(Schema.String, Schema.String, { decode: (text) => text, encode: throws })
        const error = yield* Effect.flip(Webhooks.replaceAll(target, ["a"], { schema: Throwing }))
        assert.deepInclude(error, { _tag: "MammothRowRefused", index: 0 })
        assert.include(error.message, "expected JSON of at most 536870888 characters")
        yield* nothingSent
      }).pipe(Effect.provide(Server.layer()))
  )

  it.live("is refused if it is one row of a stream, and the other rows are sent", () =>
    Effect.gen(function* () {
      const webhook = yield* Server.api.create({ mode: "combine" })
      const rows = Stream.make<Array<unknown>>({ total: 1 }, unwritable(), { total: 3 })
      const report = yield* Stream.run(
        rows,
        WebhookSink.append(webhook, { schema: Schema.Unknown, onBadRow: "continue" })
      )
      assert.deepInclude(report, { offered: 3, accepted: { rows: 2, bytes: 22 } })
      assert.strictEqual(report.refused.rows, 1)
    }).pipe(Effect.provide(Server.layer()))
  )

  it.live("cannot occur in a batch, because batch.maxBytes has the same limit", () =>
    Effect.gen(function* () {
      const target = WebhookTarget.assumeCombine(key)
      const options = { schema: Schema.String, batch: { maxBytes: JsonText.maxLength + 1 } }
      const error = yield* Effect.flip(Stream.run(Stream.make("a"), WebhookSink.append(target, options)))
      assert.include(error.message, "batch.maxBytes: expected an integer from 1 to 536870888, received 536870889")
    }).pipe(Effect.provide(Server.layer()))
  )
})
