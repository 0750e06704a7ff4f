import { once } from "node:events"
import { createReadStream } from "node:fs"
import { PassThrough, Readable } from "node:stream"
import { runInNewContext } from "node:vm"
import { gzipSync } from "node:zlib"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as FileSystem from "@effect/platform/FileSystem"
import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import { Emulator, Fault } from "@mammoth-effect/emulator"
import { Chunk, Data, Effect, Exit, FastCheck, Fiber, PubSub, Queue, Schema, type Scope, Stream, Take } from "effect"
import * as CsvSource from "../src/CsvSource.js"
import { DeadLetters, FileRow, RowSource, Webhooks, WebhookSink } from "../src/index.js"
import * as Server from "./support/Server.js"

class Broken extends Data.TaggedError("Broken")<{ readonly message: string }> {}

const bytes = (text: string) => new TextEncoder().encode(text)

const all = <A, E, R>(stream: Stream.Stream<A, E, R>) => Effect.map(Stream.runCollect(stream), Chunk.toArray)

const ndjson = (...chunks: ReadonlyArray<Uint8Array | string>) => RowSource.fromNdjson(Stream.make(...chunks))

/** Collects a stream's rows until the stream fails. Returns the rows and the error's message. */
const until = <A, E extends Error, R>(stream: Stream.Stream<A, E, R>) =>
  Effect.gen(function* () {
    const rows: Array<A> = []
    const failure = yield* Effect.flip(Stream.runForEach(stream, (row) => Effect.sync(() => rows.push(row))))
    const result: readonly [ReadonlyArray<A>, string] = [rows, failure.message]
    return result
  })

/** Cuts a string or bytes into chunks, at fractions of the length. */
const cut = (whole: string | Uint8Array, fractions: ReadonlyArray<number>) => {
  const places = [0, ...fractions.map((part) => Math.floor(part * whole.length)), whole.length].toSorted(
    (a, b) => a - b
  )
  return places.slice(1).map((to, i) => whole.slice(places[i], to))
}

