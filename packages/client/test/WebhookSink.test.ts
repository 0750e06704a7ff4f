import { runInNewContext } from "node:vm"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Terminal from "@effect/platform/Terminal"
import { assert, describe, it } from "@effect/vitest"
import type { Json } from "@mammoth-effect/core"
import { Emulator, Fault } from "@mammoth-effect/emulator"
import { Effect, Fiber, Redacted, Schedule, Schema, Stream } from "effect"
import {
  DeadLetters,
  Ingestor,
  IngestReport,
  RetryPolicy,
  RowSource,
  Webhooks,
  WebhookSink,
  WebhookTarget
} from "../src/index.js"
import * as Server from "./support/Server.js"

const Order = Schema.Struct({ id: Schema.Int, name: Schema.optional(Schema.String) })

const orders = (n: number) => Stream.range(0, n - 1).pipe(Stream.map((id) => ({ id })))

const counts = (report: IngestReport.IngestReport) => ({
  offered: report.offered,
  accepted: report.accepted.rows,
  refused: report.refused.rows,
  dead: report.dead.rows,
  unknown: report.unknown.rows,
  undelivered: report.undelivered.rows,
  pending: report.pending
})

const all = (accepted: number) => ({
  offered: accepted,
  accepted,
  refused: 0,
  dead: 0,
  unknown: 0,
  undelivered: 0,
  pending: 0
})

const batching: Server.Options = { emulator: { arraysAreRows: true } }

/** Returns the ids of the rows on the server. */
const held = (id: number) =>
  Effect.flatMap(Emulator.Emulator, (emulator) => emulator.rows(id)).pipe(
    Effect.map((rows) => rows.map((row) => (typeof row === "object" && row !== null && "id" in row ? row.id : row)))
  )

