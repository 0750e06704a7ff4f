import { gzipSync } from "node:zlib"
import { assert, describe, it, vi } from "@effect/vitest"
import { Chunk, Data, Effect, FastCheck, Stream } from "effect"
import * as CsvSource from "../src/CsvSource.js"
import type { RowSource } from "../src/index.js"

class Broken extends Data.TaggedError("Broken")<{ readonly message: string }> {}

const bytes = (text: string) => new TextEncoder().encode(text)

const all = <A, E, R>(stream: Stream.Stream<A, E, R>) => Effect.map(Stream.runCollect(stream), Chunk.toArray)

const csv = (text: string, options?: CsvSource.Options) => CsvSource.fromBytes(Stream.make(bytes(text)), options)

/** Collects a stream's rows until the stream fails. Returns the rows and the error's message. */
const until = <A, E extends Error, R>(stream: Stream.Stream<A, E, R>) =>
  Effect.gen(function* () {
    const rows: Array<A> = []
    const failure = yield* Effect.flip(Stream.runForEach(stream, (row) => Effect.sync(() => rows.push(row))))
    const result: readonly [ReadonlyArray<A>, string] = [rows, failure.message]
    return result
  })

const receiver = () => {
  const bad: Array<RowSource.BadLine> = []
  return { bad, onBadLine: (line: RowSource.BadLine) => Effect.sync(() => void bad.push(line)) }
}

const write = (field: string) => `"${field.replaceAll('"', '""')}"`