describe("An NDJSON source", () => {
  it.effect("yields a row for each line, and accepts any line ends, blank lines and a byte order mark", () =>
    Effect.gen(function* () {
      const rows = yield* all(ndjson(bytes('\uFEFF{"a":1}\r\n\n  \r\n[2]\nnull\n"last"')))
      assert.deepStrictEqual(rows, [{ a: 1 }, [2], null, "last"])
      assert.deepStrictEqual(yield* all(ndjson()), [])
      assert.deepStrictEqual(yield* all(ndjson(bytes("\uFEFF"))), [])
    })
  )

  it.effect("yields the same rows however the bytes are split into chunks, even in the middle of a character", () =>
    Effect.gen(function* () {
      const whole = bytes('{"a":"é😀"}\r\n{"b":2}\r\n')
      for (let at = 0; at <= whole.length; at++) {
        const rows = yield* all(ndjson(whole.subarray(0, at), whole.subarray(at)))
        assert.deepStrictEqual(rows, [{ a: "é😀" }, { b: 2 }])
      }
      assert.deepStrictEqual(yield* all(ndjson('{"a":"\uD83D', '\uDE00"}\n', bytes("1"), "2")), [{ a: "😀" }, 12])
    })
  )

  it.effect.prop(
    "yields exactly the rows of the NDJSON file, however the file is split into chunks",
    [
      FastCheck.array(FastCheck.jsonValue({ noUnicodeString: false })),
      FastCheck.array(FastCheck.double({ min: 0, max: 1, noNaN: true })),
      FastCheck.boolean(),
      FastCheck.constantFrom("\n", "\r\n")
    ],
    ([values, fractions, isText, end]) =>
      Effect.gen(function* () {
        // Convert the values to JSON and back, because JSON writes -0 as 0.
        const rows: ReadonlyArray<unknown> = JSON.parse(JSON.stringify(values))
        const text = rows.map((row) => JSON.stringify(row)).join(end)
        const chunks = cut(isText ? text : bytes(text), fractions)
        assert.deepStrictEqual(yield* all(RowSource.fromNdjson(Stream.fromIterable(chunks))), rows)
      })
  )

  it.effect("yields the rows before a line that is not JSON, and then fails without showing the text of the line", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* until(ndjson(bytes('1\n\n{"card":4929\n4\n'))), [
        [1],
        "NDJSON, line 3: expected a JSON document, found a string of 12 characters"
      ])
      const broken = Uint8Array.of(...bytes('1\n"'), 0xff, ...bytes('"\n3\n'))
      const [rows, message] = yield* until(ndjson(broken))
      assert.deepStrictEqual(rows, [1])
      assert.match(
        message,
        /^NDJSON, line 2: the line is not UTF-8; it may be Latin-1 \(windows-1252\): decode the input/
      )
    })
  )

  it.effect("names the likely encoding of input that is not UTF-8, however the input is split into chunks", () =>
    Effect.gen(function* () {
      const text = '{"a":1}\n'
      const inputs: ReadonlyArray<readonly [input: Uint8Array, message: RegExp]> = [
        [Buffer.from(`\uFEFF${text}`, "utf16le"), /^NDJSON: the input looks like UTF-16; decode it first.*"utf-16le"/],
        [Buffer.from(text, "utf16le"), /^NDJSON: the input looks like UTF-16; decode it first.*"utf-16le"/],
        [Buffer.from(text, "utf16le").swap16(), /^NDJSON: the input looks like UTF-16.*"utf-16be"/],
        [gzipSync(text), /^NDJSON: the input looks like gzip; decompress it first.*createGunzip/]
      ]
      for (const [input, message] of inputs) {
        for (let at = 0; at <= input.length; at++) {
          const source = Stream.make(input.subarray(0, at), input.subarray(at))
          assert.match((yield* until(RowSource.fromNdjson(source)))[1], message)
          const goingOn = RowSource.fromNdjson(source, { onBadLine: () => Effect.void })
          assert.match((yield* until(goingOn))[1], message)
        }
      }
      const reset = Stream.concat(Stream.make("1\n"), Stream.fail(new Broken({ message: "reset" })))
      assert.deepStrictEqual(yield* until(RowSource.fromNdjson(reset)), [[1], "reset"])
      assert.deepStrictEqual(yield* all(ndjson("1")), [1])
    })
  )

  it.effect("refuses the option maxLineBytes if it is not an integer of 1 or more", () =>
    Effect.gen(function* () {
      for (const maxLineBytes of [-1, 0, Number.NaN, 1.5, Number.POSITIVE_INFINITY]) {
        const [, message] = yield* until(RowSource.fromNdjson(Stream.make("1\n"), { maxLineBytes }))
        const expected = "expected an integer from 1 to 536870888"
        assert.strictEqual(message, `NDJSON: maxLineBytes: ${expected}, received ${maxLineBytes}`)
      }
    })
  )

  it.effect("reports the line number of each row, and also counts blank and bad lines", () =>
    Effect.gen(function* () {
      const source = Stream.make('\uFEFF\n{"a":1}\r\nx\n', "\n2\n3")
      const rows = yield* all(RowSource.fromNdjsonWithLines(source, { onBadLine: () => Effect.void }))
      assert.deepStrictEqual(
        rows.map(({ line, row }) => [line, row]),
        [
          [2, { a: 1 }],
          [5, 2],
          [6, 3]
        ]
      )
    })
  )

  it.effect("passes each bad line to onBadLine, and continues with the next line", () =>
    Effect.gen(function* () {
      const bad: Array<unknown> = []
      const source = Stream.make(bytes("1\nx"), Uint8Array.of(...bytes("y\r\n2\n"), 0xff, ...bytes("\n3\n")))
      const rows = yield* all(
        RowSource.fromNdjson(source, {
          onBadLine: ({ error, text }) => Effect.sync(() => bad.push([error.line, text]))
        })
      )
      assert.deepStrictEqual(rows, [1, 2, 3])
      assert.deepStrictEqual(bad, [
        [2, "xy"],
        [4, "\uFFFD"]
      ])
    })
  )

  it.effect("fails with the error of onBadLine if onBadLine fails", () =>
    Effect.gen(function* () {
      const rows = RowSource.fromNdjson(Stream.make("1\nx\n"), {
        onBadLine: () => Effect.fail(new Broken({ message: "enough" }))
      })
      assert.strictEqual((yield* Effect.flip(Stream.runDrain(rows))).message, "enough")
    })
  )

  it.effect("yields no row for an incomplete last line if the input fails", () =>
    Effect.gen(function* () {
      const source = Stream.concat(Stream.make("1\n12"), Stream.fail(new Broken({ message: "reset" })))
      assert.deepStrictEqual(yield* until(RowSource.fromNdjson(source)), [[1], "reset"])
    })
  )

  it.effect("buffers at most maxLineBytes of a line", () =>
    Effect.gen(function* () {
      let pulled = 0
      const endless = Stream.repeatEffect(Effect.sync(() => (pulled++, "x".repeat(100))))
      const rows = RowSource.fromNdjson(endless, { maxLineBytes: 1000 })
      const [, message] = yield* until(rows)
      assert.include(message, "NDJSON, line 1: the line is longer than 1000 bytes")
      assert.isAtMost(pulled, 12)
    })
  )

  it.effect("can be read several times", () =>
    Effect.gen(function* () {
      const rows = ndjson("1\n2", "\n3")
      assert.deepStrictEqual(
        [yield* all(rows), yield* all(rows)],
        [
          [1, 2, 3],
          [1, 2, 3]
        ]
      )
    })
  )
})

