import { spawn } from "node:child_process"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import { Emulator, Fault } from "@mammoth-effect/emulator"
import { Effect, Exit, Fiber, Redacted, Schedule, Schema, Scope } from "effect"
import { Ingestor, type WebhookSink } from "../src/index.js"
import * as Server from "./support/Server.js"

const Order = Schema.Struct({ id: Schema.Int })
type Order = typeof Order.Type

/** Returns the ids of the rows on the server. */
const held = (webhookId: number) =>
  Effect.flatMap(Emulator.Emulator, (emulator) => emulator.rows(webhookId)).pipe(
    Effect.map((rows) => rows.map((row) => (typeof row === "object" && row !== null && "id" in row ? row.id : row)))
  )

const ids = (n: number) => Array.from({ length: n }, (_, id) => id)

/** Makes an ingestor, and collects the outcomes that `onUndelivered` receives. */
const ingestor = (options: Partial<Ingestor.Options<Order>> = {}) =>
  Effect.gen(function* () {
    const webhook = yield* Server.api.create({ mode: "combine" })
    const left: Array<WebhookSink.Outcome<Order>> = []
    const made = yield* Ingestor.make(webhook, {
      schema: Order,
      onUndelivered: (outcome) => Effect.sync(() => left.push(outcome)),
      ...options
    })
    return { ...made, webhook, left }
  })

describe("An ingestor", () => {
  it.scopedLive("sends the offered rows, and returns a report when it shuts down", () =>
    Effect.gen(function* () {
      const { left, offer, shutdown, webhook } = yield* ingestor()
      yield* Effect.forEach(ids(100), (id) => offer({ id }))
      const report = yield* shutdown
      assert.strictEqual(report.accepted.rows, 100)
      assert.sameMembers(yield* held(webhook.id), ids(100))
      assert.deepStrictEqual(left, [])
      assert.strictEqual((yield* Effect.flip(offer({ id: 100 })))._tag, "MammothIngestorClosed")
    }).pipe(Effect.provide(Server.layer()))
  )

  it.scoped("accepts only webhooks in mode combine, and requires onUndelivered", () =>
    Effect.gen(function* () {
      const onUndelivered = () => Effect.void
      const replace = yield* Server.api.create({ mode: "replace" })
      // @ts-expect-error The mode is replace: each push would replace the rows of earlier pushes.
      const error = yield* Effect.flip(Ingestor.make(replace, { schema: Order, onUndelivered }))
      assert.strictEqual(error._tag, "MammothWrongMode")
      const combine = yield* Server.api.create({ mode: "combine" })
      // @ts-expect-error The option onUndelivered is missing.
      const careless = () => Ingestor.make(combine, { schema: Order })
      assert.isFunction(careless)
    }).pipe(Effect.provide(Server.layer()))
  )

  it.scopedLive("sends a batch when the batch is full, or when its maxWait is over", () =>
    Effect.gen(function* () {
      const { offer, report, webhook } = yield* ingestor({ batch: { maxRows: 10, maxWait: "50 millis" } })
      yield* Effect.forEach(ids(13), (id) => offer({ id }))
      yield* Effect.repeat(report, {
        until: ({ accepted }) => accepted.rows === 13,
        schedule: Schedule.spaced("10 millis")
      })
      assert.sameMembers(
        (yield* Server.seen).slice(1).map(({ body }) => JSON.parse(body).length),
        [10, 3]
      )
      assert.sameMembers(yield* held(webhook.id), ids(13))
    }).pipe(Effect.provide(Server.layer({ emulator: { arraysAreRows: true } })))
  )

  it.scopedLive("makes `offer` wait, and returns false from `tryOffer`, while its buffer is full", () =>
    Effect.gen(function* () {
      const { flush, offer, report, tryOffer } = yield* ingestor({ capacity: 5, concurrency: 2 })
      yield* Server.inject(Fault.delay({ operation: "addData", times: "every", delayBefore: "200 millis" }))
      for (const id of ids(5)) assert.isTrue(yield* tryOffer({ id }))
      assert.isFalse(yield* tryOffer({ id: 5 }))
      const waiting = yield* Effect.fork(offer({ id: 5 }))
      yield* Effect.sleep("50 millis")
      assert.strictEqual((yield* report).offered, 5)
      yield* Fiber.join(waiting)
      yield* flush
      const { accepted, offered } = yield* report
      assert.deepStrictEqual([offered, accepted.rows], [6, 6])
    }).pipe(Effect.provide(Server.layer()))
  )

  it.live("delivers the rows in its buffer before its scope closes", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const { left, offer, webhook } = yield* Scope.extend(ingestor({ concurrency: 1 }), scope)
      yield* Effect.forEach(ids(30), (id) => offer({ id }))
      yield* Scope.close(scope, Exit.void)
      assert.deepStrictEqual(yield* held(webhook.id), ids(30))
      assert.deepStrictEqual(left, [])
    }).pipe(Effect.provide(Server.layer()))
  )

  it.live(
    "calls onUndelivered for each row that it cannot deliver in time, with the outcome unknown or undelivered",
    () =>
      Effect.gen(function* () {
        const scope = yield* Scope.make()
        const { left, offer, report } = yield* Scope.extend(
          ingestor({ concurrency: 2, drainTimeout: "200 millis" }),
          scope
        )
        yield* Server.inject(Fault.stall("start", { operation: "addData", times: "every" }))
        yield* Effect.forEach(ids(10), (id) => offer({ id }))
        yield* Effect.repeat(Server.seen, {
          until: (requests) => requests.length > 0,
          schedule: Schedule.spaced("10 millis")
        })
        const started = Date.now()
        yield* Scope.close(scope, Exit.void)
        assert.isBelow(Date.now() - started, 3000)
        assert.sameMembers(
          left.map(({ row }) => row.id),
          ids(10)
        )
        assert.sameMembers(
          left.filter(({ end }) => end === "unknown").map(({ row }) => row.id),
          [0, 1]
        )
        assert.strictEqual((yield* report).pending, 0)
      }).pipe(Effect.provide(Server.layer()))
  )

  it.scopedLive("fails at shutdown, with an error that carries the report, if any row is undelivered", () =>
    Effect.gen(function* () {
      const { left, offer, shutdown } = yield* ingestor({ concurrency: 1 })
      yield* Server.inject(Fault.status(401, { operation: "addData", times: "every" }))
      yield* Effect.forEach(ids(5), (id) => offer({ id }))
      const error = yield* Effect.flip(shutdown)
      assert.strictEqual(error._tag, "MammothUndelivered")
      assert.strictEqual(error.report.undelivered.rows, 5)
      assert.strictEqual(left.length, 5)
    }).pipe(Effect.provide(Server.layer()))
  )

  it.live("delivers every row before Ingestor.use returns", () =>
    Effect.gen(function* () {
      const webhook = yield* Server.api.create({ mode: "combine" })
      const [answer, report] = yield* Ingestor.use(
        webhook,
        { schema: Order, onUndelivered: () => Effect.void },
        ({ offer }) =>
          Effect.as(
            Effect.forEach(ids(20), (id) => offer({ id })),
            "done"
          )
      )
      assert.deepStrictEqual([answer, report.accepted.rows], ["done", 20])
      assert.strictEqual((yield* held(webhook.id)).length, 20)
    }).pipe(Effect.provide(Server.layer()))
  )
})

