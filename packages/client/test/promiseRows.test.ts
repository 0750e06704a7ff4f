import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Readable } from "node:stream"
import { pathToFileURL } from "node:url"
import { gzipSync } from "node:zlib"
import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import type { Webhook } from "@mammoth-effect/core"
import { Emulator, Fault } from "@mammoth-effect/emulator"
import { type } from "arktype"
import { Effect, Schema } from "effect"
import * as v from "valibot"
import { z } from "zod"
import {
  assumeCombine,
  type Client,
  type FileOutcome,
  type FileSource,
  type InputOf,
  isMammothError,
  makeClient,
  type MammothError,
  type OutputOf,
  type SkippedLine
} from "../src/promise.js"
import { ingestCsv } from "../src/promiseCsv.js"
import { ingestNdjson } from "../src/promiseNdjson.js"
import type { CombineTarget } from "../src/WebhookTarget.js"
import { project } from "./support/Server.js"

/** Starts an emulator, and makes a client and a webhook. */
const connected = Effect.gen(function* () {
  const emulator = yield* Emulator.make({ seed: 1 })
  const credentials = { apiKey: "emulator-key", apiSecret: "emulator-secret" }
  const mammoth = yield* Effect.acquireRelease(
    Effect.sync(() => makeClient({ baseUrl: emulator.baseUrl, credentials, retry: false })),
    (client) => Effect.promise(client.close)
  )
  const orders = yield* Effect.promise(() => mammoth.ensure("orders", { ...project, mode: "combine" }))
  return { emulator, mammoth, orders, rows: emulator.rows(orders.id) }
})

/** Returns the error that a promise rejects with. */
const rejected = (promise: () => Promise<unknown>): Effect.Effect<MammothError> =>
  Effect.promise(() =>
    promise().then(
      () => assert.fail("it was fulfilled"),
      (error: unknown) => (isMammothError(error) ? error : assert.fail(`another error: ${String(error)}`))
    )
  )

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)

const webStream = <A>(...chunks: ReadonlyArray<A>): ReadableStream<A> =>
  new ReadableStream<A>({
    start: (controller) => {
      for (const chunk of chunks) controller.enqueue(chunk)
      controller.close()
    }
  })

/** Makes a file that is deleted after the test. */
const file = (content: string | Uint8Array) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const folder = mkdtempSync(join(tmpdir(), "rows-"))
      writeFileSync(join(folder, "orders"), content)
      return { folder, path: join(folder, "orders") }
    }),
    ({ folder }) => Effect.sync(() => rmSync(folder, { recursive: true }))
  ).pipe(Effect.map(({ path }) => path))

