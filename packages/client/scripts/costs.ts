/**
 * What each step of a call costs, in processor time: the pipe is built one policy after the other over a transport that
 * answers at once, and the difference that each makes is printed. From the root of the repository:
 *
 *     npx -y pnpm@12 exec tsx packages/client/scripts/costs.ts
 */
import { HttpClient, HttpClientRequest, HttpClientResponse } from "@effect/platform"
import { Examples, Operations, WebhookKey, WebhookPage } from "@mammoth-effect/core"
import { Effect, Layer, ManagedRuntime, Option, ParseResult, Redacted, Schema } from "effect"
import { Credentials, MammothConfig, RetryPolicy, Webhooks } from "../src/index.js"
import { withCredentials } from "../src/internal/authenticate.js"
import { withBaseUrl } from "../src/internal/baseUrl.js"
import { withBody } from "../src/internal/body.js"
import * as Call from "../src/internal/call.js"
import { withDecoding } from "../src/internal/decode.js"
import { withHeaders } from "../src/internal/headers.js"
import { interpret } from "../src/internal/interpret.js"
import { withLogs } from "../src/internal/logs.js"
import { withMetrics } from "../src/internal/metrics.js"
import { withPlainTransport } from "../src/internal/plain.js"
import { makeShared, withRetry } from "../src/internal/retry.js"
import { resolve } from "../src/internal/settings.js"
import { withStatusErrors } from "../src/internal/status.js"
import { withAttemptSpans, withTraceContext } from "../src/internal/telemetry.js"
import { withTimeLimits } from "../src/internal/timeout.js"
import { withTransportErrors } from "../src/internal/transport.js"

const keys = { apiKey: Redacted.make("key"), apiSecret: Redacted.make("secret") }
const credentials = Option.some<Credentials.Service>({ keys: Effect.succeed(keys) })
const server = MammothConfig.layer({ baseUrl: "http://127.0.0.1:1/api/v2" })
const settings = Effect.flatMap(MammothConfig.MammothConfig, (config) => resolve(config, RetryPolicy.standard, {}))

const answer = (request: HttpClientRequest.HttpClientRequest) =>
  HttpClientResponse.fromWeb(request, new Response(null, { status: 201 }))
const answered = answer(HttpClientRequest.get("/"))
// cached from here on
await Effect.runPromise(answered.text)

const silent = HttpClient.makeWith<never, never, never, never>(
  Effect.map(() => answered),
  Effect.succeed
)
const plain = withPlainTransport(silent)
const based = withBaseUrl(plain)
const headed = withHeaders(based)
const signed = withTraceContext(false)(withCredentials(credentials)(headed))
const told = withTransportErrors(signed)
const read = withBody(told)
const limited = withTimeLimits(read)
const decoded = withDecoding(withStatusErrors(limited))
const logged = withLogs(false)(decoded)
const counted = withMetrics(logged)
const traced = withAttemptSpans(false)(counted)
const retried = withRetry(makeShared(RetryPolicy.standard), credentials)(traced)

const steps: ReadonlyArray<readonly [string, HttpClient.HttpClient.With<unknown, Call.CurrentCall>]> = [
  ["the call itself", silent],
  ["no redirects, no platform spans", plain],
  ["base URL", based],
  ["headers", headed],
  ["credentials", signed],
  ["transport errors", told],
  ["body within the attempt", read],
  ["time limits", limited],
  ["status and decoding", decoded],
  ["logs, which nobody reads", logged],
  ["metrics", counted],
  ["spans, which nobody collects", traced],
  ["retry", retried]
]

const calls = 20_000
const rounds = 5

/** Microseconds of processor time for each run, eight at once. */
const microseconds = <R>(run: (effect: Effect.Effect<void, unknown, R>) => Promise<void>) => {
  const once = (effect: Effect.Effect<unknown, unknown, R>) =>
    run(
      Effect.forEach([1, 2, 3, 4, 5, 6, 7, 8], () => Effect.repeatN(effect, calls / 8 - 1), {
        concurrency: 8,
        discard: true
      })
    )
  return async (effect: Effect.Effect<unknown, unknown, R>): Promise<number> => {
    await once(effect)
    const times: Array<number> = []
    for (let round = 0; round < rounds; round++) {
      const before = process.cpuUsage()
      await once(effect)
      times.push(process.cpuUsage(before).user / calls)
    }
    return times.toSorted((a, b) => a - b)[rounds >> 1] ?? Number.NaN
  }
}

const request = HttpClientRequest.post("/webhooks/data/k")
const resolved = await Effect.runPromise(Effect.provide(settings, server))
const current = () =>
  Call.make({ operation: Operations.addData, settings: resolved, secrets: new Set(), sent: "{}", accept: () => [] })

const costs: Array<readonly [string, number]> = []
const measure = microseconds<never>(Effect.runPromise)
for (const [name, client] of steps) {
  costs.push([
    name,
    await measure(Effect.suspend(() => Effect.provideService(client.execute(request), Call.CurrentCall, current())))
  ])
}

const runtime = ManagedRuntime.make(
  Webhooks.layer.pipe(Layer.provide([Credentials.layer(keys), server, Layer.succeed(HttpClient.HttpClient, silent)]))
)
const push = Webhooks.addData(WebhookKey.make("k"), { id: 123, name: "row 123", value: 0.5 })
costs.push(["input, encoding, request", await microseconds<Webhooks.WebhookPush>(runtime.runPromise)(push)])

const text = JSON.stringify(
  Schema.encodeSync(WebhookPage.WebhookPage)({
    ...Examples.page,
    webhooks: Array.from({ length: 50 }, () => Examples.webhook)
  })
)
const decode = ParseResult.decodeUnknownEither(WebhookPage.WebhookPage)
const { decode: readPage } = interpret(Operations.list)
const decoding: ReadonlyArray<readonly [string, () => unknown]> = [
  ["JSON.parse", () => JSON.parse(text)],
  ["and decoded by the schema", () => decode(JSON.parse(text))],
  ["and read as the client does", () => readPage(JSON.parse(text), {})]
]
const pages: Array<readonly [string, number]> = []
for (const [name, run] of decoding) pages.push([name, await measure(Effect.sync(run))])

const line = ([name, cost]: readonly [string, number], before: number) =>
  `${name.padEnd(34)}${cost.toFixed(1).padStart(8)}${`+${(cost - before).toFixed(1)}`.padStart(8)}`

console.log(`Processor time of a call, µs, added up step by step; median of ${rounds} rounds of ${calls}`)
for (const [at, cost] of costs.entries()) console.log(line(cost, costs[at - 1]?.[1] ?? 0))
console.log("\nOf the text of a page of 50 webhooks, each with an effect around it")
for (const cost of pages) console.log(line(cost, 0))
await runtime.dispose()
