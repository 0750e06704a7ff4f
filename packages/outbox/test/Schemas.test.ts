/** Tests the schemas of the values that an outbox returns, and an outbox over `Webhooks.layerTest`. */
import { assert, describe, it } from "@effect/vitest"
import { Webhooks, WebhookTarget } from "@mammoth-effect/client"
import { WebhooksError } from "@mammoth-effect/core"
import { Effect, Schema, Stream } from "effect"
import { Outbox, OutboxStore, OutboxWorker } from "../src/index.js"
import * as Databases from "./support/Databases.js"
import * as Server from "./support/Server.js"

const Row = Schema.Struct({ n: Schema.Int })

/** Checks that a value is the same after encoding to JSON and decoding. */
const survives = <A, I>(schema: Schema.Schema<A, I>, value: A) => {
  const json: unknown = JSON.parse(JSON.stringify(Schema.encodeSync(schema)(value)))
  assert.deepStrictEqual(Schema.decodeUnknownSync(schema)(json), value)
}

const refusal = new WebhooksError.BadRequest({
  operation: "addData",
  method: "POST",
  route: "/webhooks/data/{webhook_uri}",
  delivery: "Rejected",
  attempts: 1,
  history: [],
  status: 400,
  excerpt: "",
  detail: "no twos",
  extra: null
})

describe("An outbox over Webhooks.layerTest", () => {
  it.scopedLive("pushes rows through addData, and its results stay the same after JSON encoding and decoding", () => {
    const pushed: Array<unknown> = []
    const layer = Webhooks.layerTest({
      addData: (_, data) =>
        Effect.suspend(() => {
          pushed.push(data)
          return Schema.is(Row)(data) && data.n === 2 ? Effect.fail(refusal) : Effect.void
        })
    })
    return Effect.gen(function* () {
      const outbox = yield* Outbox.make(WebhookTarget.assumeCombine("key-of-a-webhook"), { name: "rows", schema: Row })
      const receipts = yield* outbox.offerAll([{ n: 1 }, { n: 2 }])
      const worker = yield* OutboxWorker.make(outbox, { pollInterval: "20 millis" })
      yield* outbox.drain
      assert.sameDeepMembers(pushed, [{ n: 1 }, { n: 2 }])
      const counts = yield* outbox.counts
      assert.deepStrictEqual(counts, { pending: 0, leased: 0, delivered: 1, dead: 1 })
      const letters = Array.from(yield* Stream.runCollect(outbox.deadLetters))
      assert.deepStrictEqual(
        letters.map(({ document }) => document),
        [{ n: 2 }]
      )
      survives(OutboxStore.Counts, counts)
      survives(Schema.Array(Outbox.Receipt), receipts)
      survives(Schema.Array(Outbox.DeadLetter), letters)
      survives(OutboxWorker.Report, yield* worker.report)
    }).pipe(Effect.provide([layer, Databases.onOwnSqlite, Server.quiet]))
  })
})