describe("rows", () => {
  it.scoped("can come from iterables, async iterables, Node streams and web streams", () =>
    Effect.gen(function* () {
      const { mammoth, orders, rows } = yield* connected
      const generator = async function* () {
        yield { id: 3 }
      }
      const sources = [[{ id: 1 }], new Set([{ id: 2 }]), generator(), Readable.from([{ id: 4 }]), webStream({ id: 5 })]
      for (const source of sources) {
        const report = yield* Effect.promise(() => mammoth.ingest(orders, source))
        assert.strictEqual(report.accepted.rows, 1)
      }
      assert.deepStrictEqual(yield* rows, [{ id: 1 }, { id: 2 }, { id: 3 }, { id: 4 }, { id: 5 }])
    })
  )

  it.scoped("are refused if they come from a Node stream of bytes, which would be sent as arrays of numbers", () =>
    Effect.gen(function* () {
      const { mammoth, orders, rows } = yield* connected
      const error = yield* rejected(() => mammoth.ingest(orders, Readable.from(["a"], { objectMode: false })))
      assert.strictEqual(error._tag, "MammothInvalidRequest")
      assert.include(
        error.message,
        "rows: expected rows (for bytes: ingestNdjson or ingestCsv), received a stream of b"
      )
      assert.isEmpty(yield* rows)
    })
  )

  it.scoped("cause a SourceError if their stream fails", () =>
    Effect.gen(function* () {
      const { mammoth, orders } = yield* connected
      const readable = new Readable({ objectMode: true, read: () => {} })
      readable.destroy(new Error("the cursor of Ada broke"))
      const ofNode = yield* rejected(() => mammoth.ingest(orders, readable))
      assert.deepStrictEqual(
        [ofNode._tag, ofNode.message],
        ["MammothSourceError", "Node stream: reading failed: Error"]
      )
      const locked = webStream({ id: 1 })
      locked.getReader()
      const ofWeb = yield* rejected(() => mammoth.ingest(orders, locked))
      assert.strictEqual(ofWeb._tag, "MammothSourceError")
    })
  )

  it.scoped("can come from a stream, and the run closes the stream if a row is refused", () =>
    Effect.gen(function* () {
      const { mammoth, orders } = yield* connected
      const readable = Readable.from([{ id: 1 }, { id: Number.NaN }, { id: 3 }])
      let isCancelled = false
      const web = new ReadableStream<{ id: number }>({
        pull: (controller) => controller.enqueue({ id: Number.NaN }),
        cancel: () => {
          isCancelled = true
        }
      })
      for (const rows of [readable, web]) {
        assert.strictEqual((yield* rejected(() => mammoth.ingest(orders, rows)))._tag, "MammothRowRefused")
      }
      assert.isTrue(readable.destroyed && isCancelled)
    })
  )

  it.scoped("are not read if the run is refused, and their stream is closed", () =>
    Effect.gen(function* () {
      const { mammoth, orders, rows } = yield* connected
      const closed = makeClient({ baseUrl: "http://127.0.0.1:1/api/v2", credentials: { apiKey: "k", apiSecret: "s" } })
      yield* Effect.promise(closed.close)
      const replacing: CombineTarget = Object.assign(assumeCombine("abcdefgh"), { mode: "replace" as never })
      const refused: ReadonlyArray<readonly [client: Client, webhook: CombineTarget, options: object]> = [
        [mammoth, orders, { concurency: 1 }],
        [mammoth, orders, { concurrency: 0 }],
        [mammoth, orders, { schema: {} }],
        [mammoth, orders, { signal: AbortSignal.abort() }],
        [mammoth, replacing, {}],
        [closed, orders, {}]
      ]
      for (const [client, webhook, options] of refused) {
        for (const run of [
          (source: Readable | ReadableStream) => client.ingest(webhook, source as Readable, options),
          (source: Readable | ReadableStream) => ingestNdjson(client, webhook, source as Readable, options),
          (source: Readable | ReadableStream) => ingestCsv(client, webhook, source as Readable, options)
        ]) {
          const readable = new Readable({ objectMode: true, read: () => assert.fail("it was read") })
          let isCancelled = false
          const web = new ReadableStream({ cancel: () => void (isCancelled = true) })
          for (const source of [readable, web]) {
            yield* Effect.promise(() =>
              run(source).then(
                () => assert.fail("it was fulfilled"),
                () => undefined
              )
            )
          }
          assert.deepStrictEqual([readable.destroyed, isCancelled], [true, true], JSON.stringify(options))
        }
      }
      assert.isEmpty(yield* rows)
    })
  )

  it.scoped("are no longer read when the signal aborts, and their stream is closed", () =>
    Effect.gen(function* () {
      const { mammoth, orders } = yield* connected
      const controller = new AbortController()
      let id = 0
      const readable = new Readable({
        objectMode: true,
        read() {
          if (id === 100) controller.abort(new Error("enough"))
          this.push({ id: id++ })
        }
      })
      let last = 0
      const error = yield* Effect.promise(() =>
        mammoth
          .ingest(orders, readable, { signal: controller.signal, onReport: ({ offered }) => void (last = offered) })
          .catch((error: unknown) => error)
      )
      assert.strictEqual(String(error), "Error: enough")
      assert.isTrue(readable.destroyed && last > 0)
    })
  )
})

