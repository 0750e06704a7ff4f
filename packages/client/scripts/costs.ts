/**
 * Prints the processor time of a call after each step of `internal/http/pipe.ts`, and the time that each step adds. The
 * transport of these calls responds immediately. Run this script from the root of the repository:
 *
 * npx -y pnpm@12 exec tsx packages/client/scripts/costs.ts
 */
import { HttpClient, HttpClientRequest, HttpClientResponse } from "@effect/platform"
import { Examples, Operations, WebhookKey, WebhookPage } from "@mammoth-effect/core"
import { Effect, Either, Layer, ManagedRuntime, Option, ParseResult, pipe, Redacted, Schema } from "effect"
import { Credentials, MammothConfig, RetryPolicy, Webhooks } from "../src/index.js"
import { withBody, withDecoding } from "../src/internal/http/body.js"
import * as Call from "../src/internal/http/call.js"
import { withLogs } from "../src/internal/http/logs.js"
import { withMetrics } from "../src/internal/http/metrics.js"
import { withBaseUrl, withCredentials, withHeaders } from "../src/internal/http/request.js"
import { withRetry } from "../src/internal/http/retry.js"
import { resolve } from "../src/internal/http/settings.js"
import { makeShared } from "../src/internal/http/shared.js"
import { withStatusErrors } from "../src/internal/http/status.js"
import { withAttemptSpans, withTraceContext } from "../src/internal/http/telemetry.js"
import { withTimeLimits } from "../src/internal/http/timeout.js"
import { withTransport } from "../src/internal/http/transport.js"
import { interpret } from "../src/internal/operations/interpret.js"

const keys = { apiKey: Redacted.make("key"), apiSecret: Redacted.make("secret") }
const credentials = Option.some<Credentials.Service>({ keys: Effect.succeed(keys) })
const server = MammothConfig.layer({ baseUrl: "http://127.0.0.1:1/api/v2" })
const settings = Effect.flatMap(MammothConfig.MammothConfig, (config) => resolve(config, RetryPolicy.standard, {}))

const answer = (request: HttpClientRequest.HttpClientRequest) =>
  HttpClientResponse.fromWeb(request, new Response(null, { status: 201, headers: { "content-length": "0" } }))
const answered = answer(HttpClientRequest.get("/"))
// Read the response's text once before the measurement. The response keeps the text, so later reads take little time.
await Effect.runPromise(answered.text)

const silent = HttpClient.makeWith<never, never, never, never>(
  Effect.map(() => answered),
  Effect.succeed
)
const request = HttpClientRequest.post("/webhooks/data/k")
const withKeys = withCredentials(credentials)
const counted = withMetrics(Operations.addData)
const retried = withRetry(makeShared(RetryPolicy.standard), credentials)

const steps: ReadonlyArray<readonly [name: string, make: (call: Call.Call) => Effect.Effect<unknown, unknown>]> = [
  ["the call itself", () => silent.execute(request)],
  ["base URL and headers", (call) => silent.execute(headed(call))],
  ["credentials", (call) => signed(call, begin())],
  ["no redirects, no platform spans, transport errors", (call) => sent(call, begin())],
  ["reading the body", (call) => read(call, begin())],
  ["time limits", (call) => limited(call, begin())],
  ["status and decoding", (call) => decoded(call, begin())],
  ["logs, switched off", (call) => logged(call, begin())],
  ["metrics", (call) => measured(call, begin())],
  ["spans, without a tracer", (call) => traced(call, begin())],
  ["retry", (call) => retried(call)((attempt) => traced(call, attempt))]
]

const begin = () =>
  Call.begin({ number: 1, startedAt: Date.now(), deadlineAt: Number.POSITIVE_INFINITY, secrets: ["k"] })
const headed = (call: Call.Call) => pipe(request, withBaseUrl(call), withHeaders(call))
const prepared = (call: Call.Call, attempt: Call.Attempt) =>
  pipe(headed(call), withKeys(attempt), Effect.flatMap(withTraceContext(false)))
const signed = (call: Call.Call, attempt: Call.Attempt) =>
  Effect.flatMap(prepared(call, attempt), (request) => silent.execute(request))
const sent = (call: Call.Call, attempt: Call.Attempt) =>
  Effect.flatMap(prepared(call, attempt), withTransport(silent, call, attempt))
const read = (call: Call.Call, attempt: Call.Attempt) => pipe(sent(call, attempt), withBody(call, attempt))
const limited = (call: Call.Call, attempt: Call.Attempt) => pipe(read(call, attempt), withTimeLimits(call, attempt))
const decoded = (call: Call.Call, attempt: Call.Attempt) =>
  pipe(limited(call, attempt), withStatusErrors(call, attempt), withDecoding(call, attempt))
const logged = (call: Call.Call, attempt: Call.Attempt) => pipe(decoded(call, attempt), withLogs(false)(call, attempt))
const measured = (call: Call.Call, attempt: Call.Attempt) => pipe(logged(call, attempt), counted(attempt))
const traced = (call: Call.Call, attempt: Call.Attempt) =>
  pipe(measured(call, attempt), withAttemptSpans(false)(call, attempt))

const calls = 20_000
const rounds = 5

/**
 * Returns a function that measures the processor time for one execution of an effect, in microseconds. During the
 * measurement, eight fibers execute the effect at the same time.
 */
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

const resolved = await Effect.runPromise(Effect.provide(settings, server))
const current: Call.Call = {
  operation: Operations.addData,
  calledAs: "addData",
  settings: resolved,
  request,
  secrets: ["k"],
  nothing: undefined,
  decode: () => Either.right(undefined)
}

const costs: Array<readonly [string, number]> = []
const measure = microseconds<never>(Effect.runPromise)
for (const [name, make] of steps) costs.push([name, await measure(Effect.suspend(() => make(current)))])

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
  ["JSON.parse, Effect's decoder", () => decode(JSON.parse(text))],
  ["JSON.parse, the SDK's reader", () => readPage(text, {})]
]
const pages: Array<readonly [string, number]> = []
for (const [name, run] of decoding) pages.push([name, await measure(Effect.sync(run))])

const line = ([name, cost]: readonly [string, number], before: number) =>
  `${name.padEnd(34)}${cost.toFixed(1).padStart(8)}${`+${(cost - before).toFixed(1)}`.padStart(8)}`

console.log(`Processor time of a call after each step, in µs: the median of ${rounds} rounds of ${calls} calls`)
for (const [at, cost] of costs.entries()) console.log(line(cost, costs[at - 1]?.[1] ?? 0))
console.log("\nProcessor time for decoding a page of 50 webhooks, in µs, measured within an effect")
for (const cost of pages) console.log(line(cost, 0))
await runtime.dispose()
