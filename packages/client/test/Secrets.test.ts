import { inspect } from "node:util"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import { assert, describe, it } from "@effect/vitest"
import { Operations, WebhookKey } from "@mammoth-effect/core"
import { Emulator, Fault } from "@mammoth-effect/emulator"
import { Cause, Context, Effect, Exit, Layer, Logger, LogLevel, Metric, Option, Redacted, Stream, Tracer } from "effect"
import { Credentials, MammothConfig, RequestOptions, RetryPolicy, Webhooks } from "../src/index.js"
import * as UndiciHttpClient from "../src/UndiciHttpClient.js"
import * as Server from "./support/Server.js"

/** A part of every secret, so that one search finds any secret. */
const mark = "sesame"
const secrets = {
  apiKey: `${mark}-api-key`,
  apiSecret: `${mark}-api-secret`,
  webhookKey: `${mark}webhookkey`,
  webhookSecret: `${mark}-webhook-secret`
}
const uri = `/webhook/data/${secrets.webhookKey}`
const webhook = { uri: Redacted.make(uri), secret: Redacted.make(secrets.webhookSecret) }
const wire = { id: 8, name: "n", mode: "combine", uri, ds_id: 1, origins: "*", secret: secrets.webhookSecret }

/** Collects every string that a program can print. */
class Output {
  readonly texts: Array<string> = []

  readonly show = (...values: ReadonlyArray<unknown>): void => {
    for (const value of values) {
      this.texts.push(
        String(value),
        JSON.stringify(value) ?? "",
        inspect(value, { depth: null, showHidden: true, getters: true, maxStringLength: null, maxArrayLength: null })
      )
      if (value instanceof Error) this.texts.push(value.message, value.stack ?? "", JSON.stringify({ ...value }))
    }
  }

  readonly logger = Logger.make((options) => {
    this.texts.push(Logger.stringLogger.log(options), inspect(Logger.structuredLogger.log(options), { depth: null }))
  })

  readonly tracer = Tracer.make({
    span: (name, parent, context, links, startTime, kind) => {
      const attributes = new Map<string, unknown>()
      return {
        _tag: "Span",
        name,
        spanId: "s",
        traceId: "t",
        parent,
        context,
        links,
        kind,
        sampled: true,
        attributes,
        status: { _tag: "Started", startTime },
        end: (_, exit) => {
          this.texts.push(name, inspect(attributes, { depth: null }))
          if (Exit.isFailure(exit)) this.texts.push(Cause.pretty(exit.cause), inspect(exit.cause, { depth: null }))
        },
        attribute: (key, value) => void attributes.set(key, value),
        event: (event, _, extra) => this.show(event, extra),
        addLinks: () => undefined
      }
    },
    context: (f) => f()
  })
}

const calls = [
  Server.api.list(),
  Stream.runDrain(Server.api.stream()),
  Server.api.create({ name: "n", mode: "combine", isSecure: true }),
  // Stop ensure after 500 ms, because ensure would wait 10 s for a list that shows the new webhook.
  Effect.timeoutOption(Server.api.ensure("n", { mode: "combine" }), "500 millis"),
  Server.api.getDetails({ webhookId: 8 }),
  Server.api.update({ webhookId: 8, isSecure: true }),
  Server.api.delete({ webhookId: 8 }),
  Webhooks.addData(webhook, { n: 1 }),
  Webhooks.addData(WebhookKey.make(secrets.webhookKey), { n: 1 }),
  Webhooks.addData(uri, { n: 1 }),
  Webhooks.addDataUsingGet(webhook, { n: 1 }),
  // Send a key and a column in one request, which the types do not allow.
  Webhooks.operation(Operations.addDataUsingGet)({ key: WebhookKey.make(secrets.webhookKey), n: 1 } as never),
  // Make the calls below with wrong input.
  Webhooks.addData(`https://elsewhere.example${uri}`, { n: 1 }),
  Webhooks.addData(`${uri}/`, { n: 1 }),
  Webhooks.addData(`${secrets.webhookKey} with white space`, { n: 1 }),
  Webhooks.addData({ ...webhook, secret: Redacted.make(`${secrets.webhookSecret}\n`) }, { n: 1 }),
  Server.api.list().pipe(RequestOptions.withOptions({ headers: { "x-api-key": secrets.apiKey } })),
  Server.api.list().pipe(RequestOptions.withOptions({ headers: { "x-a": `${secrets.apiKey}\n` } })),
  Server.api.list().pipe(RequestOptions.withOptions({ baseUrl: `https://${secrets.apiKey}@elsewhere.example` }))
] as const

/** All secrets of the server, as JSON. The faults respond with this JSON as a whole, in parts and in other forms. */
const everything = JSON.stringify({
  status_code: 400,
  detail: `no such webhook ${uri} for ${secrets.apiKey}`,
  extra: [
    { secret: secrets.webhookSecret, uri, authorization: secrets.webhookSecret, nested: { apiKey: secrets.apiKey } }
  ],
  webhook: wire,
  webhooks: [wire]
})