describe("a deadline", () => {
  it.scoped("is refused as an option of a run, with an error that names the right options", () =>
    Effect.gen(function* () {
      const { mammoth, orders, rows } = yield* connected
      const options = { deadline: "1 second" } as never
      for (const run of [
        () => mammoth.ingest(orders, [{ id: 1 }], options),
        () => ingestNdjson(mammoth, orders, encode('{"id":1}'), options),
        () => ingestCsv(mammoth, orders, encode("id\n1"), options)
      ]) {
        const error = yield* rejected(run)
        assert.strictEqual(error._tag, "MammothInvalidRequest")
        assert.match(
          error.message,
          /options\.deadline: expected no property with this name \(did you mean throttleDeadline, or a signal for the whole run/
        )
      }
      assert.isEmpty(yield* rows)
    })
  )

  it.scoped("ends a run if it is the option throttleDeadline and the server requests a longer wait", () =>
    Effect.gen(function* () {
      const { emulator, mammoth, orders } = yield* connected
      yield* emulator.inject(Fault.status(429, { headers: { "retry-after": "60" } }))
      const error = yield* rejected(() => mammoth.ingest(orders, [{ id: 1 }], { throttleDeadline: "1 second" }))
      assert.strictEqual(error._tag, "MammothRateLimited")
      const wrong = yield* rejected(() => mammoth.ingest(orders, [{ id: 1 }], { throttleDeadline: 0 }))
      assert.include(wrong.message, "throttleDeadline: expected a time above zero")
    })
  )
})

/** A CSV file with a header and 49 rows. Lines 7 and 30 are bad lines. In line 20, the total is not a number. */
const csv = Array.from({ length: 50 }, (_, i) => {
  const line = i + 1
  if (line === 1) return "id,customer,total"
  if (line === 7) return "7,Ada"
  if (line === 30) return '30,"Bob" the builder,3'
  return line === 20 ? "20,Cy,much" : `${line},customer ${line},${line / 2}`
}).join("\n")

const Order = z.object({ id: z.coerce.number().int(), customer: z.string(), total: z.coerce.number() })

describe("a CSV file", () => {
  it.scoped("gets an outcome for each row and each bad line, with the line number", () =>
    Effect.gen(function* () {
      const { mammoth, orders, rows } = yield* connected
      const ends = new Map<number | undefined, string>()
      const messages: Array<string> = []
      const tell = ({ end, error, line }: FileOutcome<Record<string, string>> | SkippedLine) => {
        ends.set(line, end)
        if (error !== undefined) messages.push(error.message)
      }
      const letters: Array<unknown> = []
      const report = yield* Effect.promise(() =>
        ingestCsv(mammoth, orders, encode(csv), {
          schema: Order,
          concurrency: 1,
          onBadRow: "continue",
          onBadLine: tell,
          onOutcome: tell,
          onDeadLetter: ({ index, line, row }) => void letters.push({ index, line, row })
        })
      )
      assert.deepStrictEqual(
        [...ends].toSorted(([a = 0], [b = 0]) => a - b),
        Array.from({ length: 49 }, (_, i) => {
          const line = i + 2
          return [line, line === 7 || line === 30 ? "skipped" : line === 20 ? "refused" : "accepted"]
        })
      )
      assert.deepStrictEqual(letters, [{ index: 17, line: 20, row: { id: "20", customer: "Cy", total: "much" } }])
      assert.deepStrictEqual([report.accepted.rows, report.refused.rows, report.badLines], [46, 1, 2])
      assert.deepStrictEqual((yield* rows)[0], { id: 2, customer: "customer 2", total: 1 })
      assert.lengthOf(messages, 3)
      assert.match(
        messages.join("\n"),
        /CSV, line 7: .*\n[^]*Line 20 \(index 17\) was not sent: total: expected a value that zod/
      )
      assert.notMatch(messages.join("\n"), /Ada|Bob|much/)
    })
  )

  it.scoped("ends the run at its first bad line, with an error that names the line", () =>
    Effect.gen(function* () {
      const { mammoth, orders, rows } = yield* connected
      let counts: unknown
      const error = yield* rejected(() =>
        ingestCsv(mammoth, orders, encode(csv), {
          concurrency: 1,
          onReport: ({ badLines, offered }) => void (counts = { badLines, offered })
        })
      )
      assert.deepInclude(error, { _tag: "MammothSourceError", line: 7 })
      assert.deepStrictEqual(counts, { badLines: 0, offered: 5 })
      assert.isAtLeast((yield* rows).length, 4)
    })
  )

  it.scoped("ends the run if the promise of onBadLine rejects", () =>
    Effect.gen(function* () {
      const { mammoth, orders } = yield* connected
      const thrown = new Error("too many bad lines")
      const seen: Array<number | undefined> = []
      const error = yield* Effect.promise(() =>
        ingestCsv(mammoth, orders, encode(csv), {
          onBadLine: async ({ line }) => {
            await Promise.resolve()
            seen.push(line)
            throw thrown
          }
        }).catch((error: unknown) => error)
      )
      assert.strictEqual(error, thrown)
      assert.deepStrictEqual(seen, [7])
    })
  )

  it.scoped("is read with the delimiter, the quote and the column names of the options", () =>
    Effect.gen(function* () {
      const { mammoth, orders, rows } = yield* connected
      yield* Effect.promise(() =>
        ingestCsv(mammoth, orders, encode("1;'a;b'"), { columns: ["id", "name"], delimiter: ";", quote: "'" })
      )
      assert.deepStrictEqual(yield* rows, [{ id: "1", name: "a;b" }])
      const error = yield* rejected(() => ingestCsv(mammoth, orders, encode("id"), { delimiter: "" }))
      assert.match(error.message, /^CSV: delimiter: expected/)
    })
  )
})

describe("an NDJSON file", () => {
  const ndjson = '{"id":1}\n\nnot json\n{"id":"x"}\n{"id":5}'

  it.scoped("gets an outcome for each row and each bad line, with the line number", () =>
    Effect.gen(function* () {
      const { mammoth, orders, rows } = yield* connected
      const bad: Array<unknown> = []
      const letters: Array<unknown> = []
      const ends: Array<unknown> = []
      const report = yield* Effect.promise(() =>
        ingestNdjson(mammoth, orders, encode(ndjson), {
          schema: z.object({ id: z.number() }),
          concurrency: 1,
          onBadRow: "continue",
          onBadLine: ({ end, error, line, text }) => void bad.push([line, end, text, error.reason]),
          onDeadLetter: ({ error, line, row }) => void letters.push([line, row, error.message]),
          onOutcome: ({ end, line }) => void ends.push([line, end])
        })
      )
      assert.deepStrictEqual(bad, [
        [3, "skipped", "not json", "expected a JSON document, found a string of 8 characters"]
      ])
      assert.deepStrictEqual(letters, [
        [
          4,
          { id: "x" },
          "Line 4 (index 1) was not sent: id: expected a value that zod accepts (Invalid input: expected number, received string), received a string of 1 character"
        ]
      ])
      assert.sameDeepMembers(ends, [
        [1, "accepted"],
        [4, "refused"],
        [5, "accepted"]
      ])
      assert.strictEqual(report.badLines, 1)
      assert.deepStrictEqual(yield* rows, [{ id: 1 }, { id: 5 }])
      const tooLong = yield* rejected(() => ingestNdjson(mammoth, orders, encode(ndjson), { maxLineBytes: 3 }))
      assert.include(tooLong.message, "NDJSON")
    })
  )

  it.scoped("can be a path, a URL, bytes, a Blob or a stream", () =>
    Effect.gen(function* () {
      const { mammoth, orders, rows } = yield* connected
      const path = yield* file('{"id":1}\n{"id":2}')
      const bytes = encode('{"id":1}\n{"id":2}')
      const chunks = async function* () {
        yield '{"id":1}\n{"i'
        yield encode('d":2}')
      }
      const sources: ReadonlyArray<FileSource> = [
        { path },
        pathToFileURL(path),
        bytes,
        Buffer.from(bytes),
        new Blob([new Uint8Array(bytes)]),
        webStream(bytes.subarray(0, 5), bytes.subarray(5)),
        new Response(new Uint8Array(bytes)).body ?? assert.fail("no body"),
        Readable.from([bytes], { objectMode: false }),
        chunks(),
        new Blob([new Uint8Array(gzipSync(bytes))]).stream().pipeThrough(new DecompressionStream("gzip"))
      ]
      for (const source of sources) {
        const report = yield* Effect.promise(() => ingestNdjson(mammoth, orders, source, { concurrency: 1 }))
        assert.strictEqual(report.accepted.rows, 2)
      }
      assert.deepStrictEqual(
        yield* rows,
        sources.flatMap(() => [{ id: 1 }, { id: 2 }])
      )
    })
  )

  it.scoped("is read in parts, even if the source is one array of bytes", () =>
    Effect.gen(function* () {
      const { mammoth, orders } = yield* connected
      const lines = Array.from({ length: 20_000 }, (_, id) => JSON.stringify({ id: id === 500 ? "wrong" : id }))
      let lastOffered = 0
      const error = yield* rejected(() =>
        ingestNdjson(mammoth, orders, encode(lines.join("\n")), {
          schema: z.object({ id: z.number() }),
          batch: {},
          onReport: ({ offered }) => void (lastOffered = offered)
        })
      )
      assert.deepInclude(error, { _tag: "MammothRowRefused", index: 500, line: 501 })
      assert.strictEqual(lastOffered, 501)
    })
  )

  it.scoped(
    "causes an error that names the path if the file does not exist, or the remedy if the source is invalid",
    () =>
      Effect.gen(function* () {
        const { mammoth, orders } = yield* connected
        const missing = yield* rejected(() => ingestNdjson(mammoth, orders, { path: "missing.ndjson" }))
        assert.strictEqual(missing.message, "file: missing.ndjson: reading failed: ENOENT")
        assert.include(String(missing.cause), "ENOENT")
        const wrong: ReadonlyArray<readonly [source: unknown, message: RegExp]> = [
          ["orders.ndjson", /\(pass \{ path \} for a file, or .*received a string of 13 characters$/],
          [
            new URL("https://example.com/orders"),
            /fetch the URL, and pass the response's body\), received another URL$/
          ],
          [new Response("{}"), /pass the body of a request or response\), received an object/],
          [[{ id: 1 }], /source: expected \{ path \}, a file: URL, bytes, a Blob, .* received a list of 1$/],
          [null, /received null$/]
        ]
        for (const [source, message] of wrong) {
          for (const run of [
            () => ingestNdjson(mammoth, orders, source as never),
            () => ingestCsv(mammoth, orders, source as never)
          ]) {
            const error = yield* rejected(run)
            assert.strictEqual(error._tag, "MammothInvalidRequest")
            assert.match(error.message, message)
          }
        }
      })
  )

  it.scoped("is refused if the client does not come from makeClient", () =>
    Effect.gen(function* () {
      for (const other of [{}, null, "client"]) {
        const error = yield* rejected(() => ingestNdjson(other as never, assumeCombine("key"), encode("")))
        assert.include(error.message, "client: expected a client that makeClient made")
      }
    })
  )

  it.scoped("can come from a stream, and the run closes the stream at a bad line", () =>
    Effect.gen(function* () {
      const { mammoth, orders } = yield* connected
      const readable = new Readable({
        read() {
          this.push("not json\n")
        }
      })
      const error = yield* rejected(() => ingestNdjson(mammoth, orders, readable))
      assert.deepInclude(error, { _tag: "MammothSourceError", line: 1 })
      assert.isTrue(readable.destroyed)
    })
  )
})

/** The same schema in each library. The schema turns the string `id` into a number. */
const schemas = {
  zod: z.object({ id: z.string().transform(Number).pipe(z.number().int()), tag: z.string().min(2) }),
  valibot: v.object({
    id: v.pipe(v.string(), v.transform(Number), v.number(), v.integer()),
    tag: v.pipe(v.string(), v.minLength(2))
  }),
  arktype: type({ id: "string.integer.parse", tag: "string >= 2" }),
  Effect: Schema.Struct({
    id: Schema.NumberFromString.pipe(Schema.int()),
    tag: Schema.String.pipe(Schema.minLength(2))
  }),
  "Schema.standardSchemaV1": Schema.standardSchemaV1(
    Schema.Struct({
      id: Schema.NumberFromString.pipe(Schema.int()),
      tag: Schema.String.pipe(Schema.minLength(2))
    })
  )
} as const

type Run = (
  mammoth: Client,
  orders: Webhook.CombineWebhook,
  rows: ReadonlyArray<{ id: string; tag: string }>,
  onDeadLetter?: (letter: { readonly index: number; readonly error: Error }) => void
) => Promise<unknown>

const runs: Readonly<Record<keyof typeof schemas, Run>> = {
  zod: (mammoth, orders, rows, onDeadLetter) =>
    mammoth.ingest(orders, rows, { schema: schemas.zod, onBadRow: "continue", onDeadLetter }),
  valibot: (mammoth, orders, rows, onDeadLetter) =>
    mammoth.ingest(orders, rows, { schema: schemas.valibot, onBadRow: "continue", onDeadLetter }),
  arktype: (mammoth, orders, rows, onDeadLetter) =>
    mammoth.ingest(orders, rows, { schema: schemas.arktype, onBadRow: "continue", onDeadLetter }),
  Effect: (mammoth, orders, rows, onDeadLetter) =>
    mammoth.ingest(orders, rows, { schema: schemas.Effect, onBadRow: "continue", onDeadLetter }),
  "Schema.standardSchemaV1": (mammoth, orders, rows, onDeadLetter) =>
    mammoth.ingest(orders, rows, { schema: schemas["Schema.standardSchemaV1"], onBadRow: "continue", onDeadLetter })
}

describe("a schema", () => {
  for (const [library, run] of Object.entries(runs)) {
    it.scoped(`from ${library} converts rows before they are sent, and hides the values of refused rows`, () =>
      Effect.gen(function* () {
        const { mammoth, orders, rows } = yield* connected
        const refused: Array<string> = []
        const given = [
          { id: "1", tag: "ab" },
          { id: "Ada Lovelace", tag: "ab" },
          { id: "3", tag: "c" },
          { id: 123_456 as never, tag: "ab" },
          { id: { name: "Ada Lovelace" } as never, tag: "ab" }
        ]
        yield* Effect.promise(() =>
          run(mammoth, orders, given, ({ error, index }) => void refused.push(`${index} ${error.message}`))
        )
        assert.deepStrictEqual(yield* rows, [{ id: 1, tag: "ab" }])
        assert.deepStrictEqual(
          refused.map((text) => /^(\d) The row at index \d was not sent: (\w+): expected/.exec(text)?.slice(1)),
          [
            ["1", "id"],
            ["2", "tag"],
            ["3", "id"],
            ["4", "id"]
          ]
        )
        assert.notMatch(refused.join("\n"), /Ada|Lovelace|123_?456/)
        if (library === "zod" || library === "valibot" || library === "arktype") {
          assert.isTrue(refused.every((text) => text.includes(`a value that ${library} accepts (`)))
        }
      })
    )
  }

  it.scoped("causes an error that shows the limit from the schema's message, but hides the refused value", () =>
    Effect.gen(function* () {
      const { mammoth, orders } = yield* connected
      const refusal = (schema: typeof Loose, row: unknown) =>
        Effect.map(
          rejected(() => mammoth.ingest(orders, [row], { schema })),
          ({ message }) => message.replace("The row at index 0 was not sent: ", "")
        )
      const Loose = v.unknown()
      const with_ = (inner: v.GenericSchema<unknown, number | string>) => v.object({ a: inner }) as never
      assert.strictEqual(
        yield* refusal(with_(v.pipe(v.number(), v.minValue(18)) as never), { a: 8 }),
        "a: expected a value that valibot accepts (Invalid value: Expected >=18 but received …), received a positive integer"
      )
      assert.strictEqual(
        yield* refusal(with_(v.number() as never), { a: 'he said "hi"' }),
        'a: expected a value that valibot accepts (Invalid type: Expected number but received "…"), received a string of 12 characters'
      )
      const Quoting = type("'a' | 'b'")
      const quoting = yield* rejected(() => mammoth.ingest(orders, [{ name: "Ada" } as never], { schema: Quoting }))
      assert.include(
        quoting.message,
        'expected a value that arktype accepts (must be "a" or "b" (was …)), received an ob'
      )
    })
  )

  it.scoped("reports at most 20 issues of a row, each with a bounded length", () =>
    Effect.gen(function* () {
      const { mammoth, orders } = yield* connected
      const Long = z.object(
        Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`c${i}`, z.string("x".repeat(5000))]))
      )
      const error = yield* rejected(() => mammoth.ingest(orders, [{}], { schema: Long }))
      assert.include(error.message, "c0: expected a value that zod accepts (xxx")
      assert.isBelow(error.message.length, 6000)
      assert.isTrue("issues" in error && Array.isArray(error.issues) && error.issues.length === 20)
      assert.deepInclude(error, { omitted: 30 })
    })
  )

  it.scoped("refuses every row if it validates asynchronously, and leaves no unhandled rejection", () =>
    Effect.gen(function* () {
      const { mammoth, orders, rows } = yield* connected
      const failing = {
        "~standard": { version: 1, vendor: "own", validate: () => Promise.reject(new Error("late")) }
      } as const
      const schema = z.object({ id: z.number().refine(async (id) => Promise.resolve(id > 0)) })
      for (const run of [
        () => mammoth.ingest(orders, [{ id: 1 }], { schema }),
        () => mammoth.ingest(orders, [{ id: 1 }], { schema: failing }),
        () => mammoth.ingest(orders, [{ id: 1 }], { schema: v.objectAsync({ id: v.number() }) }),
        () => ingestNdjson(mammoth, orders, encode('{"id":1}'), { schema })
      ]) {
        const error = yield* rejected(run)
        assert.strictEqual(error._tag, "MammothRowRefused")
        assert.include(error.message, "expected a synchronous schema: await asynchronous checks first")
      }
      assert.isEmpty(yield* rows)
    })
  )

  it.scoped("refuses a row, and names the reason, if JSON cannot represent the schema's output", () =>
    Effect.gen(function* () {
      const { mammoth, orders, rows } = yield* connected
      const outputs: ReadonlyArray<readonly [output: unknown, message: string]> = [
        [undefined, "expected a JSON value"],
        [{ a: undefined }, "a: expected a value, because every property of the row is undefined"],
        [{ a: 1n }, "a: expected a JSON value"],
        [{ a: new Date(Number.NaN) }, "a: expected a valid date"],
        [{ a: Number.NaN }, "a: expected a finite number"],
        [{ a: new Map([[1, 2]]) }, "a: expected an array"]
      ]
      for (const [output, message] of outputs) {
        const schema = z.object({ id: z.number() }).transform(() => output)
        const error = yield* rejected(() => mammoth.ingest(orders, [{ id: 1 }], { schema }))
        assert.strictEqual(error._tag, "MammothRowRefused")
        assert.include(error.message, message)
      }
      assert.isEmpty(yield* rows)
      // Expect a date in the output to be accepted, because JSON can represent a date.
      const Dated = z.object({ at: z.coerce.date(), note: z.string().optional() })
      yield* Effect.promise(() => mammoth.ingest(orders, [{ at: "2026-01-02", note: undefined }], { schema: Dated }))
      assert.deepStrictEqual(yield* rows, [{ at: "2026-01-02T00:00:00.000Z" }])
    })
  )

  it.scoped("is refused before a row is sent if it is not a valid schema, or if its output can never be JSON", () =>
    Effect.gen(function* () {
      const { mammoth, orders, rows } = yield* connected
      const Tagged = Schema.Struct({ tags: Schema.Set(Schema.String) })
      const never = yield* rejected(() => mammoth.ingest(orders, [{ tags: ["a"] }], { schema: Tagged as never }))
      assert.strictEqual(never._tag, "MammothInvalidRequest")
      assert.include(never.message, "schema.tags: expected a schema that encodes to JSON")
      for (const schema of [{}, null, { type: "object" }, "zod"]) {
        const error = yield* rejected(() => mammoth.ingest(orders, [{ id: 1 }], { schema: schema as never }))
        assert.strictEqual(error._tag, "MammothInvalidRequest")
        assert.include(error.message, "options.schema: expected a Standard Schema (zod, valibot, arktype, …)")
      }
      assert.isEmpty(yield* rows)
    })
  )

  it.scoped("refuses the row if the schema throws, and hides the thrown error", () =>
    Effect.gen(function* () {
      const { mammoth, orders } = yield* connected
      const fail = (): never => {
        throw new Error("Ada")
      }
      const own = { "~standard": { version: 1, vendor: "own", validate: fail } } as const
      const ofOwn = yield* rejected(() => mammoth.ingest(orders, [{ id: 1 }], { schema: own }))
      assert.include(
        ofOwn.message,
        "a row whose encoding throws: check toJSON, getters and the functions of the schema"
      )
      // Expect a hint about promises, because zod starts a second, asynchronous validation if a transform throws.
      const ofZod = yield* rejected(() => mammoth.ingest(orders, [{ id: 1 }], { schema: z.unknown().transform(fail) }))
      assert.include(ofZod.message, "(zod also returns a promise if a transform throws)")
      assert.notInclude(ofOwn.message + ofZod.message, "Ada")
    })
  )
})