describe("An iterable", () => {
  const counting = (seen: Array<number | string>, thrown = Number.POSITIVE_INFINITY) =>
    RowSource.fromIterable(function* () {
      try {
        for (let i = 0; ; i++) {
          if (i === thrown) throw new Error("gone")
          seen.push(i)
          yield i
        }
      } finally {
        seen.push("returned")
      }
    })

  it.effect("is read only as fast as rows are taken, and its iterator is closed at the end", () =>
    Effect.gen(function* () {
      const seen: Array<number | string> = []
      assert.deepStrictEqual(yield* all(Stream.take(counting(seen), 3)), [0, 1, 2])
      assert.deepStrictEqual(seen, [0, 1, 2, "returned"])
    })
  )

  it.effect("makes the stream fail if the iterable throws, but only after the rows before the error", () =>
    Effect.gen(function* () {
      const seen: Array<number | string> = []
      assert.deepStrictEqual(yield* until(counting(seen, 2)), [[0, 1], "iterable: reading failed: Error"])
      assert.deepStrictEqual(seen, [0, 1, "returned"])
      const opened = RowSource.fromIterable((): Iterable<number> => {
        throw new Error("closed")
      })
      assert.deepStrictEqual(yield* until(opened), [[], "iterable: reading failed: Error"])
    })
  )

  it.effect("can be an array or a set, and can throw an error of another realm", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* all(RowSource.fromIterable(() => [1, 2])), [1, 2])
      assert.deepStrictEqual(yield* all(RowSource.fromIterable(() => new Set([1, 2]))), [1, 2])
      const foreign = RowSource.fromIterable((): Iterable<number> => runInNewContext("[][Symbol.iterator].call(null)"))
      assert.deepStrictEqual(yield* until(foreign), [[], "iterable: reading failed: TypeError"])
    })
  )
})

describe("An offset", () => {
  it.effect("drops the rows before the offset, in a pipe or as the second argument", () =>
    Effect.gen(function* () {
      const rows: Stream.Stream<number, "down", Scope.Scope> = Stream.make(1, 2, 3)
      const piped = rows.pipe(RowSource.from(2))
      const called = RowSource.from(rows, 2)
      expectTypeOf(piped).toEqualTypeOf<typeof rows>()
      expectTypeOf(called).toEqualTypeOf<typeof rows>()
      assert.deepStrictEqual(yield* Effect.scoped(all(piped)), [3])
      assert.deepStrictEqual(yield* Effect.scoped(all(called)), [3])
    })
  )

  it("causes an error that names the offset if the offset is not an integer of 0 or more", () => {
    for (const take of [
      (offset: number) => RowSource.from(offset)(Stream.empty),
      (offset: number) => RowSource.from(Stream.empty, offset),
      RowSource.countingFrom
    ]) {
      for (const [offset, received] of [
        [-1, "-1"],
        [1.5, "1.5"],
        [Number.NaN, "NaN"],
        [Number.POSITIVE_INFINITY, "Infinity"],
        ["2" as never, "a string of 1 character"]
      ] as const) {
        assert.throws(
          () => take(offset),
          TypeError,
          `RowSource: offset: expected an integer of 0 or more, received ${received}`
        )
      }
    }
  })
})

