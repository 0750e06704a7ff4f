import { assert, describe, it } from "@effect/vitest"
import { WebhookKey } from "@mammoth-effect/core"
import { Emulator, Fault } from "@mammoth-effect/emulator"
import {
  Effect,
  Exit,
  Fiber,
  HashMap,
  Logger,
  LogLevel,
  Metric,
  MetricState,
  Option,
  Schedule,
  Struct,
  Tracer
} from "effect"
import { MammothConfig, RetryPolicy, Webhooks } from "../src/index.js"
import * as Server from "./support/Server.js"

interface Ended {
  readonly name: string
  readonly parent: string | undefined
  readonly attributes: Record<string, unknown>
  readonly failed: boolean
}

/** Runs an effect. Returns its spans in the order in which they ended. */
const traced = <A, E, R>(self: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const ended: Array<Ended> = []
    const names = new WeakMap<object, string>()
    const tracer = Tracer.make({
      context: (run) => run(),
      span: (name, parent, context, links, startTime, kind) => {
        const attributes = new Map<string, unknown>()
        const span: Tracer.Span = {
          _tag: "Span",
          name,
          parent,
          context,
          links,
          kind,
          attributes,
          spanId: "s",
          traceId: "t",
          sampled: true,
          status: { _tag: "Started", startTime },
          attribute: (key, value) => void attributes.set(key, value),
          event: () => undefined,
          addLinks: () => undefined,
          end: (_, exit) => {
            ended.push({
              name,
              parent: Option.getOrUndefined(Option.flatMapNullable(parent, (above) => names.get(above))),
              attributes: Object.fromEntries(attributes),
              failed: Exit.isFailure(exit)
            })
          }
        }
        names.set(span, name)
        return span
      }
    })
    yield* Effect.exit(Effect.withTracer(self, tracer))
    return ended
  })

const retrying: Server.Options = { retry: RetryPolicy.make({ schedule: Schedule.spaced("1 millis") }) }
const route = "/workspaces/{workspace_id}/projects/{project_id}/webhooks/{webhook_id}"

describe("Spans", () => {
  it.live("exist for each call, with a child span for each attempt, and use OpenTelemetry's names", () =>
    Effect.gen(function* () {
      const { baseUrl } = yield* Emulator.Emulator
      const { hostname, port } = new URL(baseUrl)
      yield* Server.inject(Fault.status(503))
      const [first, second, call] = yield* traced(Server.api.getDetails({ webhookId: 8 }))
      const about = {
        "http.request.method": "GET",
        "url.template": route,
        "mammoth.operation_id": "GetWebhookDetails"
      }
      const attempt = { ...about, "server.address": hostname, "server.port": Number(port) }
      assert.deepStrictEqual(first, {
        name: `GET ${route}`,
        parent: "Webhooks.getDetails",
        attributes: {
          ...attempt,
          "http.response.status_code": 503,
          "error.type": "MammothServerError",
          "mammoth.delivery": "Unknown"
        },
        failed: true
      })
      assert.deepStrictEqual(second?.attributes, {
        ...attempt,
        "http.request.resend_count": 1,
        "http.response.status_code": 404,
        "error.type": "MammothNotFound",
        "mammoth.delivery": "Rejected"
      })
      assert.deepStrictEqual(call, {
        name: "Webhooks.getDetails",
        parent: undefined,
        attributes: {
          ...about,
          "mammoth.workspace_id": 4,
          "mammoth.project_id": 4,
          "mammoth.webhook_id": 8,
          "error.type": "MammothNotFound",
          "mammoth.delivery": "Unknown",
          "mammoth.attempts": 2
        },
        failed: true
      })
    }).pipe(Effect.provide(Server.layer(retrying)))
  )

  it.live("exist for a call with invalid input, which makes no attempt", () =>
    Effect.gen(function* () {
      const spans = yield* traced(Server.api.list({ limit: 101 }))
      assert.deepStrictEqual(
        spans.map(({ attributes, name }) => [name, attributes["error.type"], attributes["mammoth.delivery"]]),
        [["Webhooks.list", "MammothInvalidRequest", "NotSent"]]
      )
    }).pipe(Effect.provide(Server.layer()))
  )

  it.live("do not include the platform's own spans, which would show the webhook's key", () =>
    Effect.gen(function* () {
      const spans = yield* traced(Webhooks.addDataUsingGet(WebhookKey.make("sesame"), { n: 1 }))
      assert.deepStrictEqual(
        spans.map(({ name }) => name),
        ["GET /webhooks/data/{webhook_uri}", "Webhooks.addDataUsingGet"]
      )
      assert.notInclude(JSON.stringify(spans), "sesame")
    }).pipe(Effect.provide(Server.layer()))
  )
})

/** Returns the states of a metric, by the values of its tags. */
const states = (name: string) =>
  Effect.map(Metric.snapshot, (pairs) =>
    Object.fromEntries(
      pairs
        .filter(({ metricKey }) => metricKey.name === name)
        .map(({ metricKey, metricState }) => [metricKey.tags.map(({ value }) => value).join(" "), metricState])
    )
  )

