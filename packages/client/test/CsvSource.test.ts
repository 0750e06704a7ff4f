import { assert, describe, it, vi } from "@effect/vitest"
import { Chunk, Data, Effect, FastCheck, Stream } from "effect"
import * as CsvSource from "../src/CsvSource.js"

class Broken extends Data.TaggedError("Broken")<{ readonly message: string }> {}

const bytes = (text: string) => new TextEncoder().encode(text)

const all = <A, E, R>(stream: Stream.Stream<A, E, R>) => Effect.map(Stream.runCollect(stream), Chunk.toArray)

const csv = (text: string, options?: CsvSource.Options) => CsvSource.fromBytes(Stream.make(bytes(text)), options)

/** What a stream yields, and the message of what it fails with. */
const until = <A, E extends Error, R>(stream: Stream.Stream<A, E, R>) =>
  Effect.gen(function* () {
    const rows: Array<A> = []
    const failure = yield* Effect.flip(Stream.runForEach(stream, (row) => Effect.sync(() => rows.push(row))))
    const result: readonly [ReadonlyArray<A>, string] = [rows, failure.message]
    return result
  })

const write = (field: string) => `"${field.replaceAll('"', '""')}"`

describe("CSV", () => {
  it.effect("is a record for each row, by the names in the first", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* all(csv("id,name\n1,Ann\n2,\n")), [
        { id: "1", name: "Ann" },
        { id: "2", name: "" }
      ])
      assert.deepStrictEqual(yield* all(csv("id,name\n")), [])
      assert.deepStrictEqual(yield* all(csv("")), [])
    })
  )

  it.effect("may have a byte order mark, CRLF, blank lines, quoted newlines, and no end to its last line", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* all(csv('\uFEFFid,text\r\n\r\n1,"a\r\nb, ""c"""\r\n2,d')), [
        { id: "1", text: 'a\r\nb, "c"' },
        { id: "2", text: "d" }
      ])
    })
  )

  it.effect("may have another delimiter, and columns that are named elsewhere", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* all(csv("1;2,5\n", { delimiter: ";", columns: ["id", "total"] })), [
        { id: "1", total: "2,5" }
      ])
      assert.deepStrictEqual(yield* all(csv("1\t2\n", { delimiter: "\t", columns: ["__proto__", "b"] })), [
        Object.fromEntries([
          ["__proto__", "1"],
          ["b", "2"]
        ])
      ])
    })
  )

  it.effect("fails at the line that is wrong, after the rows before it, without a word of what stands there", () =>
    Effect.gen(function* () {
      const one = [{ a: "1", b: "2" }]
      assert.deepStrictEqual(yield* until(csv("a,b\n1,2\n\n3\n4,5\n")), [
        one,
        "CSV, line 4: expected 2 fields, found 1; check delimiter and quotes"
      ])
      assert.deepStrictEqual(yield* until(csv('a,b\n1,2\nsecret"x,3\n4,5\n')), [
        one,
        "CSV, line 3: a quote stands in the middle of a field that is not quoted"
      ])
      assert.deepStrictEqual(yield* until(csv('a,b\n1,2\n"secret"x,3\n4,5\n')), [
        one,
        "CSV, line 3: after a closing quote, expected a delimiter or the end of the row"
      ])
      const [rows, message] = yield* until(csv('a,b\n1,2\n3,"secret\n4,5\n'))
      assert.deepStrictEqual(rows, one)
      assert.match(message, /^CSV, line 3: in the row that begins here a quote is never closed$/)
    })
  )

  it.effect("counts lines as an editor does, CRLF within quotes too", () =>
    Effect.gen(function* () {
      for (const end of ["\n", "\r\n"]) {
        const text = ["a,b", '1,"x', 'y"', "2,3", "4", ""].join(end)
        const [, message] = yield* until(csv(text))
        assert.match(message, /^CSV, line 5: expected 2 fields/)
      }
    })
  )

  it.effect("fails where a column is there twice, or where it is not UTF-8", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* until(csv("a,b,a\n1,2,3\n")), [[], 'CSV, line 1: the column "a" is there twice'])
      const named = csv("1,2,3\n", { columns: ["a", "b", "a"] })
      assert.deepStrictEqual(yield* until(named), [[], 'CSV: the column "a" is there twice'])
      const long = "1".repeat(100)
      const whole = Uint8Array.of(...bytes(`a\n${long}\né😀\n`), 0xff, ...bytes(`\n${long}\n`))
      for (let at = 0; at <= whole.length; at++) {
        const broken = Stream.make(whole.subarray(0, at), whole.subarray(at))
        const [, message] = yield* until(CsvSource.fromBytes(broken))
        assert.strictEqual(message, "CSV, line 4: the line is not UTF-8")
      }
      const half = Stream.make(bytes("a\n1\n"), Uint8Array.of(0xc3))
      assert.strictEqual((yield* until(CsvSource.fromBytes(half)))[1], "CSV, line 3: the line is not UTF-8")
    })
  )

  it.effect("fails as its source does", () =>
    Effect.gen(function* () {
      const source = Stream.concat(
        Stream.make(`a\n1\n${"2".repeat(100)}`),
        Stream.fail(new Broken({ message: "reset" }))
      )
      assert.deepStrictEqual(yield* until(CsvSource.fromBytes(source)), [[{ a: "1" }], "reset"])
    })
  )

  it.effect("is read no faster than its rows are taken, and holds no more of a row than it may", () =>
    Effect.gen(function* () {
      let pulled = 0
      const endless = (text: string) => Stream.repeatEffect(Effect.sync(() => (pulled++, text)))
      const rows = CsvSource.fromBytes(endless("1,2\n"), { columns: ["a", "b"] })
      assert.strictEqual((yield* all(Stream.take(rows, 100))).length, 100)
      assert.isAtMost(pulled, 102)
      pulled = 0
      const quoted = CsvSource.fromBytes(Stream.concat(Stream.make('a\n"'), endless("x\n".repeat(50))), {
        maxRowBytes: 1000
      })
      assert.deepStrictEqual((yield* until(quoted))[0], [])
      assert.isAtMost(pulled, 12)
    })
  )

  it.effect.prop(
    "comes back equal however it is cut into chunks",
    [
      FastCheck.array(FastCheck.tuple(FastCheck.string({ unit: "binary" }), FastCheck.string())),
      FastCheck.array(FastCheck.double({ min: 0, max: 1, noNaN: true })),
      FastCheck.constantFrom("\n", "\r\n")
    ],
    ([fields, fractions, end]) =>
      Effect.gen(function* () {
        const whole = bytes(["a,b", ...fields.map((row) => row.map(write).join(",")), ""].join(end))
        const places = [0, ...fractions.map((part) => Math.floor(part * whole.length)), whole.length].toSorted(
          (a, b) => a - b
        )
        const chunks = places.slice(1).map((to, i) => whole.slice(places[i], to))
        const rows = yield* all(CsvSource.fromBytes(Stream.fromIterable(chunks)))
        assert.deepStrictEqual(
          rows,
          fields.map(([a, b]) => ({ a, b }))
        )
      })
  )

  it.effect("is read alike by the parser's build for browsers", () =>
    Effect.gen(function* () {
      vi.resetModules()
      vi.doMock("csv-parse", () => import("csv-parse/browser/esm"))
      const browser = yield* Effect.promise(() => import("../src/CsvSource.js"))
      const read = (...chunks: ReadonlyArray<Uint8Array>) => browser.fromBytes(Stream.make(...chunks))
      assert.deepStrictEqual(yield* all(read(bytes('a,b\r\n1,"é\n'), bytes('x"\r\n'), bytes("2,3"))), [
        { a: "1", b: "é\nx" },
        { a: "2", b: "3" }
      ])
      assert.deepStrictEqual(yield* until(read(bytes('a,b\n1,2\nx"y,3\n4,5\n'))), [
        [{ a: "1", b: "2" }],
        "CSV, line 3: a quote stands in the middle of a field that is not quoted"
      ])
      assert.match((yield* until(read(bytes('a,b\n1,"2'))))[1], /never closed$/)
      const open = 'a,b\n1,2\n"3,4\n5,6\n'
      assert.match((yield* until(read(bytes(open))))[1], /^CSV, line 3: in the row that begins here/)
    }).pipe(
      Effect.ensuring(
        Effect.sync(() => {
          vi.doUnmock("csv-parse")
          vi.resetModules()
        })
      )
    )
  )
})