describe("A source that is not a valid iterable", () => {
  const sources = {
    null: RowSource.fromIterable(() => null as never),
    "a string": RowSource.fromIterable((): Iterable<string> => "abc"),
    "a synchronous iterator that returns nothing": RowSource.fromIterable(
      () => ({ [Symbol.iterator]: () => ({ next: () => undefined }) }) as never
    ),
    "an asynchronous iterator that returns a string": RowSource.fromAsyncIterable(
      () => ({ [Symbol.asyncIterator]: () => ({ next: () => Promise.resolve("row") }) }) as never
    ),
    "a result that throws": RowSource.fromIterable(
      () =>
        ({
          [Symbol.iterator]: () => ({
            next: () => ({
              get done() {
                throw new Error("gone")
              }
            })
          })
        }) as never
    )
  }
  const told: Record<keyof typeof sources, RegExp> = {
    null: /^iterable: rows: expected an array or another iterable of rows, received null$/,
    "a string":
      /^iterable: rows: expected an array .* \(parse the JSON string first\), received a string of 3 characters$/,
    "a synchronous iterator that returns nothing":
      /^iterable: the iterator returned nothing; let `next` return an object/,
    "an asynchronous iterator that returns a string":
      /^async iterable: the iterator returned a string of 3 characters; let `next` return/,
    "a result that throws": /^iterable: reading failed: Error$/
  }
  for (const [name, source] of Object.entries(sources)) {
    it.effect(`causes a SourceError in the stream: ${name}`, () =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(Stream.runDrain(Stream.take(source, 3)))
        assert.instanceOf(error, RowSource.SourceError)
        assert.match(error.message, told[name as keyof typeof told])
      })
    )
  }
})

describe("An async iterable", () => {
  it.effect("is read only as fast as rows are taken, and its iterator is closed at the end", () =>
    Effect.gen(function* () {
      const seen: Array<number | string> = []
      const source = RowSource.fromAsyncIterable(async function* () {
        try {
          for (let i = 0; ; i++) {
            seen.push(i)
            yield i
          }
        } finally {
          seen.push("returned")
        }
      })
      assert.deepStrictEqual(yield* all(Stream.take(source, 3)), [0, 1, 2])
      assert.deepStrictEqual(seen, [0, 1, 2, "returned"])
    })
  )

  it.effect("continues after a value that is undefined", () =>
    Effect.gen(function* () {
      const source = RowSource.fromAsyncIterable(async function* () {
        yield* [1, undefined, 3]
      })
      assert.deepStrictEqual(yield* all(source), [1, undefined, 3])
    })
  )

  it.effect("makes the stream fail if the async iterable throws, immediately or after a row", () =>
    Effect.gen(function* () {
      const later = RowSource.fromAsyncIterable(async function* () {
        yield 1
        throw new Error("gone")
      })
      assert.deepStrictEqual(yield* until(later), [[1], "async iterable: reading failed: Error"])
      const opened = RowSource.fromAsyncIterable((): AsyncIterable<number> => {
        throw new Error("closed")
      })
      assert.deepStrictEqual(yield* until(opened), [[], "async iterable: reading failed: Error"])
    })
  )

  it.live("can be interrupted while it yields nothing", () =>
    Effect.gen(function* () {
      const source = RowSource.fromAsyncIterable(async function* () {
        await new Promise(() => {})
        yield 1
      })
      const exit = yield* Effect.exit(Effect.timeout(Stream.runDrain(source), "20 millis"))
      assert.isTrue(Exit.isFailure(exit))
    })
  )
})