const counts = (name: string) =>
  Effect.map(states(name), (all) =>
    Object.fromEntries(
      Object.entries(all).map(([tags, state]) => [
        tags,
        MetricState.isCounterState(state)
          ? Number(state.count)
          : MetricState.isGaugeState(state)
            ? Number(state.value)
            : MetricState.isHistogramState(state)
              ? state.count
              : undefined
      ])
    )
  )

describe("Metrics", () => {
  it.live("count attempts by operation and outcome, and also cover retries, durations and requests in flight", () =>
    Effect.gen(function* () {
      const before = {
        requests: yield* counts("mammoth_requests_total"),
        retries: yield* counts("mammoth_retries_total"),
        durations: yield* counts("mammoth_request_duration_seconds")
      }
      yield* Server.inject(Fault.status(503, { times: 2 }))
      yield* Server.api.list()
      const grown = (name: string, was: Record<string, number | undefined>, tags: string) =>
        Effect.map(counts(name), (now) => (now[tags] ?? 0) - (was[tags] ?? 0))
      assert.strictEqual(yield* grown("mammoth_requests_total", before.requests, "list MammothServerError"), 2)
      assert.strictEqual(yield* grown("mammoth_requests_total", before.requests, "list success"), 1)
      assert.strictEqual(yield* grown("mammoth_retries_total", before.retries, "list"), 2)
      assert.strictEqual(yield* grown("mammoth_request_duration_seconds", before.durations, "list"), 3)
      assert.strictEqual((yield* counts("mammoth_requests_in_flight"))["list"], 0)
    }).pipe(Effect.provide(Server.layer(retrying)))
  )

  it.live("count attempts separately for each value of the caller's labels", () =>
    Effect.gen(function* () {
      for (const team of ["a", "b", "a"]) {
        yield* Effect.tagMetrics(Server.api.update({ webhookId: 1, origins: "*" }), "team", team).pipe(Effect.exit)
      }
      const total = yield* counts("mammoth_requests_total")
      assert.strictEqual(total["update MammothNotFound a"], 2)
      assert.strictEqual(total["update MammothNotFound b"], 1)
    }).pipe(Effect.provide(Server.layer()))
  )

  it.live("show zero requests in flight after an interruption", () =>
    Effect.gen(function* () {
      yield* Server.inject(Fault.stall("start"))
      const fiber = yield* Effect.fork(Server.api.delete({ webhookId: 8 }))
      const inFlight = Effect.map(counts("mammoth_requests_in_flight"), (all) => all["delete"])
      yield* Effect.repeat(inFlight, { until: (n) => n === 1, schedule: Schedule.spaced("5 millis") })
      yield* Fiber.interrupt(fiber)
      assert.strictEqual(yield* inFlight, 0)
    }).pipe(Effect.provide(Server.layer()))
  )
})

/** Returns the messages and annotations that an effect logs at debug level. */
const logged = <A, E, R>(self: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const lines: Array<Record<string, unknown>> = []
    const logger = Logger.make(({ annotations, message }) => {
      lines.push({ message: String(message), ...Object.fromEntries(HashMap.toEntries(annotations)) })
    })
    yield* Effect.exit(self).pipe(
      Effect.provide(Logger.replace(Logger.defaultLogger, logger)),
      Logger.withMinimumLogLevel(LogLevel.Debug)
    )
    return lines.map((line) => Struct.omit(line, "millis"))
  })

describe("Debug logs", () => {
  const logs = (config?: MammothConfig.Options) =>
    Effect.gen(function* () {
      const webhook = yield* Server.api.create({ mode: "combine" })
      return yield* logged(Webhooks.addData(webhook, { row: "words" }))
    }).pipe(Effect.provide(Server.layer(config === undefined ? {} : { config })))

  const about = { operation: "addData", method: "POST", route: "/webhooks/data/{webhook_uri}", attempt: 1 }

  it.live("show the request and the response of each attempt, but no bodies", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* logs(), [
        { message: "webhook request begins", ...about },
        { message: "webhook request ended", ...about, outcome: "success", status: 201 }
      ])
    })
  )

  it.live("show the beginning of bodies if logBodies is true", () =>
    Effect.gen(function* () {
      const [begins, ended] = yield* logs({ logBodies: true })
      assert.strictEqual(begins?.["body"], '{"row":"words"}')
      assert.isString(ended?.["body"])
    })
  )

  it.effect("are not written at the default level", () =>
    Effect.gen(function* () {
      const lines: Array<unknown> = []
      const logger = Logger.make((options) => void lines.push(options.message))
      yield* Server.api.list().pipe(Effect.provide(Logger.replace(Logger.defaultLogger, logger)))
      assert.deepStrictEqual(lines, [])
    }).pipe(Effect.provide(Server.layer()))
  )
})