describe("A process that gets SIGTERM under load", () => {
  it.live(
    "delivers or reports every row that it took before the signal",
    () =>
      Effect.gen(function* () {
        const emulator = yield* Emulator.Emulator
        const webhook = yield* Server.api.create({ mode: "combine" })
        yield* Server.inject(Fault.delay({ operation: "addData", times: "every", delayBefore: "20 millis" }))
        const child = spawn(process.execPath, ["--import", "tsx", "test/support/service.ts"], {
          cwd: fileURLToPath(new URL("..", import.meta.url)),
          env: {
            ...process.env,
            MAMMOTH_BASE_URL: emulator.baseUrl,
            MAMMOTHANALYTICS_API_KEY: Redacted.value(emulator.apiKey),
            MAMMOTHANALYTICS_API_SECRET: Redacted.value(emulator.apiSecret),
            WEBHOOK_URI: Redacted.value(webhook.uri)
          },
          stdio: ["ignore", "pipe", "inherit"]
        })
        let output = ""
        child.stdout.setEncoding("utf8").on("data", (text: string) => {
          const wasShort = output.length < 3000
          output += text
          if (wasShort && output.length >= 3000) child.kill("SIGTERM")
        })
        const code = yield* Effect.async<number | null>((resume) => {
          child.on("close", (exit) => resume(Effect.succeed(exit)))
        })
        const numbers = (word: string) =>
          output.split("\n").flatMap((line) => (line.startsWith(`${word} `) ? [Number(line.split(" ")[1])] : []))
        const [taken, reported] = [numbers("took"), numbers("left")]
        const there = new Set<unknown>([...(yield* held(webhook.id)), ...reported])
        assert.isAbove(taken.length, 200)
        assert.deepStrictEqual(
          taken.filter((id) => !there.has(id)),
          []
        )
        assert.include(output, "ended")
        assert.strictEqual(code, 0)
      }).pipe(Effect.provide(Server.layer())),
    30_000
  )
})
