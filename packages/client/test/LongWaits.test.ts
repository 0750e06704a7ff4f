/** Tests waits that are longer than the longest timer of JavaScript (24.8 days), with fake timers. */
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Layer, Schema, Stream } from "effect"
import { afterEach, beforeEach, vi } from "vitest"
import { MammothConfig, RetryPolicy, Webhooks, WebhookSink, WebhookTarget } from "../src/index.js"
import * as Server from "./support/Server.js"

const target = WebhookTarget.assumeCombine("g7rHe3mUqUGPEpnc4XxeDWJa")

/** Makes a server that counts its requests. The server requests one wait of 30 days, or never responds. */
const server = (answers: boolean) => {
  let requests = 0
  const transport = HttpClient.make((request) =>
    Effect.suspend(() => {
      requests += 1
      if (!answers) return Effect.never
      const init = requests === 1 ? { status: 429, headers: { "retry-after": "2592000" } } : { status: 200 }
      return Effect.succeed(HttpClientResponse.fromWeb(request, new Response("{}", init)))
    })
  )
  const layer = Webhooks.layer.pipe(
    Layer.provide([
      Layer.succeed(HttpClient.HttpClient, transport),
      Server.keys("key", "secret"),
      MammothConfig.layer({ baseUrl: "http://localhost/api/v2", timeout: answers ? "10 seconds" : "30 days" }),
      RetryPolicy.layer(RetryPolicy.make({ maxRetryAfter: "60 days" }))
    ])
  )
  return { layer, requests: () => requests }
}

const pass = (days: number) => vi.advanceTimersByTimeAsync(Duration.toMillis(Duration.days(days)))

/** Runs an effect. Checks that the effect ends between day 29 and day 31, and that a timer runs until then. */
const takesAMonth = async <A, E>(effect: Effect.Effect<A, E>) => {
  let isOver = false
  const ended = Effect.runPromise(effect).finally(() => {
    isOver = true
  })
  for (const days of [1, 28]) {
    await pass(days)
    assert.isFalse(isOver)
    assert.isAbove(vi.getTimerCount(), 0)
  }
  await pass(2)
  assert.isTrue(isOver)
  return ended
}

describe("A wait of 30 days", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] }))
  afterEach(() => void vi.useRealTimers())

  it("delays an ingestion if Retry-After requests the wait", async () => {
    const { layer, requests } = server(true)
    const sink = WebhookSink.append(target, { schema: Schema.Struct({ id: Schema.Int }) })
    const report = await takesAMonth(Stream.run(Stream.make({ id: 1 }), sink).pipe(Effect.provide(layer)))
    assert.deepStrictEqual([report.accepted.rows, requests()], [1, 2])
  })

  it("delays each call if Retry-After requests the wait and the policy allows the wait", async () => {
    const { layer, requests } = server(true)
    const push = Webhooks.addData(target, { id: 1 })
    await takesAMonth(
      Effect.all([push, Effect.delay(push, "1 second")], { concurrency: "unbounded" }).pipe(Effect.provide(layer))
    )
    assert.strictEqual(requests(), 3)
  })

  it("is possible as the timeout of a call", async () => {
    const { layer } = server(false)
    const error = await takesAMonth(Effect.flip(Webhooks.addData(target, { id: 1 })).pipe(Effect.provide(layer)))
    assert.strictEqual(error._tag, "MammothTimedOut")
  })
})