describe("the types of rows", () => {
  it("come from the schema of each library", () => {
    interface Input {
      id: string
      tag: string
    }
    interface Output {
      id: number
      tag: string
    }
    expectTypeOf<InputOf<typeof schemas.zod>>().toEqualTypeOf<Input>()
    expectTypeOf<OutputOf<typeof schemas.zod>>().toEqualTypeOf<Output>()
    expectTypeOf<InputOf<typeof schemas.valibot>>().toEqualTypeOf<Input>()
    expectTypeOf<OutputOf<typeof schemas.valibot>>().toEqualTypeOf<Output>()
    expectTypeOf<InputOf<typeof schemas.arktype>>().toEqualTypeOf<Input>()
    expectTypeOf<OutputOf<typeof schemas.arktype>>().toEqualTypeOf<Output>()
    expectTypeOf<InputOf<typeof schemas.Effect>>().toEqualTypeOf<Readonly<Input>>()
    expectTypeOf<OutputOf<typeof schemas.Effect>>().toEqualTypeOf<Readonly<Output>>()
    expectTypeOf<InputOf<(typeof schemas)["Schema.standardSchemaV1"]>>().toEqualTypeOf<Readonly<Input>>()
    expectTypeOf<OutputOf<(typeof schemas)["Schema.standardSchemaV1"]>>().toEqualTypeOf<Readonly<Output>>()
  })

  it("are checked by the compiler", () => {
    const orders = assumeCombine("key")
    const check = (mammoth: Client) => [
      mammoth.ingest(orders, [{ id: "1", tag: "ab" }], {
        schema: schemas.zod,
        onOutcome: ({ row }) => void expectTypeOf(row).toEqualTypeOf<{ id: string; tag: string }>()
      }),
      // @ts-expect-error The schema takes a string and not a number.
      mammoth.ingest(orders, [{ id: 1, tag: "ab" }], { schema: schemas.zod }),
      // @ts-expect-error A column is missing.
      mammoth.ingest(orders, [{ id: "1" }], { schema: schemas.valibot }),
      // @ts-expect-error The schema takes a string and not a number.
      mammoth.ingest(orders, [{ id: 1, tag: "ab" }], { schema: schemas.arktype }),
      // @ts-expect-error The schema takes a string and not a number.
      mammoth.ingest(orders, [{ id: 1, tag: "ab" }], { schema: schemas.Effect }),
      // @ts-expect-error JSON has no bigint.
      mammoth.ingest(orders, [{ id: "1" }], { schema: z.object({ id: z.string().transform(BigInt) }) }),
      // @ts-expect-error JSON has no Map.
      mammoth.ingest(orders, [{ id: new Map() }]),
      // @ts-expect-error A run has no option `deadline`.
      mammoth.ingest(orders, [{ id: 1 }], { deadline: 1000 }),
      // @ts-expect-error A CSV field is a string and not a number.
      ingestCsv(mammoth, orders, { path: "a.csv" }, { schema: z.object({ id: z.number() }) }),
      // @ts-expect-error JSON has no bigint.
      ingestCsv(mammoth, orders, { path: "a.csv" }, { schema: z.object({ id: z.coerce.bigint() }) }),
      // @ts-expect-error A string is not allowed, because it could be a path or the content.
      ingestCsv(mammoth, orders, "a.csv"),
      ingestCsv(
        mammoth,
        orders,
        { path: "a.csv" },
        { schema: z.object({ id: z.enum(["a", "b"]), n: z.coerce.number() }) }
      ),
      ingestCsv(
        mammoth,
        orders,
        { path: "a.csv" },
        {
          schema: schemas.Effect,
          onDeadLetter: ({ line, row }) => {
            expectTypeOf(row).toEqualTypeOf<Record<string, string>>()
            expectTypeOf(line).toEqualTypeOf<number>()
          }
        }
      ),
      ingestNdjson(mammoth, orders, { path: "a.ndjson" }, { schema: schemas.arktype })
    ]
    assert.isFunction(check)
  })
})
