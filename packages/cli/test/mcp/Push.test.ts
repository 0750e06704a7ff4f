import { assert, describe, it } from "@effect/vitest"
import { Webhooks } from "@mammoth-effect/client"
import { Webhook } from "@mammoth-effect/core"
import { Fault } from "@mammoth-effect/emulator"
import { Effect } from "effect"
import { push } from "../../src/internal/mcp/push.js"
import { create, emulate, managing, project, requestsOf } from "./support/harness.js"

describe("push", () => {
  it.scopedLive("reports the outcome of each row when its time is up", () =>
    Effect.gen(function* () {
      const emulator = yield* emulate()
      const { id } = yield* create(emulator, "orders", "combine")
      const rows = Array.from({ length: 30 }, (_, order) => ({ order }))
      // the server accepts ten rows and then stalls
      yield* emulator.inject(Fault.delay({ operation: "addData", times: 10 }))
      yield* emulator.inject(Fault.stall("start", { operation: "addData", times: "every" }))
      const error = yield* Effect.gen(function* () {
        const webhook = yield* Webhooks.getDetails({ ...project, webhookId: id })
        assert.isTrue(Webhook.isCombine(webhook))
        return Webhook.isCombine(webhook)
          ? yield* push(webhook, rows, { progress: () => Effect.void }, "1500 millis")
          : { accepted: 0 }
      }).pipe(Effect.flip, Effect.provide(managing(emulator)))
      assert(error._tag === "ToolError")
      assert.deepInclude({ ...error }, { code: "TimeUp", delivery: "Unknown", retryable: false })
      const { accepted: count, notSent, refused, unknown } = error.rows ?? assert.fail("no rows")
      const stored = (yield* emulator.rows(id)).length
      assert.isAtMost(count, stored)
      assert.isAtMost(stored, count + unknown.length)
      assert.isAbove(count, 0)
      assert.deepStrictEqual(refused, [])
      assert.isAbove(unknown.length, 0)
      assert.isAbove(notSent.length, 0)
      assert.strictEqual(count + unknown.length + notSent.length, rows.length)
      // the unsent rows did not arrive
      const sent = (yield* requestsOf(emulator, "addData")).map(
        ({ body }) => (JSON.parse(body) as (typeof rows)[number]).order
      )
      assert.deepStrictEqual(
        notSent.filter((index) => sent.includes(index)),
        []
      )
    })
  )
})
