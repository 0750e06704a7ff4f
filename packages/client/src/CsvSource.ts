/**
 * Streams of rows from CSV. It needs the package `csv-parse`, which those install who import this module.
 *
 * @since 0.1.0
 */
import { shorten } from "@mammoth-effect/core/Issue"
import { CsvError, parse } from "csv-parse"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { SourceError, toBytes } from "./RowSource.js"

/**
 * How CSV is read.
 *
 * @example
 * import type * as CsvSource from "@mammoth-effect/client/CsvSource"
 *
 * const german: CsvSource.Options = { delimiter: ";" }
 *
 * @since 0.1.0
 * @category options
 */
export interface Options {
  /** What stands between fields. Default `,`. */
  readonly delimiter?: string | undefined
  /** The columns' names, for CSV without a header row. Default: the first row. */
  readonly columns?: ReadonlyArray<string> | undefined
  /**
   * The most bytes of a row, which is held in memory; a longer one, such as one whose quote is never closed, fails the
   * stream. Default 10,000,000.
   */
  readonly maxRowBytes?: number | undefined
}

/** A row by the names of its columns. */
type Row = Record<string, string>

/** The rows of one chunk before the first that is none, and what is wrong with that. */
interface Read {
  readonly rows: Chunk.Chunk<Row>
  readonly error: SourceError | undefined
}

const fail = (line: number | null, reason: string): SourceError => new SourceError({ source: "CSV", line, reason })

const reasons: Readonly<Record<string, string>> = {
  CSV_INVALID_CLOSING_QUOTE: "after a closing quote, expected a delimiter or the end of the row",
  CSV_MAX_RECORD_SIZE: "the row is longer than it may be; check that quotes are closed",
  CSV_QUOTE_NOT_CLOSED: "in the row that begins here a quote is never closed",
  INVALID_OPENING_QUOTE: "a quote stands in the middle of a field that is not quoted"
}

/** The parser's own messages hold what stands in the row. */
const reasonOf = (error: Error): string =>
  error instanceof CsvError ? (reasons[error.code] ?? `it is no CSV (${error.code})`) : "it is no CSV"

const countCrLf = (fields: ReadonlyArray<string>): number =>
  fields.reduce((sum, field) => (field.includes("\r\n") ? sum + field.split("\r\n").length - 1 : sum), 0)

const findTwice = (names: ReadonlyArray<string>): string | undefined =>
  names.find((name, i) => names.indexOf(name) !== i)

const columnTwice = (name: string): string => `the column ${JSON.stringify(shorten(name, 100))} is there twice`

const lenient = new TextDecoder()

/** How many lines end before the first byte that is not UTF-8, in a chunk that may begin within a character. */
const countBeforeBroken = (bytes: Uint8Array): number => {
  const start = bytes.findIndex((byte) => byte < 0x80 || byte > 0xbf)
  const text = lenient.decode(bytes.subarray(Math.max(start, 0)))
  return countEnds(text.slice(0, Math.max(text.indexOf("\uFFFD"), 0)))
}

const countEnds = (text: string): number => text.split("\n").length - 1