describe("A sink", () => {
  it.live("sends one document for each row, and returns a report", () =>
    Effect.gen(function* () {
      const webhook = yield* Server.api.create({ mode: "combine" })
      const report = yield* Stream.run(orders(50), WebhookSink.append(webhook, { schema: Order }))
      assert.deepStrictEqual(counts(report), all(50))
      assert.strictEqual(report.requests, 50)
      assert.strictEqual(report.accepted.bytes, 10 * '{"id":1}'.length + 40 * '{"id":10}'.length)
      assert.sameMembers(
        yield* held(webhook.id),
        Array.from({ length: 50 }, (_, id) => id)
      )
    }).pipe(Effect.provide(Server.layer()))
  )

  it.live("keeps the order of the rows if concurrency is 1", () =>
    Effect.gen(function* () {
      const webhook = yield* Server.api.create({ mode: "combine" })
      yield* Stream.run(orders(30), WebhookSink.append(webhook, { schema: Order, concurrency: 1 }))
      assert.deepStrictEqual(
        yield* held(webhook.id),
        Array.from({ length: 30 }, (_, id) => id)
      )
    }).pipe(Effect.provide(Server.layer()))
  )

  it.live("fills batches up to maxRows or maxBytes, and sends the remaining rows at the end", () =>
    Effect.gen(function* () {
      const webhook = yield* Server.api.create({ mode: "combine" })
      const sizes = (batch: WebhookSink.Batch) =>
        Effect.gen(function* () {
          yield* Server.seen
          const report = yield* Stream.run(
            orders(10),
            WebhookSink.append(webhook, { schema: Order, batch, concurrency: 1 })
          )
          assert.deepStrictEqual(counts(report), all(10))
          return (yield* Server.seen).map(({ body }) => [JSON.parse(body).length, body.length])
        })
      assert.deepStrictEqual(yield* sizes({ maxRows: 4 }), [
        [4, 37],
        [4, 37],
        [2, 19]
      ])
      assert.deepStrictEqual(yield* sizes({ maxBytes: 28 }), [
        [3, 28],
        [3, 28],
        [3, 28],
        [1, 10]
      ])
    }).pipe(Effect.provide(Server.layer(batching)))
  )

  it.live("compresses bodies if gzip is true", () =>
    Effect.gen(function* () {
      const webhook = yield* Server.api.create({ mode: "combine" })
      yield* Server.seen
      yield* Stream.run(orders(3), WebhookSink.append(webhook, { schema: Order, gzip: true }))
      const headers = (yield* Server.seen).flatMap((request) =>
        request.headers.map(([name, value]) => `${name}: ${value}`)
      )
      assert.strictEqual(headers.filter((header) => header === "content-encoding: gzip").length, 3)
      assert.sameMembers(yield* held(webhook.id), [0, 1, 2])
    }).pipe(Effect.provide(Server.layer()))
  )

  it.live("halves a batch that is too large until it finds the row that is too large", () =>
    Effect.gen(function* () {
      const webhook = yield* Server.api.create({ mode: "combine" })
      const letters: Array<unknown> = []
      const rows = Stream.concat(orders(6), Stream.make({ id: 6, name: "x".repeat(2000) }))
      const report = yield* Stream.run(
        rows,
        WebhookSink.append(webhook, {
          schema: Order,
          batch: { maxRows: 7 },
          onDeadLetter: ({ error, index }) => Effect.sync(() => letters.push([index, error._tag]))
        })
      )
      assert.deepStrictEqual(counts(report), { ...all(6), offered: 7, dead: 1 })
      assert.deepStrictEqual(letters, [[6, "MammothPayloadTooLarge"]])
      assert.sameMembers(yield* held(webhook.id), [0, 1, 2, 3, 4, 5])
    }).pipe(Effect.provide(Server.layer({ emulator: { arraysAreRows: true, bodyLimit: 1000 } })))
  )

  it.live("names the index and the field of a bad row, and fails or continues depending on onBadRow", () =>
    Effect.gen(function* () {
      const webhook = yield* Server.api.create({ mode: "combine" })
      const rows = Stream.make({ id: 0 }, { id: 1.5 }, { id: 2 })
      const error = yield* Effect.flip(Stream.run(rows, WebhookSink.append(webhook, { schema: Order })))
      assert.strictEqual(error._tag, "MammothRowRefused")
      assert.match(error.message, /^The row at index 1 was not sent: id: expected an integer/)
      const report = yield* Stream.run(rows, WebhookSink.append(webhook, { schema: Order, onBadRow: "continue" }))
      assert.deepStrictEqual(counts(report), { ...all(2), offered: 3, refused: 1 })
    }).pipe(Effect.provide(Server.layer()))
  )

  it.live("refuses a row whose properties are all undefined, and sends a row with some undefined properties", () =>
    Effect.gen(function* () {
      const webhook = yield* Server.api.create({ mode: "combine" })
      const schema = Schema.Struct({ id: Schema.optional(Schema.Int), note: Schema.optional(Schema.String) })
      const letters: Array<string> = []
      yield* Stream.run(
        Stream.make<Array<typeof schema.Type>>({ id: 1, note: undefined }, { id: undefined }),
        WebhookSink.append(webhook, {
          schema,
          onBadRow: "continue",
          onDeadLetter: ({ error }) => Effect.sync(() => letters.push(error.message))
        })
      )
      assert.match(
        letters.join(),
        /^The row at index 1 was not sent: id: expected a value, because every property of the row is undef/
      )
      assert.deepStrictEqual(yield* held(webhook.id), [1])
    }).pipe(Effect.provide(Server.layer()))
  )

  it.live("retries after a 429 until the rows are accepted", () =>
    Effect.gen(function* () {
      const webhook = yield* Server.api.create({ mode: "combine" })
      yield* Server.inject(Fault.status(429, { operation: "addData", times: 12 }))
      const report = yield* Stream.run(orders(20), WebhookSink.append(webhook, { schema: Order }))
      assert.deepStrictEqual(counts(report), all(20))
      assert.strictEqual(report.retries, 12)
    }).pipe(Effect.provide(Server.layer()))
  )

  it.live("continues after unknown rows", () =>
    Effect.gen(function* () {
      const webhook = yield* Server.api.create({ mode: "combine" })
      yield* Server.inject(Fault.reset("start", { operation: "addData", acts: true }))
      yield* Server.inject(Fault.status(503, { operation: "addData" }))
      const report = yield* Stream.run(orders(10), WebhookSink.append(webhook, { schema: Order }))
      assert.deepStrictEqual(counts(report), { ...all(8), offered: 10, unknown: 2 })
      assert.strictEqual((yield* held(webhook.id)).length, 9)
    }).pipe(Effect.provide(Server.layer()))
  )

  it.live("fails after a 401, 403 or 404, because every later row would also fail", () =>
    Effect.gen(function* () {
      for (const status of [401, 403, 404]) {
        const webhook = yield* Server.api.create({ mode: "combine" })
        yield* Server.inject(Fault.status(status, { operation: "addData", times: "every" }))
        const ingestion = yield* WebhookSink.make(webhook, { schema: Order, concurrency: 1 })
        const error = yield* Effect.flip(Stream.run(orders(10), ingestion.sink))
        assert.include(["MammothUnauthorized", "MammothForbidden", "MammothNotFound"], error._tag)
        const report = yield* ingestion.report
        assert.strictEqual(report.accepted.rows, 0)
        assert.strictEqual(report.undelivered.rows, report.offered)
        assert.strictEqual(report.requests, 1)
        yield* Effect.flatMap(Emulator.Emulator, (emulator) => emulator.clearFaults)
      }
    }).pipe(Effect.provide(Server.layer()))
  )

  it.live("fails after 20 refused requests with one row each, if no request succeeds between them", () =>
    Effect.gen(function* () {
      const webhook = yield* Server.api.create({ mode: "combine" })
      yield* Server.inject(Fault.status(400, { operation: "addData", times: "every" }))
      const ingestion = yield* WebhookSink.make(webhook, { schema: Order, concurrency: 1 })
      const error = yield* Effect.flip(Stream.run(orders(100), ingestion.sink))
      assert.strictEqual(error._tag, "MammothBadRequest")
      assert.strictEqual((yield* ingestion.report).dead.rows, 20)
    }).pipe(Effect.provide(Server.layer()))
  )

  it.live("pulls rows only as fast as the server accepts rows", () =>
    Effect.gen(function* () {
      const webhook = yield* Server.api.create({ mode: "combine" })
      yield* Server.inject(Fault.stall("start", { operation: "addData", times: "every" }))
      let pulled = 0
      const source = orders(1000).pipe(
        Stream.rechunk(1),
        Stream.tap(() => Effect.sync(() => pulled++))
      )
      const ingestion = yield* WebhookSink.make(webhook, { schema: Order, concurrency: 4 })
      const fiber = yield* Effect.fork(Stream.run(source, ingestion.sink))
      yield* Effect.repeat(Server.seen, { schedule: Schedule.spaced("20 millis").pipe(Schedule.upTo("400 millis")) })
      assert.isAtMost(pulled, 6)
      yield* Fiber.interrupt(fiber)
      const report = yield* ingestion.report
      assert.deepInclude(counts(report), { offered: pulled, unknown: 4, accepted: 0, pending: 0 })
      assert.strictEqual(report.undelivered.rows, pulled - 4)
    }).pipe(Effect.provide(Server.layer()))
  )

  it.live("accepts only webhooks in mode combine", () =>
    Effect.gen(function* () {
      const replace = yield* Server.api.create({ mode: "replace" })
      // @ts-expect-error The mode is replace: each push would replace the rows of earlier pushes.
      const error = yield* Effect.flip(Stream.run(orders(1), WebhookSink.append(replace, { schema: Order })))
      assert.strictEqual(error._tag, "MammothWrongMode")
      const combine = yield* Server.api.create({ mode: "combine" })
      const report = yield* Stream.run(
        orders(1),
        WebhookSink.append(WebhookTarget.assumeCombine(combine.uri), { schema: Order })
      )
      assert.deepStrictEqual(counts(report), all(1))
    }).pipe(Effect.provide(Server.layer()))
  )
})