describe("A CSV source", () => {
  it.effect("yields a record for each row, with the names in the first row as keys", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* all(csv("id,name\n1,Ann\n2,\n")), [
        { id: "1", name: "Ann" },
        { id: "2", name: "" }
      ])
      assert.deepStrictEqual(yield* all(csv("id,name\n")), [])
      assert.deepStrictEqual(yield* all(csv("")), [])
    })
  )

  it.effect("accepts a byte order mark, CRLF, blank lines, quoted newlines, and a last line without a line end", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* all(csv('\uFEFFid,text\r\n\r\n1,"a\r\nb, ""c"""\r\n2,d')), [
        { id: "1", text: 'a\r\nb, "c"' },
        { id: "2", text: "d" }
      ])
    })
  )

  it.effect("uses the delimiter and the column names that the caller sets", () =>
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

  it.effect("yields the rows before a bad line, and then fails without showing the text of the line", () =>
    Effect.gen(function* () {
      const one = [{ a: "1", b: "2" }]
      assert.deepStrictEqual(yield* until(csv("a,b\n1,2\n\n3\n4,5\n")), [
        one,
        "CSV, line 4: expected 2 fields, found 1; check the quotes and the option delimiter"
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
      assert.match(message, /^CSV, line 3: a quote in the row that begins here is never closed$/)
    })
  )

  it.effect("counts lines as an editor does, even if quoted fields contain line ends", () =>
    Effect.gen(function* () {
      for (const end of ["\n", "\r\n"]) {
        const text = ["a,b", '1,"x', 'y"', "2,3", "4", ""].join(end)
        const [, message] = yield* until(csv(text))
        assert.match(message, /^CSV, line 5: expected 2 fields/)
      }
    })
  )

  it.effect("yields the same rows each time it is read", () =>
    Effect.gen(function* () {
      const rows = csv("a,b\n1,2\n")
      for (const _ of [1, 2]) assert.deepStrictEqual(yield* all(rows), [{ a: "1", b: "2" }])
    })
  )

  it.effect("fails if two columns have the same name, or if a line is not UTF-8", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* until(csv("a,b,a\n1,2,3\n")), [
        [],
        'CSV, line 1: two columns have the name "a"; rename one'
      ])
      const named = csv("1,2,3\n", { columns: ["a", "b", "a"] })
      assert.deepStrictEqual(yield* until(named), [[], 'CSV: columns: two columns have the name "a"; rename one'])
      const long = "1".repeat(100)
      const whole = Uint8Array.of(...bytes(`a\n${long}\né😀\n`), 0xff, ...bytes(`\n${long}\n`))
      for (let at = 0; at <= whole.length; at++) {
        const broken = Stream.make(whole.subarray(0, at), whole.subarray(at))
        const [, message] = yield* until(CsvSource.fromBytes(broken))
        assert.match(message, /^CSV, line 4: the line is not UTF-8; it may be Latin-1 \(windows-1252\)/)
      }
      const half = Stream.make(bytes("a\n1\n"), Uint8Array.of(0xc3))
      assert.match((yield* until(CsvSource.fromBytes(half)))[1], /^CSV, line 3: the line is not UTF-8/)
      const replaced = "a\n\uFFFD\n"
      assert.deepStrictEqual(yield* all(csv(replaced)), [{ a: "\uFFFD" }])
    })
  )

  it.effect("passes each bad line to onBadLine with its line number, and continues with the next row", () =>
    Effect.gen(function* () {
      const text = Uint8Array.of(
        ...bytes(
          ["id,text", "1,a", "2", "", "3,a,b", '4,"x', 'y",z', 'x"y,5', '"x"y,6', '7,"open', '8,"q', 'r"'].join("\r\n")
        ),
        ...bytes("\r\n9,"),
        0xff,
        ...bytes('\r\n10,é\r\n11,"never closed\r\n12,b')
      )
      const rows = [
        { line: 2, row: { id: "1", text: "a" } },
        { line: 11, row: { id: "8", text: "q\r\nr" } },
        { line: 14, row: { id: "10", text: "é" } },
        { line: 16, row: { id: "12", text: "b" } }
      ]
      const lines = [
        [3, "2", "expected 2 fields, found 1; check the quotes and the option delimiter"],
        [5, "3,a,b", "expected 2 fields, found 3; check the quotes and the option delimiter"],
        [6, '4,"x\r\ny",z', "expected 2 fields, found 3; check the quotes and the option delimiter"],
        [8, 'x"y,5', "a quote stands in the middle of a field that is not quoted"],
        [9, '"x"y,6', "after a closing quote, expected a delimiter or the end of the row"],
        [10, '7,"open', "after a closing quote, expected a delimiter or the end of the row"],
        [13, "9,\uFFFD", "the line is not UTF-8; it may be Latin-1"],
        [15, '11,"never closed', "a quote in the row that begins here is never closed"]
      ]
      for (let at = 0; at <= text.length; at++) {
        const { bad, onBadLine } = receiver()
        const source = Stream.make(text.subarray(0, at), text.subarray(at))
        const read = yield* all(CsvSource.fromBytesWithLines(source, { onBadLine }))
        assert.deepStrictEqual(
          read.map(({ line, row }) => ({ line, row })),
          rows
        )
        assert.deepStrictEqual(
          bad.map(({ error, text }) => [
            error.line,
            text,
            error.reason.slice(0, error.reason.startsWith("the line") ? 40 : 99)
          ]),
          lines
        )
      }
    })
  )

  it.effect("skips only the first line of a row that exceeds maxRowBytes, and reads the other lines as new rows", () =>
    Effect.gen(function* () {
      const long = "x".repeat(60)
      const whole = `a,b\n1,2\n3,"open\n${"4,5\n".repeat(50)}6,"${long}\n${long}"\n7,8\n`
      for (const size of [1, 7, 64, 1000]) {
        const { bad, onBadLine } = receiver()
        const chunks = Stream.fromIterable(Array.from({ length: Math.ceil(whole.length / size) }, (_, i) => i * size))
        const source = Stream.map(chunks, (at) => whole.slice(at, at + size))
        const rows = yield* all(CsvSource.fromBytesWithLines(source, { maxRowBytes: 100, onBadLine }))
        assert.strictEqual(rows.length, 52)
        assert.deepStrictEqual([rows[1]?.line, rows.at(-1)?.line], [4, 56])
        assert.deepStrictEqual(
          bad.map(({ error, text }) => [error.line, text]),
          [
            [3, '3,"open'],
            [54, `6,"${long}`],
            [55, `${long}"`]
          ]
        )
        if (size < 100)
          assert.match(bad[0]?.error.message ?? "", /^CSV, line 3: the row is longer than 100 bytes; check/)
      }
      const { onBadLine } = receiver()
      const oneLine = csv(`a\n${long}${long}\n1\n`, { maxRowBytes: 100, onBadLine })
      assert.match((yield* until(oneLine))[1], /^CSV, line 2: the row is longer than 100 bytes/)
    })
  )

  it.effect("accepts a row of exactly maxRowBytes bytes", () =>
    Effect.gen(function* () {
      for (const end of ["\n", "\r\n", ""]) {
        const { bad, onBadLine } = receiver()
        const row = `${"x".repeat(8)},1`
        const rows = CsvSource.fromBytes(Stream.make(`a,b\n\n\n${row}${end}`), { maxRowBytes: 10, onBadLine })
        assert.strictEqual((yield* all(rows)).length, 1)
        assert.deepStrictEqual(bad, [])
        yield* until(CsvSource.fromBytes(Stream.make(`a,b\n${row}1${end}`), { maxRowBytes: 10, onBadLine }))
      }
    })
  )

  it.effect("counts the lines of a large chunk correctly", () =>
    Effect.gen(function* () {
      const { bad, onBadLine } = receiver()
      const block = `é,1\r\n\r\n"x\r\n",2\r\nx"y,3\r\n${"\r\n".repeat(7)}`
      const text = `a,b\r\n${block.repeat(3000)}`
      const rows = yield* all(CsvSource.fromBytesWithLines(Stream.make(text), { onBadLine }))
      assert.deepStrictEqual([rows.length, bad.length], [6000, 3000])
      assert.isTrue(rows.every(({ line }, i) => line === 2 + 12 * Math.floor(i / 2) + (i % 2 === 0 ? 0 : 2)))
      assert.isTrue(bad.every(({ error }, i) => error.line === 6 + 12 * i))
    })
  )

  it.effect("fails with the error of onBadLine if onBadLine fails", () =>
    Effect.gen(function* () {
      const rows = CsvSource.fromBytes(Stream.make("a,b\n1\n"), {
        onBadLine: () => Effect.fail(new Broken({ message: "enough" }))
      })
      assert.deepStrictEqual(yield* until(rows), [[], "enough"])
    })
  )

  it.effect("accepts a custom quote character, a custom escape character, or no quotes", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* all(csv("a,b\n'x,''y',\"\n", { quote: "'" })), [{ a: "x,'y", b: '"' }])
      assert.deepStrictEqual(yield* all(csv('a\n"x\\"\\\\,\ny"\n', { escape: "\\" })), [{ a: 'x"\\,\ny' }])
      assert.deepStrictEqual(yield* all(csv('a\tb\n"x\ty"z\n', { quote: false, delimiter: "\t" })), [
        { a: '"x', b: 'y"z' }
      ])
      assert.deepStrictEqual(yield* all(csv("a||b\n«x||»«y«||2\n", { quote: "«", escape: "»", delimiter: "||" })), [
        { a: "x||«y", b: "2" }
      ])
    })
  )

  it.effect("fails with an error that names the invalid option", () =>
    Effect.gen(function* () {
      const refused: ReadonlyArray<readonly [option: object, message: string]> = [
        [
          { delimiter: "" },
          'delimiter: expected a string without line ends, such as ";" or "\\t", received an empty string'
        ],
        [{ delimiter: "\n" }, "delimiter: expected a string without line ends"],
        [{ delimiter: 7 }, "delimiter: expected a string without line ends"],
        [
          { quote: "''" },
          "quote: expected one character, or false for a file without quoted fields, received a string of 2"
        ],
        [{ quote: "" }, "quote: expected one character"],
        [{ quote: ";", delimiter: ";" }, "quote: expected a character that is not in the delimiter"],
        [{ delimiter: '"' }, "quote: expected a character that is not in the delimiter"],
        [{ escape: "ab" }, "escape: expected one character"],
        [{ escape: "," }, "escape: expected a character that is not in the delimiter"],
        [{ columns: [] }, "columns: expected a list of at least one name, received an empty list"],
        [{ columns: "a" }, "columns: expected a list of at least one name"],
        [{ columns: ["a", 1] }, "columns[1]: expected a name"],
        [{ columns: ["a", ""] }, "columns: column 2 has no name"],
        [{ maxRowBytes: -1 }, "maxRowBytes: expected an integer from 1 to 536870888, received -1"],
        [{ maxRowBytes: Number.NaN }, "maxRowBytes: expected an integer from 1 to 536870888, received NaN"],
        [{ maxRowBytes: "1" }, "maxRowBytes: expected an integer from 1 to 536870888, received a string"]
      ]
      for (const [options, expected] of refused) {
        // Hide the type of the options: a program without types can pass any value.
        const [rows, message] = yield* until(
          csv(
            "a\n1\n",
            JSON.parse("{}", () => options)
          )
        )
        assert.deepStrictEqual(rows, [])
        assert.include(message, `CSV: ${expected}`)
      }
    })
  )

  it.effect("refuses a header row that ends with a delimiter, because the last column has no name", () =>
    Effect.gen(function* () {
      const expected = "column 3 has no name; name it, or remove the delimiter that ends the header row"
      const { bad, onBadLine } = receiver()
      assert.deepStrictEqual(yield* until(csv("a,b,\n1,2,\n", { onBadLine })), [[], `CSV, line 1: ${expected}`])
      assert.deepStrictEqual(bad, [])
    })
  )

  it.effect("names the likely encoding of input that is not UTF-8, however the input is split into chunks", () =>
    Effect.gen(function* () {
      const text = "id,name\n1,Ann\n"
      const inputs: ReadonlyArray<readonly [input: Uint8Array, message: RegExp]> = [
        [Buffer.from(`\uFEFF${text}`, "utf16le"), /^CSV: the input looks like UTF-16; decode it first.*"utf-16le"/],
        [Buffer.from(text, "utf16le"), /^CSV: the input looks like UTF-16; decode it first.*"utf-16le"/],
        [Buffer.from(`\uFEFF${text}`, "utf16le").swap16(), /^CSV: the input looks like UTF-16.*"utf-16be"/],
        [Buffer.from(text, "utf16le").swap16(), /^CSV: the input looks like UTF-16.*"utf-16be"/],
        [gzipSync(text), /^CSV: the input looks like gzip; decompress it first.*createGunzip/],
        [Buffer.from("PK\u0003\u0004rest"), /^CSV: the input looks like a ZIP archive.*xlsx/],
        [Buffer.from("id,name\n1,Zoë\n", "latin1"), /^CSV, line 2: the line is not UTF-8; it may be Latin-1/]
      ]
      for (const [input, message] of inputs) {
        for (let at = 0; at <= input.length; at++) {
          const { bad, onBadLine } = receiver()
          const source = Stream.make(Uint8Array.from(input.subarray(0, at)), Uint8Array.from(input.subarray(at)))
          assert.match((yield* until(CsvSource.fromBytes(source)))[1], message)
          if (!message.source.includes("line")) yield* until(CsvSource.fromBytes(source, { onBadLine }))
          assert.deepStrictEqual(bad, [])
        }
      }
      const latin = Stream.make(Uint8Array.from(Buffer.from("id,name\n1,Zoë\n", "latin1")))
      assert.deepStrictEqual(yield* all(CsvSource.fromBytes(Stream.decodeText(latin, "windows-1252"))), [
        { id: "1", name: "Zoë" }
      ])
      const wide = Stream.make(Uint8Array.from(Buffer.from(text, "utf16le")))
      assert.deepStrictEqual(yield* all(CsvSource.fromBytes(Stream.decodeText(wide, "utf-16le"))), [
        { id: "1", name: "Ann" }
      ])
      assert.deepStrictEqual(yield* all(CsvSource.fromBytes(Stream.make("P"))), [])
    })
  )

  it.effect("fails with the error of its input if the input fails", () =>
    Effect.gen(function* () {
      const source = Stream.concat(
        Stream.make(`a\n1\n${"2".repeat(100)}`),
        Stream.fail(new Broken({ message: "reset" }))
      )
      assert.deepStrictEqual(yield* until(CsvSource.fromBytes(source)), [[{ a: "1" }], "reset"])
    })
  )

  it.effect("reads its input only as fast as rows are taken, and buffers at most maxRowBytes of a row", () =>
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
    "yields exactly the fields of the CSV file, however the file is split into chunks",
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

  it.effect.prop(
    "reports the line number of each row and each bad line, however the file is split into chunks",
    [
      FastCheck.array(
        FastCheck.constantFrom(
          ...([
            "good",
            "two lines",
            "blank",
            "ragged",
            "ragged lines",
            "open",
            "inner",
            "closing",
            "not UTF-8"
          ] as const)
        )
      ),
      FastCheck.array(FastCheck.double({ min: 0, max: 1, noNaN: true })),
      FastCheck.constantFrom("\n", "\r\n", "\r")
    ],
    ([kinds, fractions, end]) =>
      Effect.gen(function* () {
        const texts = {
          good: "é,1",
          "two lines": `"q${end}",1`,
          blank: "",
          ragged: "1",
          "ragged lines": `"q${end}",1,2`,
          open: '1,"x',
          inner: 'x"y,1',
          closing: '"q"y,1',
          "not UTF-8": "\u0001,1"
        }
        const text = ["a,b", ...kinds.map((kind) => texts[kind]), ""].join(end)
        const whole = bytes(text).map((byte) => (byte === 1 ? 0xff : byte))
        const places = [0, ...fractions.map((part) => Math.floor(part * whole.length)), whole.length].toSorted(
          (a, b) => a - b
        )
        const chunks = places.slice(1).map((to, i) => whole.slice(places[i], to))
        const { bad, onBadLine } = receiver()
        const rows = yield* all(CsvSource.fromBytesWithLines(Stream.fromIterable(chunks), { onBadLine }))
        let line = 1
        const placed = kinds.map((kind) => {
          line += 1
          const first = line
          if (kind.endsWith("lines")) line += 1
          return { kind, line: first }
        })
        const isRow = (kind: string) => kind === "good" || kind === "two lines"
        assert.deepStrictEqual(
          rows.map(({ line, row }) => [line, row]),
          placed
            .filter(({ kind }) => isRow(kind))
            .map(({ kind, line }) => [line, { a: kind === "good" ? "é" : `q${end}`, b: "1" }])
        )
        assert.deepStrictEqual(
          bad.map(({ error, text }) => [error.line, text]),
          placed
            .filter(({ kind }) => !isRow(kind) && kind !== "blank")
            .map(({ kind, line }) => [line, texts[kind].replace("\u0001", "\uFFFD")])
        )
      })
  )

  it.effect("yields rows with the browser build of csv-parse, and handles bad lines", () =>
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
      const goOn = browser.fromBytes(
        Stream.make(Uint8Array.of(...bytes("a,b\n1\n2,"), 0xff, ...bytes('\n3,"x\n4,é\n'))),
        {
          onBadLine: () => Effect.void
        }
      )
      assert.deepStrictEqual(yield* all(goOn), [{ a: "4", b: "é" }])
      const open = 'a,b\n1,2\n"3,4\n5,6\n'
      assert.match((yield* until(read(bytes(open))))[1], /^CSV, line 3: a quote in the row that begins here/)
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