/** Makes a function that gives a new parser a chunk, or without one the end, and takes what it makes of it. */
const makeRead = (options: Options): ((bytes?: Uint8Array) => Effect.Effect<Read>) => {
  const decoder = new TextDecoder("utf-8", { fatal: true })
  const decode = Option.liftThrowable((bytes: Uint8Array | undefined) =>
    bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true })
  )
  let columns = options.columns
  let rows: Array<Row> = []
  let error: SourceError | undefined
  /** How often the parser counted a CRLF within quotes twice. */
  let excess = 0
  /** Where the row that is being read begins. */
  let begins = 1

  const onRecord = (fields: ReadonlyArray<string>, { lines }: { readonly lines: number }): null => {
    excess += countCrLf(fields)
    const line = lines - excess
    begins = line + 1
    if (error !== undefined) return null
    if (columns === undefined) {
      const twice = findTwice(fields)
      if (twice !== undefined) error = fail(line, columnTwice(twice))
      columns = fields
    } else if (columns.length === fields.length) {
      rows.push(Object.fromEntries(columns.map((name, i) => [name, fields[i] ?? ""])))
    } else {
      error = fail(line, `expected ${columns.length} fields, found ${fields.length}; check delimiter and quotes`)
    }
    return null
  }

  const parser = parse({
    delimiter: options.delimiter ?? ",",
    // a file may have more than one kind
    record_delimiter: ["\r\n", "\n", "\r"],
    max_record_size: options.maxRowBytes ?? 10_000_000,
    on_record: onRecord,
    relax_column_count: true,
    skip_empty_lines: true
  })
  const onError = (thrown: Error): void => {
    // of a quote that is not closed the parser learns at the end of the file
    const isOpen = thrown instanceof CsvError && thrown.code === "CSV_QUOTE_NOT_CLOSED"
    error ??= fail(isOpen ? begins : parser.info.lines - excess, reasonOf(thrown))
  }
  parser.on("error", onError)

  /** The line in which the next chunk begins. */
  let line = 1
  return (bytes) =>
    Effect.async((resume) => {
      const done = (thrown?: Error | null): void => {
        if (thrown) onError(thrown)
        const read = { rows: Chunk.unsafeFromArray(rows), error }
        rows = []
        resume(Effect.succeed(read))
      }
      const text = decode(bytes)
      if (Option.isNone(text)) {
        error = fail(line + (bytes === undefined ? 0 : countBeforeBroken(bytes)), "the line is not UTF-8")
        done()
      } else if (bytes === undefined) {
        parser.end(text.value, done)
      } else {
        line += countEnds(text.value)
        parser.write(text.value, done)
      }
    })
}

/**
 * The rows of CSV in UTF-8, by the names of their columns, which are read from the first row.
 *
 * Fields may be quoted, and then hold delimiters, newlines and doubled quotes; a byte order mark, the kind of line ends,
 * blank lines, and where the chunks are cut, do not matter. It is read no faster than the rows are taken.
 *
 * It fails with the line, counted from 1, at which a row ends that has more or fewer fields than there are columns, or
 * that is no CSV, after the rows before it; where a column's name is there twice, in the first row or in `columns`; and where bytes are not UTF-8, of whose
 * chunk no row is yielded. The last row of a chunk may come with the next one, as the parser looks ahead.
 *
 * For browsers, let the bundler take `csv-parse/browser/esm` for `csv-parse`: it is the same parser without Node.
 *
 * @example
 * import { createReadStream } from "node:fs"
 * import { RowSource } from "@mammoth-effect/client"
 * import * as CsvSource from "@mammoth-effect/client/CsvSource"
 *
 * const rows = CsvSource.fromBytes(
 *   RowSource.fromNodeReadable(() => createReadStream("orders.csv")),
 *   { delimiter: ";" }
 * )
 *
 * @since 0.1.0
 * @category constructors
 */
export const fromBytes = <E, R>(
  source: Stream.Stream<Uint8Array | string, E, R>,
  options: Options = {}
): Stream.Stream<Record<string, string>, E | SourceError, R> =>
  Stream.suspend((): Stream.Stream<Row, E | SourceError, R> => {
    const twice = findTwice(options.columns ?? [])
    if (twice !== undefined) return Stream.fail(fail(null, columnTwice(twice)))
    const read = makeRead(options)
    return Stream.concat(Stream.map(toBytes(source), Option.some), Stream.make(Option.none())).pipe(
      Stream.mapEffect((bytes) => read(Option.getOrUndefined(bytes))),
      Stream.flatMap(({ error, rows }) =>
        error === undefined ? Stream.fromChunk(rows) : Stream.concat(Stream.fromChunk(rows), Stream.fail(error))
      )
    )
  })
