/** Tests the spans, warnings, metrics and status by which an operator watches an outbox. */
import { assert, describe, it } from "@effect/vitest"
import { Fault } from "@mammoth-effect/emulator"
import { DateTime, Effect, Layer, Logger, Metric, MetricState, Option, Schedule, Schema, Tracer } from "effect"
import { Outbox, OutboxWorker, WebhookResolver } from "../src/index.js"
import * as Databases from "./support/Databases.js"
import * as Server from "./support/Server.js"

const Row = Schema.Struct({ n: Schema.Int })

const quick: OutboxWorker.Options = {
  backoff: { initialInterval: "20 millis", maxInterval: "100 millis" },
  pollInterval: "20 millis",
  concurrency: 1
}

/** Records every span that starts. */
const recording = () => {
  const spans: Array<Tracer.Span> = []
  const layer = Layer.unwrapEffect(
    Effect.map(Effect.tracer, (tracer) =>
      Layer.setTracer(
        Tracer.make({
          span: (...given) => {
            const span = tracer.span(...given)
            spans.push(span)
            return span
          },
          context: (f) => f()
        })
      )
    )
  )
  return { spans, layer }
}

for (const { isThere, layer, name } of Databases.all) {
  describe.skipIf(!isThere)(`Spans of an outbox on ${name}`, () => {
    it.live("link each delivery to its offer, and leave out the worker's statements", () => {
      const { layer: traced, spans } = recording()
      const named = (wanted: string) => spans.filter((span) => span.name === wanted)
      return Effect.gen(function* () {
        const webhook = yield* Server.webhook
        const outbox = yield* Outbox.make(webhook, { name: "rows", schema: Row })
        yield* Server.inject(Fault.status(503, { operation: "addData" }))
        spans.length = 0
        yield* Effect.withSpan(outbox.offer({ n: 1 }, { id: "a" }), "order")
        yield* outbox.offerAll([{ n: 2 }, { n: 3 }])
        yield* OutboxWorker.make(outbox, { ...quick, batch: {} })
        yield* outbox.drain

        const [first, second] = named("Outbox.offer")
        assert.strictEqual(Option.getOrUndefined(first?.parent ?? Option.none())?.spanId, named("order")[0]?.spanId)
        const deliveries = named("OutboxWorker.deliver")
        assert.isAtLeast(deliveries.length, 2)
        for (const delivery of deliveries) {
          assert.isTrue(Option.isNone(delivery.parent))
          assert.strictEqual(delivery.attributes.get("mammoth.outbox"), "rows")
          for (const { span } of delivery.links) {
            assert.include([first?.spanId, second?.spanId], span.spanId)
            assert.include([first?.traceId, second?.traceId], span.traceId)
          }
        }
        assert.strictEqual(deliveries[0]?.links.length, 2)
        assert.strictEqual(deliveries[0]?.attributes.get("mammoth.outbox.rows"), 3)
        const pushes = named("Webhooks.addData")
        assert.deepStrictEqual(
          pushes.map(({ parent }) => Option.getOrUndefined(parent)?.spanId),
          deliveries.map(({ spanId }) => spanId)
        )
        const offers = new Set([first?.spanId, second?.spanId])
        const statements = named("sql.execute")
        assert.isNotEmpty(statements)
        assert.isTrue(
          statements.every(({ parent }) => offers.has(Option.getOrUndefined(parent)?.spanId)),
          "every statement is part of an offer"
        )
        assert.deepStrictEqual(
          spans.filter(({ name, parent }) => Option.isNone(parent) && !/^(order|Outbox|OutboxWorker)/.test(name)),
          []
        )
      }).pipe(Effect.scoped, Effect.provide([layer, Server.layer(), Server.quiet]), Effect.provide(traced))
    })

    it.live("name the row and the attempt if a row is delivered alone", () => {
      const { layer: traced, spans } = recording()
      return Effect.gen(function* () {
        const webhook = yield* Server.webhook
        const outbox = yield* Outbox.make(webhook, { name: "rows", schema: Row })
        yield* Server.inject(Fault.status(503, { operation: "addData" }))
        yield* outbox.offer({ n: 1 }, { id: "a" })
        yield* OutboxWorker.make(outbox, quick)
        yield* outbox.drain
        assert.deepStrictEqual(
          spans
            .filter((span) => span.name === "OutboxWorker.deliver")
            .map(({ attributes }) => [
              attributes.get("mammoth.outbox.row_id"),
              attributes.get("mammoth.outbox.attempt")
            ]),
          [
            ["a", 1],
            ["a", 2]
          ]
        )
      }).pipe(Effect.scoped, Effect.provide([layer, Server.layer(), Server.quiet]), Effect.provide(traced))
    })
  })

  describe.skipIf(!isThere)(`An outbox on ${name} that cannot deliver`, () => {
    /** Returns the values of a metric of the outbox "blocked". */
    const metric = (name: string) =>
      Effect.map(Metric.snapshot, (all) =>
        all.flatMap(({ metricKey, metricState }) =>
          metricKey.name === name && metricKey.tags.some(({ value }) => value === "blocked") ? [metricState] : []
        )
      )
    const blockedSince = Effect.map(metric("mammoth_outbox_blocked_since_seconds"), (states) =>
      states.map((state) => MetricState.isGaugeState(state) && state.value)
    )

    for (const [what, isBlocked, told, resolver] of [
      ["401", Fault.status(401, { operation: "addData", times: 3 }), "401", undefined],
      ["404", Fault.status(404, { operation: "addData", times: 3 }), "404", undefined],
      ["no webhook", undefined, "the resolver has no webhook; add a webhook for this outbox", WebhookResolver.layer({})]
    ] as const) {
      it.live(`warns once, shows the cause in its status, and warns again when it recovers: ${what}`, () => {
        const warnings: Array<string> = []
        const log = Logger.replace(
          Logger.defaultLogger,
          Logger.make(({ logLevel, message }) => {
            if (logLevel.label === "WARN") warnings.push(String(message))
          })
        )
        return Effect.gen(function* () {
          const startedAt = Date.now()
          const webhook = yield* Server.webhook
          const outbox = yield* Outbox.make("blocked", { schema: Row })
          assert.isUndefined((yield* outbox.status).failing)
          if (isBlocked !== undefined) yield* Server.inject(isBlocked)
          yield* outbox.offerAll([{ n: 1 }, { n: 2 }])
          yield* Effect.scoped(
            Effect.gen(function* () {
              yield* Effect.provide(
                OutboxWorker.make(outbox, quick),
                resolver ?? WebhookResolver.layer({ blocked: webhook })
              )
              const { error, since } = yield* outbox.status.pipe(
                Effect.flatMap(({ failing }) => Effect.fromNullable(failing)),
                Effect.filterOrFail(({ rows }) => rows === 2),
                Effect.retry(Schedule.spaced("5 millis"))
              )
              assert.include(error, told)
              assert.isAtLeast(DateTime.toEpochMillis(since), startedAt - 1000)
              assert.isAtMost(DateTime.toEpochMillis(since), Date.now() + 1000)
              assert.isAtLeast(Number((yield* blockedSince)[0]), startedAt / 1000)
              assert.isNotEmpty(yield* metric("mammoth_outbox_failures_total"))
              if (isBlocked !== undefined) yield* outbox.drain
            })
          )
          assert.deepStrictEqual(yield* blockedSince, [0])
          assert.include(warnings[0], 'the outbox "blocked" cannot deliver, and its rows wait')
          assert.include(warnings[0], told)
          if (isBlocked === undefined) return assert.strictEqual(warnings.length, 1)
          assert.strictEqual(warnings.length, 2)
          assert.match(warnings[1] ?? "", /the outbox "blocked" delivers again, after \d/)
          assert.isUndefined((yield* outbox.status).failing)
          assert.deepStrictEqual(Schema.encodeSync(Outbox.Status)(yield* outbox.status), { failing: undefined })
        }).pipe(Effect.scoped, Effect.provide([layer, Server.layer(), log]))
      })
    }
  })
}