describe("A web stream", () => {
  it.effect("yields rows when it is read as NDJSON, and is cancelled when enough rows are read", () =>
    Effect.gen(function* () {
      let cancelled = false
      let pulled = 0
      const source = new ReadableStream<Uint8Array | string>(
        {
          pull: (controller) => {
            pulled += 1
            controller.enqueue(pulled % 2 === 0 ? `${pulled}\n` : bytes(`${pulled}\n`))
          },
          cancel: () => {
            cancelled = true
          }
        },
        { highWaterMark: 0 }
      )
      const rows = RowSource.fromNdjson(RowSource.fromReadableStream(() => source))
      assert.deepStrictEqual(yield* all(Stream.take(rows, 3)), [1, 2, 3])
      assert.isTrue(cancelled)
      assert.strictEqual(pulled, 3)
    })
  )

  it.effect("makes the Effect stream fail if the web stream fails or is locked", () =>
    Effect.gen(function* () {
      let isFirst = true
      const source = new ReadableStream<number>({
        pull: (controller) => {
          if (isFirst) controller.enqueue(1)
          else controller.error(new Error("reset"))
          isFirst = false
        }
      })
      const rows = RowSource.fromReadableStream(() => source)
      assert.deepStrictEqual(yield* until(rows), [[1], "web stream: reading failed: Error"])
      const [, message] = yield* until(rows)
      assert.include(message, "web stream: reading failed: ")
    })
  )
})

describe("A Node stream", () => {
  it.effect("yields bytes or objects", () =>
    Effect.gen(function* () {
      const text = RowSource.fromNodeReadable(() => Readable.from([Buffer.from('{"a"'), Buffer.from(":1}\n2")]))
      assert.deepStrictEqual(yield* all(RowSource.fromNdjson(text)), [{ a: 1 }, 2])
      const objects = RowSource.fromNodeReadable<{ readonly id: number }>(() => Readable.from([{ id: 1 }, { id: 2 }]))
      assert.deepStrictEqual(yield* all(objects), [{ id: 1 }, { id: 2 }])
    })
  )

  it.effect("makes the Effect stream fail if the file does not exist", () =>
    Effect.gen(function* () {
      const rows = RowSource.fromNodeReadable(() => createReadStream("no/such.ndjson"))
      const [, message] = yield* until(rows)
      assert.include(message, "Node stream: reading failed: ENOENT")
    })
  )

  it.live("is destroyed when its reader is interrupted, even while the reader waits", () =>
    Effect.gen(function* () {
      const source = new PassThrough()
      source.write("1\n")
      const seen: Array<unknown> = []
      const fiber = yield* RowSource.fromNdjson(RowSource.fromNodeReadable(() => source)).pipe(
        Stream.runForEach((row) => Effect.sync(() => seen.push(row))),
        Effect.fork
      )
      yield* Effect.sleep("20 millis")
      yield* Fiber.interrupt(fiber)
      if (!source.closed) yield* Effect.promise(() => once(source, "close"))
      assert.isTrue(source.destroyed)
      assert.deepStrictEqual(seen, [1])
    })
  )

  it.scopedLive("reads a file only as fast as rows are taken", () =>
    Effect.gen(function* () {
      const fileSystem = yield* FileSystem.FileSystem
      const path = `${yield* fileSystem.makeTempDirectoryScoped()}/rows.ndjson`
      yield* fileSystem.writeFileString(path, "1234567\n".repeat(200_000))
      let read = 0
      const source = RowSource.fromNodeReadable(() =>
        createReadStream(path, { highWaterMark: 1024 })
          .on("data", (chunk) => (read += chunk.length))
          .pause()
      )
      assert.strictEqual((yield* all(Stream.take(RowSource.fromNdjson(source), 10))).length, 10)
      assert.isAtMost(read, 16 * 1024)
      assert.strictEqual(yield* Stream.runCount(RowSource.fromNdjson(source)), 200_000)
    }).pipe(Effect.provide(NodeFileSystem.layer))
  )
})