describe("Functions around a sink", () => {
  it.live("`outcomes` yields the outcome of each row", () =>
    Effect.gen(function* () {
      const webhook = yield* Server.api.create({ mode: "combine" })
      const ends = yield* Stream.make({ id: 0 }, { id: 0.5 }, { id: 2 }).pipe(
        WebhookSink.outcomes(webhook, { schema: Order, concurrency: 1, onBadRow: "continue" }),
        Stream.map(({ end, index }) => `${index} ${end}`),
        Stream.runCollect
      )
      assert.sameMembers([...ends], ["0 accepted", "1 refused", "2 accepted"])
    }).pipe(Effect.provide(Server.layer()))
  )

  it.live("`outcomes` yields the outcomes before an error, and then fails with the error of the run", () =>
    Effect.gen(function* () {
      const webhook = yield* Server.api.create({ mode: "combine" })
      yield* Server.inject(Fault.status(401, { operation: "addData", times: "every" }))
      const seen: Array<string> = []
      const error = yield* orders(3).pipe(
        WebhookSink.outcomes(webhook, { schema: Order, concurrency: 1 }),
        Stream.runForEach(({ end }) => Effect.sync(() => seen.push(end))),
        Effect.flip
      )
      assert.strictEqual(error._tag, "MammothUnauthorized")
      assert.include(seen, "undelivered")
    }).pipe(Effect.provide(Server.layer()))
  )

  it.scopedLive("ndjsonFile writes one dead letter per line", () =>
    Effect.gen(function* () {
      const fileSystem = yield* FileSystem.FileSystem
      const path = `${yield* fileSystem.makeTempDirectoryScoped()}/dead.ndjson`
      const webhook = yield* Server.api.create({ mode: "combine" })
      const onDeadLetter = yield* DeadLetters.ndjsonFile<typeof Order.Type>(path)
      yield* Stream.run(
        Stream.make({ id: 0 }, { id: 0.5 }, { id: 1.5 }),
        WebhookSink.append(webhook, { schema: Order, onBadRow: "continue", onDeadLetter })
      )
      const lines = (yield* fileSystem.readFileString(path)).trimEnd().split("\n")
      assert.deepStrictEqual(
        lines.map((line) => {
          const { error, index, row } = JSON.parse(line)
          return [index, row, error._tag]
        }),
        [
          [1, { id: 0.5 }, "MammothRowRefused"],
          [2, { id: 1.5 }, "MammothRowRefused"]
        ]
      )
    }).pipe(Effect.provide([Server.layer(), NodeFileSystem.layer]))
  )

  it.scopedLive("ndjsonFile writes whole rows, even with values that JSON cannot hold", () =>
    Effect.gen(function* () {
      const fileSystem = yield* FileSystem.FileSystem
      const path = `${yield* fileSystem.makeTempDirectoryScoped()}/dead.ndjson`
      const webhook = yield* Server.api.create({ mode: "combine" })
      const onDeadLetter = yield* DeadLetters.ndjsonFile<unknown>(path)
      const circle: Record<string, unknown> = { a: 1 }
      circle["child"] = { parent: circle }
      const sparse: Array<string> = []
      sparse[4_000_000_000] = "x"
      const rows: ReadonlyArray<readonly [row: unknown, written: unknown]> = [
        [12n, { $type: "bigint", value: "12" }],
        [
          [Number.NaN, -Infinity, 1],
          [{ $type: "number", value: "NaN" }, { $type: "number", value: "-Infinity" }, 1]
        ],
        [undefined, { $type: "undefined" }],
        [Array.of(undefined), [{ $type: "undefined" }]],
        [{ sparse }, { sparse: { $type: "Array", value: { length: 4_000_000_001, 4_000_000_000: "x" } } }],
        [{ a: undefined, f: undefined, g: 1n }, { g: { $type: "bigint", value: "1" } }],
        [
          new Map<unknown, unknown>([["a", new Set([1n])]]),
          { $type: "Map", value: [["a", { $type: "Set", value: [{ $type: "bigint", value: "1" }] }]] }
        ],
        [
          new Float64Array([0.5, Number.NaN]),
          { $type: "Float64Array", value: [0.5, { $type: "number", value: "NaN" }] }
        ],
        [new DataView(Uint8Array.of(1, 2).buffer, 1), { $type: "DataView", value: [2] }],
        [{ buffer: Uint8Array.of(1, 2).buffer }, { buffer: { $type: "ArrayBuffer", value: [1, 2] } }],
        [
          { at: new Date(Number.NaN), valid: new Date(0) },
          { at: { $type: "Date", value: "Invalid Date" }, valid: "1970-01-01T00:00:00.000Z" }
        ],
        [{ match: /a/g }, { match: { $type: "RegExp", value: "/a/g" } }],
        [{ run: function run() {} }, { run: { $type: "function", value: "run" } }],
        [[Symbol("a")], [{ $type: "symbol", value: "a" }]],
        [circle, { a: 1, child: { parent: { $type: "cycle", value: [] } } }],
        [
          { $type: "mine", n: 1n },
          { $type: "Object", value: { $type: "mine", n: { $type: "bigint", value: "1" } } }
        ],
        [{ wait: Promise.resolve() }, { wait: { $type: "Promise" } }],
        [{ n: Object(1n) }, { n: { $type: "bigint", value: "1" } }],
        [
          Object.defineProperty({ b: 2n }, "a", { enumerable: true, get: () => assert.fail("hunter2") }),
          { a: { $type: "unreadable" }, b: { $type: "bigint", value: "2" } }
        ],
        [{ toJSON: () => assert.fail("hunter2") }, { $type: "unreadable" }],
        [{ id: 1n, hidden: 2, toJSON: () => ({ id: 1n }) }, { id: { $type: "bigint", value: "1" } }],
        [{ key: Redacted.make("hunter2") }, { key: "<redacted>" }],
        [
          runInNewContext("new Map([[1, new Date(NaN)]])"),
          { $type: "Map", value: [[1, { $type: "Date", value: "Invalid Date" }]] }
        ],
        [JSON.parse('{ "__proto__": { "a": 1 }, "b": 1 }'), JSON.parse('{ "__proto__": { "a": 1 }, "b": 1 }')]
      ]
      const AnyRow = Schema.Unknown.pipe(Schema.filter(() => false))
      yield* Stream.run(
        Stream.fromIterable(rows.map(([row]) => row)),
        WebhookSink.append(webhook, { schema: AnyRow, onBadRow: "continue", onDeadLetter })
      )
      const letters = (yield* fileSystem.readFileString(path)).trimEnd().split("\n")
      assert.deepStrictEqual(
        letters.map((line) => JSON.parse(line).row),
        rows.map(([, written]) => written)
      )
      assert.notInclude(letters.join(), "hunter2")
    }).pipe(Effect.provide([Server.layer(), NodeFileSystem.layer]))
  )

  it.scopedLive("ndjsonFile writes errors with their cause, and marks values that are nested too deeply", () =>
    Effect.gen(function* () {
      const fileSystem = yield* FileSystem.FileSystem
      const path = `${yield* fileSystem.makeTempDirectoryScoped()}/dead.ndjson`
      const webhook = yield* Server.api.create({ mode: "combine" })
      const onDeadLetter = yield* DeadLetters.ndjsonFile<unknown>(path)
      let deep: unknown = 1
      for (let i = 0; i < 50_000; i++) deep = [deep]
      const failed = Object.assign(new TypeError("no", { cause: new AggregateError([1n]) }), { code: "E1" })
      yield* Stream.run(
        Stream.make({ failed }, deep),
        WebhookSink.append(webhook, { schema: Schema.Unknown, onBadRow: "continue", onDeadLetter })
      )
      const [first = "", second = ""] = (yield* fileSystem.readFileString(path)).split("\n")
      const { $type, value } = JSON.parse(first).row.failed
      assert.deepStrictEqual([$type, value.name, value.message, value.code], ["Error", "TypeError", "no", "E1"])
      assert.match(value.stack, /^TypeError: no\n {4}at /)
      assert.deepStrictEqual(value.cause.value.errors, [{ $type: "bigint", value: "1" }])
      assert.include(second, '[[{"$type":"too deep"}]]')
    }).pipe(Effect.provide([Server.layer(), NodeFileSystem.layer]))
  )

  it.live("a row with a key `__proto__` is sent unchanged, or refused if the schema would drop the key", () =>
    Effect.gen(function* () {
      const webhook = yield* Server.api.create({ mode: "combine" })
      const text = '{"a":1,"__proto__":"v"}'
      const anyRow = Schema.Record({ key: Schema.String, value: Schema.Unknown })
      const push = <A, I>(schema: Schema.Schema<A, I>, row: A) =>
        Stream.run(Stream.make(row), WebhookSink.append(webhook, { schema }))
      yield* push(Schema.Unknown, JSON.parse(text))
      yield* Webhooks.addData<unknown>(webhook, JSON.parse(text))
      const rows = yield* Effect.flatMap(Emulator.Emulator, (emulator) => emulator.rows(webhook.id))
      assert.deepStrictEqual(
        rows.map((row) => JSON.stringify(row)),
        [text, text]
      )
      const ofRecords = Schema.Struct({ rows: Schema.Array(anyRow) })
      const fromRecord = Schema.transform(anyRow, Schema.Struct({ a: Schema.Number }), {
        decode: () => ({ a: 1 }),
        encode: () => ({})
      })
      for (const [error, path] of [
        [yield* Effect.flip(push(RowSource.decoding(anyRow), JSON.parse(text))), "__proto__"],
        [yield* Effect.flip(push(RowSource.decoding(fromRecord), JSON.parse(text))), "__proto__"],
        [yield* Effect.flip(push(anyRow, JSON.parse(text))), "__proto__"],
        [yield* Effect.flip(push(ofRecords, { rows: [JSON.parse(text)] })), "rows[0].__proto__"]
      ] as const) {
        assert.include(error.message, `The row at index 0 was not sent: ${path}: expected a column with another name`)
      }
      const get = yield* Effect.flip(Webhooks.addDataUsingGet<Json.Flat>(webhook, JSON.parse('{"a":1,"__proto__":2}')))
      assert.include(get.message, "data.__proto__: expected a column with another name")
    }).pipe(Effect.provide(Server.layer()))
  )

  it.live("addDataUsingGet sends the result of a row's toJSON", () =>
    Effect.gen(function* () {
      const webhook = yield* Server.api.create({ mode: "combine" })
      const user = { id: 1, passwordHash: "hunter2", toJSON: () => ({ id: 1 }) }
      // @ts-expect-error The types refuse the function toJSON.
      yield* Webhooks.addDataUsingGet(webhook, user)
      assert.match(yield* Server.lastLine, /\?id=1$/)
    }).pipe(Effect.provide(Server.layer()))
  )

  it.live("`progress` yields the reports of a run", () =>
    Effect.gen(function* () {
      const webhook = yield* Server.api.create({ mode: "combine" })
      const ingestion = yield* WebhookSink.make(webhook, { schema: Order })
      const seen: Array<string> = []
      yield* Stream.run(orders(40), ingestion.sink).pipe(
        Effect.zipLeft(Effect.sleep("30 millis")),
        Effect.race(
          Stream.runForEach(WebhookSink.progress(ingestion, "5 millis"), (report) =>
            Effect.sync(() => seen.push(IngestReport.format(report)))
          ).pipe(Effect.zipRight(Effect.never))
        )
      )
      assert.match(seen.at(-1) ?? "", /^40 rows, 40 accepted, [\d,]+ rows\/s$/)
    }).pipe(Effect.provide(Server.layer()))
  )

  it('`format` writes "row" for a count of 1, and "rows" for other counts', () => {
    const none = { rows: 0, bytes: 0 }
    const ends = { accepted: { rows: 1, bytes: 8 }, refused: none, dead: none, unknown: none, undelivered: none }
    const counts = { offered: 1, ...ends, pending: 0, resumeAt: 1, requests: 1, retries: 0 }
    assert.strictEqual(IngestReport.format({ ...counts, elapsed: "1 second" }), "1 row, 1 accepted, 1 row/s")
    assert.strictEqual(IngestReport.format({ ...counts, elapsed: 100 }), "1 row, 1 accepted, 10 rows/s")
  })

  for (const isTTY of [true, false]) {
    it.live(
      `withProgressLine ${isTTY ? "shows and clears a line on a terminal" : "shows nothing without a terminal"}`,
      () =>
        Effect.gen(function* () {
          const texts: Array<string> = []
          const terminal = Terminal.Terminal.of({
            columns: Effect.succeed(12),
            rows: Effect.succeed(24),
            isTTY: Effect.succeed(isTTY),
            readInput: Effect.die("nothing is read"),
            readLine: Effect.die("nothing is read"),
            display: (text) => Effect.sync(() => void texts.push(text))
          })
          const webhook = yield* Server.api.create({ mode: "combine" })
          const ingestion = yield* WebhookSink.make(webhook, { schema: Order })
          yield* Stream.run(orders(20), ingestion.sink).pipe(
            WebhookSink.withProgressLine(ingestion, "1 millis"),
            Effect.provideService(Terminal.Terminal, terminal)
          )
          if (!isTTY) return assert.deepStrictEqual(texts, [])
          assert.strictEqual(texts.at(-1), "\r\u001B[2K")
          for (const text of texts.slice(0, -1)) {
            assert.match(text.replace("\r\u001B[2K", "^"), /^\^\d+ rows?, /)
            assert.isAtMost(text.replace("\r\u001B[2K", "").length, 12)
          }
          assert.isAbove(texts.length, 2)
        }).pipe(Effect.provide(Server.layer()))
    )
  }

  it.effect("an invalid time causes an error that names the option, and nothing is sent", () =>
    Effect.gen(function* () {
      const target = WebhookTarget.assumeCombine("key")
      const refusal = (options: Partial<WebhookSink.Options<typeof Order.Type>>) =>
        Effect.map(
          Effect.flip(Stream.run(orders(1), WebhookSink.append(target, { schema: Order, ...options }))),
          ({ message }) => message
        )
      const expected = `expected a time above zero, such as "10 seconds"`
      assert.include(yield* refusal({ throttleDeadline: Number.NaN }), `throttleDeadline: ${expected}`)
      assert.include(yield* refusal({ batch: { maxWait: 0 } }), `batch.maxWait: ${expected}`)
      const both = yield* refusal({ batch: { maxRows: 0, maxWait: "-1 millis" }, throttleDeadline: 0 })
      for (const name of ["batch.maxRows", "batch.maxWait", "throttleDeadline"])
        assert.include(both, `${name}: expected`)
      const ingestor = Ingestor.make(target, { schema: Order, onUndelivered: () => Effect.void, drainTimeout: 0 })
      assert.include((yield* Effect.flip(Effect.scoped(ingestor))).message, `drainTimeout: ${expected}`)
      const { report } = yield* WebhookSink.make(target, { schema: Order, throttleDeadline: Infinity })
      for (const show of [WebhookSink.progress, WebhookSink.withProgressLine]) {
        assert.throws(() => void show({ report }, Number.NaN), `every: ${expected}`)
      }
    }).pipe(Effect.provide(Webhooks.layerTest({})))
  )

  it.effect("a schema that cannot encode rows is refused before a row is taken", () =>
    Effect.gen(function* () {
      const waiting = Schema.transformOrFail(Schema.String, Schema.Number, {
        decode: (text) => Effect.succeed(Number(text)),
        encode: (n) => Effect.promise(() => Promise.resolve(String(n)))
      })
      const bigint = Schema.transform(Schema.BigIntFromSelf, Schema.Number, { decode: Number, encode: BigInt })
      const key = WebhookTarget.assumeCombine("key")
      const never = Effect.dieMessage("a row was taken")
      for (const [schema, expected] of [
        [Schema.Struct({ at: waiting }), "schema.at: expected a schema that encodes without waiting"],
        [Schema.Struct({ at: bigint }), "schema.at: expected a schema that encodes to JSON"]
      ] as const) {
        const options = { schema, onBadRow: "continue", onUndelivered: () => Effect.void } as const
        const errors = [
          Effect.flip(Stream.run(Stream.fromEffect(never), WebhookSink.append(key, options))),
          Effect.flip(Effect.scoped(Ingestor.make(key, options)))
        ]
        for (const error of yield* Effect.all(errors)) {
          assert.strictEqual(error._tag, "MammothInvalidRequest")
          assert.include(error.message, expected)
        }
      }
    }).pipe(Effect.provide(Webhooks.layerTest({})))
  )

  it.live("replaceAll replaces all rows in one push, and refuses a webhook in mode combine", () =>
    Effect.gen(function* () {
      const webhook = yield* Server.api.create({ mode: "replace" })
      yield* Webhooks.addData(webhook, { id: 9 })
      yield* Webhooks.replaceAll(webhook, [{ id: 1 }, { id: 2 }], { schema: Order })
      assert.deepStrictEqual(yield* held(webhook.id), [1, 2])
      const bad = yield* Effect.flip(Webhooks.replaceAll(webhook, [{ id: 1 }, { id: 2.5 }], { schema: Order }))
      assert.match(bad.message, /^The row at index 1 was not sent: id: /)
      assert.deepStrictEqual(yield* held(webhook.id), [1, 2])

      yield* Server.inject(Fault.reset("start", { operation: "addData", acts: true }))
      const unknown = yield* Effect.flip(Webhooks.replaceAll(webhook, [{ id: 3 }], { schema: Order }))
      assert.deepInclude(unknown, { _tag: "MammothTransportError", delivery: "Unknown" })
      yield* Server.inject(Fault.reset("start", { operation: "addData", acts: true }))
      yield* Webhooks.replaceAll(webhook, [{ id: 4 }], { schema: Order, isSoleWriter: true })
      assert.deepStrictEqual(yield* held(webhook.id), [4])

      const combine = yield* Server.api.create({ mode: "combine" })
      // @ts-expect-error The mode is combine: a push would append its rows.
      const wrong = yield* Effect.flip(Webhooks.replaceAll(combine, [{ id: 1 }], { schema: Order }))
      assert.strictEqual(wrong._tag, "MammothWrongMode")
    }).pipe(
      Effect.provide(Server.layer({ ...batching, retry: RetryPolicy.make({ schedule: Schedule.spaced("1 millis") }) }))
    )
  )
})