const bodies = [
  everything,
  // End this response in the middle of the API key, so that the response contains only a part of the key.
  `{"detail":"no such key ${secrets.apiKey.slice(0, -3)}`,
  everything.slice(0, -40),
  ...[1, 2, 3].map((part) => everything.slice(0, (everything.length * part) / 4)),
  JSON.stringify({ webhook: { ...wire, id: uri } }),
  JSON.stringify({ webhooks: [{ ...wire, mode: { secret: secrets.webhookSecret } }], next: uri }),
  JSON.stringify({ webhook: secrets.webhookSecret }),
  JSON.stringify([secrets.webhookSecret]),
  `<html><title>${uri}</title><p>${secrets.webhookSecret}</p></html>`
]

const faults = (statuses: ReadonlyArray<number>): ReadonlyArray<Fault.Fault> => [
  ...statuses.flatMap((status) => bodies.map((body) => Fault.status(status, { times: "every", body }))),
  Fault.status(302, {
    times: "every",
    headers: { location: `https://elsewhere.example${uri}?secret=${secrets.webhookSecret}` }
  }),
  Fault.status(500, { times: "every", headers: { "x-request-id": secrets.apiKey } }),
  ...(["start", "headers", "body"] as const).map((stage) => Fault.reset(stage, { times: "every" })),
  Fault.truncated({ times: "every" }),
  Fault.cutJson({ times: "every" }),
  Fault.wrongJson({ times: "every" }),
  Fault.gzipLie({ times: "every" }),
  Fault.stall("start", { times: "every" })
]

const configurations = [
  {
    name: "Node's fetch",
    client: FetchHttpClient.layer,
    statuses: [200, 400, 401, 404, 413, 429, 500]
  },
  { name: "undici", client: NodeHttpClient.layerUndici, statuses: [200, 500] },
  { name: "undici's dispatcher", client: UndiciHttpClient.layer(), statuses: [200, 500] },
  { name: "node:http", client: NodeHttpClient.layer, statuses: [200, 500] }
]

const metrics = Effect.map(Metric.snapshot, (snapshot) => inspect(snapshot, { depth: null }))

describe("A secret", () => {
  for (const { client, name, statuses } of configurations) {
    it.live(
      `does not appear in logs, spans, metrics or errors, for any response over ${name}`,
      () =>
        Effect.gen(function* () {
          const output = new Output()
          const emulator = yield* Emulator.Emulator
          const observe = Layer.mergeAll(
            Logger.replace(Logger.defaultLogger, output.logger),
            Logger.minimumLogLevel(LogLevel.All),
            Layer.setTracer(output.tracer)
          )
          for (const fault of [undefined, ...faults(statuses)]) {
            yield* emulator.clearFaults
            if (fault !== undefined) yield* emulator.inject(fault)
            for (const call of calls) {
              const exit = yield* Effect.exit<unknown, unknown, Webhooks.Webhooks>(call).pipe(Effect.provide(observe))
              output.show(exit)
              if (Exit.isFailure(exit)) {
                output.texts.push(Cause.pretty(exit.cause, { renderErrorCause: true }))
                output.show(Option.getOrUndefined(Cause.failureOption(exit.cause)))
                assert.isFalse(Cause.isDie(exit.cause), Cause.pretty(exit.cause))
              }
            }
          }
          output.texts.push(yield* metrics)
          const leaks = output.texts.filter((text) => text.includes(mark))
          assert.deepStrictEqual(leaks.slice(0, 3), [])
          assert.isAbove(output.texts.length, 1000)
        }).pipe(
          Effect.provide(
            Server.layer({
              client,
              credentials: Server.keys(secrets.apiKey, secrets.apiSecret),
              emulator: { apiKey: secrets.apiKey, apiSecret: secrets.apiSecret },
              config: { timeout: "50 millis", logBodies: true },
              retry: RetryPolicy.none
            })
          )
        ),
      120_000
    )
  }

  it("does not appear in printed configurations or credentials", () => {
    const output = new Output()
    const keys = { apiKey: Redacted.make(secrets.apiKey), apiSecret: Redacted.make(secrets.apiSecret) }
    output.show(
      keys,
      WebhookKey.make(secrets.webhookKey),
      webhook,
      Context.make(Credentials.Credentials, { keys: Effect.succeed(keys) })
    )
    output.show(MammothConfig.make({ baseUrl: `https://u:${secrets.apiKey}@example.com` }))
    assert.deepStrictEqual(
      output.texts.filter((text) => text.includes(mark)),
      []
    )
  })

  it.effect("is visible to onResponse, which receives the unchanged response", () =>
    Effect.gen(function* () {
      const texts: Array<string> = []
      yield* Server.inject(Fault.status(200, { body: everything }))
      yield* Server.api
        .list()
        .pipe(RequestOptions.withOptions({ onResponse: ({ text }) => Effect.sync(() => texts.push(text)) }))
      assert.deepStrictEqual(texts, [everything])
    }).pipe(Effect.provide(Server.layer()))
  )
})