describe("A queue or a PubSub", () => {
  it.effect("keeps the values that the stream did not take", () =>
    Effect.gen(function* () {
      const queue = yield* Queue.unbounded<number>()
      yield* queue.offerAll([1, 2, 3, 4])
      assert.deepStrictEqual(yield* all(Stream.take(RowSource.fromQueue(queue), 2)), [1, 2])
      assert.strictEqual(yield* queue.size, 2)
    })
  )

  it.effect(
    "ends the stream when the producer offers an end, and makes the stream fail when the producer offers a failure",
    () =>
      Effect.gen(function* () {
        const queue = yield* Queue.unbounded<Take.Take<number, Broken>>()
        yield* queue.offerAll([
          Take.of(1),
          Take.of(2),
          Take.end,
          Take.of(3),
          Take.fail(new Broken({ message: "broken" }))
        ])
        assert.deepStrictEqual(yield* all(RowSource.fromTakes(queue)), [1, 2])
        assert.deepStrictEqual(yield* until(RowSource.fromTakes(queue)), [[3], "broken"])
      })
  )

  it.scoped("gets a subscription immediately if it is a PubSub, and the subscription ends with the scope", () =>
    Effect.gen(function* () {
      const hub = yield* PubSub.bounded<number>(10)
      const rows = yield* RowSource.fromPubSub(hub)
      yield* hub.publishAll([1, 2, 3])
      assert.deepStrictEqual(yield* all(Stream.take(rows, 3)), [1, 2, 3])
      const ended = yield* Effect.scoped(RowSource.fromPubSub(hub))
      assert.deepStrictEqual(yield* all(ended), [])
    })
  )
})

const Order = Schema.Struct({ id: Schema.NumberFromString.pipe(Schema.int()) })

const raw = (from: number, to: number) => Stream.range(from, to).pipe(Stream.map((id): unknown => ({ id: String(id) })))

const held = (id: number) =>
  Effect.flatMap(Emulator.Emulator, (emulator) => emulator.rows(id)).pipe(
    Effect.map((rows) => rows.map((row) => (typeof row === "object" && row !== null && "id" in row ? row.id : row)))
  )

describe("Raw rows", () => {
  it.live("are decoded by the sink, and are still raw in dead letters", () =>
    Effect.gen(function* () {
      const webhook = yield* Server.api.create({ mode: "combine" })
      const letters: Array<unknown> = []
      const report = yield* Stream.run(
        Stream.make<Array<unknown>>({ id: "1" }, { id: "one" }, { id: "3" }),
        WebhookSink.append(webhook, {
          schema: RowSource.decoding(Order),
          concurrency: 1,
          onBadRow: "continue",
          onDeadLetter: ({ error, index, row }) => Effect.sync(() => letters.push([index, row, error.message]))
        })
      )
      assert.deepStrictEqual([report.accepted.rows, report.refused.rows], [2, 1])
      assert.deepStrictEqual(yield* held(webhook.id), [1, 3])
      assert.deepInclude(letters[0], { id: "one" })
      assert.match(JSON.stringify(letters), /The row at index 1 was not sent: id: expected/)
    }).pipe(Effect.provide(Server.layer()))
  )

  it.live("arrive exactly once if a run with concurrency 1 is resumed at its offset", () =>
    Effect.gen(function* () {
      const webhook = yield* Server.api.create({ mode: "combine" })
      const schema = RowSource.decoding(Order)
      const source = raw(0, 49)
      const first = yield* WebhookSink.make(webhook, { schema, concurrency: 1 })
      const rows = Stream.tap(source, () =>
        Effect.flatMap(first.report, ({ accepted }) =>
          accepted.rows === 17
            ? Server.inject(Fault.status(401, { operation: "addData", times: "every" }))
            : Effect.void
        )
      )
      const error = yield* Effect.flip(Stream.run(Stream.rechunk(rows, 1), first.sink))
      assert.strictEqual(error._tag, "MammothUnauthorized")
      yield* Effect.flatMap(Emulator.Emulator, (emulator) => emulator.clearFaults)

      const offset = RowSource.nextOffset(yield* first.report)
      assert.strictEqual(offset, (yield* first.report).accepted.rows)
      const indices: Array<number> = []
      const report = yield* source.pipe(
        RowSource.from(offset),
        Stream.run(
          WebhookSink.append(webhook, {
            schema,
            concurrency: 1,
            onOutcome: RowSource.countingFrom(offset)(({ index }) => Effect.sync(() => indices.push(index)))
          })
        )
      )
      assert.strictEqual(indices[0], offset)
      assert.strictEqual(RowSource.nextOffset(report, offset), 50)
      assert.deepStrictEqual(
        yield* held(webhook.id),
        Array.from({ length: 50 }, (_, id) => id)
      )
    }).pipe(Effect.provide(Server.layer()))
  )

  it.scopedLive("appear in errors and dead letters with their line number in the file, even in a resumed run", () =>
    Effect.gen(function* () {
      const fileSystem = yield* FileSystem.FileSystem
      const path = `${yield* fileSystem.makeTempDirectoryScoped()}/refused.ndjson`
      const webhook = yield* Server.api.create({ mode: "combine" })
      const writeLetter = yield* DeadLetters.ndjsonFile<FileRow.FileRow<unknown>>(path)
      const bad: Array<number | undefined> = []
      const file = Stream.make('id,text\n1,"a\nb"\ntwo,c\n3\nfour,d\n13,e\n6,f\n')
      const schema = FileRow.schemaOf(RowSource.decoding(Order))
      const rows = CsvSource.fromBytesWithLines(file, {
        onBadLine: ({ error }) => Effect.sync(() => bad.push(error.line))
      })
      yield* Server.inject(Fault.status(422, { operation: "addData", body: "no 13" }))
      const report = yield* rows.pipe(
        RowSource.from(1),
        Stream.run(
          WebhookSink.append(webhook, {
            schema,
            concurrency: 1,
            onBadRow: "continue",
            onDeadLetter: RowSource.countingFrom(1)(writeLetter)
          })
        )
      )
      assert.deepStrictEqual([report.accepted.rows, report.refused.rows, report.dead.rows], [1, 2, 1])
      assert.deepStrictEqual(bad, [5])
      const letters = yield* all(RowSource.fromNdjson(fileSystem.stream(path)))
      const Letter = Schema.Struct({
        index: Schema.Int,
        line: Schema.Int,
        row: Schema.Unknown,
        error: Schema.Struct({ _tag: Schema.String, message: Schema.String })
      })
      const read = yield* Schema.decodeUnknown(Schema.Array(Letter))(letters)
      assert.deepStrictEqual(
        read.map(({ error, index, line, row }) => [index, line, row, error._tag]),
        [
          [1, 4, { id: "two", text: "c" }, "MammothRowRefused"],
          [2, 6, { id: "four", text: "d" }, "MammothRowRefused"],
          [3, 7, { id: "13", text: "e" }, "MammothUnexpectedStatus"]
        ]
      )
      assert.match(read[0]?.error.message ?? "", /^Line 4 \(index 1\) was not sent: id: expected/)
      const failing = yield* Effect.flip(Stream.run(rows, WebhookSink.append(webhook, { schema })))
      assert.match(failing.message, /^Line 4 \(index 1\) was not sent: id: expected/)
      const replacing = yield* Server.api.create({ mode: "replace" })
      const again = yield* Effect.flip(Webhooks.replaceAll(replacing, yield* all(rows), { schema }))
      assert.match(again.message, /^Line 4 \(index 1\) was not sent: id: expected/)
      const plain = yield* Effect.flip(
        Stream.run(
          Stream.make<Array<FileRow.FileRow<unknown>>>(JSON.parse('{"id":"1"}')),
          WebhookSink.append(webhook, { schema })
        )
      )
      assert.match(plain.message, /^The row at index 0 was not sent: expected a FileRow/)
    }).pipe(Effect.provide([Server.layer(), NodeFileSystem.layer]))
  )

  it.live("have an index counted from the first row of the source, even after an offset", () =>
    Effect.gen(function* () {
      const webhook = yield* Server.api.create({ mode: "combine" })
      const letters: Array<unknown> = []
      yield* Stream.make<Array<unknown>>({ id: "0" }, { id: "1" }, { id: "two" }).pipe(
        RowSource.from(1),
        Stream.run(
          WebhookSink.append(webhook, {
            schema: RowSource.decoding(Order),
            onBadRow: "continue",
            onDeadLetter: RowSource.countingFrom(1)(({ error, index }) =>
              Effect.sync(() => letters.push([index, error._tag, error.message.slice(0, 31)]))
            )
          })
        )
      )
      assert.deepStrictEqual(letters, [[2, "MammothRowRefused", "The row at index 2 was not sent"]])
    }).pipe(Effect.provide(Server.layer()))
  )
})
