/**
 * Streams of rows from CSV. It needs the package `csv-parse`, which those install who import this module.
 *
 * @since 0.1.0
 */
import * as Issue from "@mammoth-effect/core/Issue"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Stream from "effect/Stream"
import { FileRow } from "./FileRow.js"
import { checkBytes } from "./internal/options/limits.js"
import { afterBad } from "./internal/sources/badLines.js"
import * as CsvParser from "./internal/sources/csvParser.js"
import { countCutOff, decodeLeniently, decodeUtf8, notUtf8, toUtf8 } from "./internal/sources/utf8.js"
import { makeWindow } from "./internal/sources/window.js"
import { type BadLine, SourceError } from "./SourceError.js"

/**
 * How CSV is read. Options that cannot be used fail the stream with a `SourceError` that names them.
 *
 * @example
 * import type * as CsvSource from "@mammoth-effect/client/CsvSource"
 *
 * const german: CsvSource.Options = { delimiter: ";" }
 *
 * @since 0.1.0
 * @category options
 */
export interface Options<E = never, R = never> {
  /** The text between fields. Default `,`. */
  readonly delimiter?: string | undefined
  /**
   * The character around fields that hold delimiters or line ends, or `false` for a file in which quotes are characters
   * like any other. Default `"`.
   */
  readonly quote?: string | false | undefined
  /**
   * The character before a quote within a quoted field. Default: the quote itself, which is then doubled. Another escape is
   * left out before any character, so that `\n` stands for `n`.
   */
  readonly escape?: string | undefined
  /** The names of the columns, for CSV without a header row. Default: the first row. */
  readonly columns?: ReadonlyArray<string> | undefined
  /**
   * Receives each row that is bad, and the rows go on after it. Default: the stream fails at the first one.
   *
   * A row with the wrong number of fields is passed over as a whole. Of a row with broken quotes, or that is too long, only
   * the first line is, since the rest may be rows of their own.
   */
  readonly onBadLine?: ((bad: BadLine) => Effect.Effect<void, E, R>) | undefined
  /**
   * The most bytes of a row, which is held in memory. A longer row is bad, such as one whose quote is never closed. A single
   * line that is longer fails the stream. Default 10,000,000.
   */
  readonly maxRowBytes?: number | undefined
}

/** A row by the names of its columns. */
type Row = Record<string, string>

const fail = (line: number | null, reason: string): SourceError => new SourceError({ source: "CSV", line, reason })

const isCharacter = (given: unknown): given is string => Predicate.isString(given) && /^[^\r\n\p{Cs}]$/u.test(given)

const named = (path: Issue.Issue["path"], given: unknown, expected: string): Issue.Issue => ({
  path,
  expected,
  received: Issue.shape(given)
})

/** Finds a name of a column that is empty or there twice, and says what is wrong. */
const findWrongName = (names: ReadonlyArray<string>): string | undefined => {
  const seen = new Set<string>()
  for (const [at, name] of names.entries()) {
    if (name === "") return `column ${at + 1} has no name; name it, or remove the delimiter that ends the header row`
    if (seen.has(name)) return `the column ${JSON.stringify(Issue.shorten(name, 100))} is there twice`
    seen.add(name)
  }
  return undefined
}

const checkColumns = (columns: unknown): ReadonlyArray<Issue.Issue> => {
  if (columns === undefined) return []
  if (!Array.isArray(columns) || columns.length === 0) {
    return [named(["columns"], columns, "a list of at least one name")]
  }
  const at = columns.findIndex((name) => !Predicate.isString(name))
  return at === -1 ? [] : [named(["columns", at], columns[at], "a name")]
}

/** Finds the options that are wrong, by name. */
const checkOptions = ({ columns, delimiter = ",", escape, maxRowBytes, quote = '"' }: Options<unknown, unknown>) => {
  const issues: Array<Issue.Issue> = []
  const isText = Predicate.isString(delimiter) && delimiter !== "" && !/[\r\n]/.test(delimiter)
  if (!isText) issues.push(named(["delimiter"], delimiter, 'text without line ends, such as ";" or "\\t"'))
  if (quote !== false && !isCharacter(quote)) {
    issues.push(named(["quote"], quote, "one character, or false for a file without quoted fields"))
  }
  if (escape !== undefined && !isCharacter(escape)) {
    issues.push(named(["escape"], escape, 'one character, such as "\\\\"'))
  }
  for (const [name, given] of Object.entries({ quote, escape })) {
    if (isText && isCharacter(given) && delimiter.includes(given)) {
      issues.push(named([name], given, "another character than the delimiter has"))
    }
  }
  return [...issues, ...checkColumns(columns), ...checkBytes(["maxRowBytes"], maxRowBytes ?? defaultBytes)]
}

const defaultBytes = 10_000_000

const cr = 0x0d
const newline = 0x0a

/** Returns the length of the line end at an index, in bytes: 0 if there is none. */
const lengthOfEnd = (bytes: Uint8Array, at: number): number =>
  bytes[at] === newline ? 1 : bytes[at] === cr ? (bytes[at + 1] === newline ? 2 : 1) : 0

/** Returns the length of the first line, in bytes, if the line has an end. */
const findEnd = (bytes: Uint8Array): number | undefined => {
  const first = bytes.indexOf(newline)
  const line = first === -1 ? bytes : bytes.subarray(0, first)
  const other = line.indexOf(cr)
  return other === -1 ? (first === -1 ? undefined : first) : other
}

/** The lines of a row as they stand in the source, without blank lines before it and without its end. */
const textOf = (bytes: Uint8Array): string => decodeLeniently(bytes).replace(/^[\r\n]+|\r\n$|[\r\n]$/g, "")

/** The beginning of a row. */
interface Place {
  /** How many bytes of the source are before it. */
  readonly at: number
  readonly line: number
}

/** The rows and bad lines of one chunk. */
interface Read {
  readonly rows: ReadonlyArray<FileRow<Row>>
  readonly bad: ReadonlyArray<BadLine>
  /** Why the stream ends after the rows. */
  readonly error: SourceError | undefined
}

/** The first and the greatest number of bytes that go to a parser at once. After a broken row, another parser gets them again. */
const pieceBytes = { first: 1024, most: 65_536 }

/**
 * Makes a function that gives chunks, or without one the end, to a parser, and takes what that makes of them.
 *
 * The parser cannot go on after a row with broken quotes. The bytes from the beginning of each row on are kept, so that
 * another parser begins at the next line. This state is written by the parser's callbacks, and stays in here.
 */
const makeRead = (options: Options<unknown, unknown>): ((bytes?: Uint8Array) => Effect.Effect<Read>) => {
  const { delimiter = ",", maxRowBytes = defaultBytes, quote = '"' } = options
  // the parser looks ahead by a delimiter, or by a quote and a line end
  const lookahead = 64 + 4 * delimiter.length
  const tooLong = `the row is longer than ${maxRowBytes} bytes; check that quotes are closed, or raise maxRowBytes`
  const window = makeWindow()
  let columns = options.columns
  let rows: Array<FileRow<Row>> = []
  let bad: Array<BadLine> = []
  let error: SourceError | undefined
  /** Why the parser is of no more use, or is not to go on. */
  let broken: string | undefined
  /** The row that is being read, or blank lines before it. */
  let begin: Place = { at: 0, line: 1 }
  /** How many bytes of the source the parser has had. */
  let given = 0
  let pieceLength = pieceBytes.first

  const refuse = (line: number, to: number, reason: string): void => {
    if (options.onBadLine === undefined) error ??= fail(line, reason)
    else bad.push({ text: textOf(window.slice(begin.at, to)), error: fail(line, reason) })
  }

  /** Takes the fields of a row that ends before an offset. */
  const take = (fields: ReadonlyArray<string>, line: number, to: number): void => {
    // the parser replaces what is not UTF-8 by U+FFFD, which may also be there as it is
    const isText =
      !fields.some((field) => field.includes("\uFFFD")) || Option.isSome(decodeUtf8(window.slice(begin.at, to)))
    if (columns === undefined) {
      const wrong = isText ? findWrongName(fields) : notUtf8
      if (wrong !== undefined) error = fail(line, wrong)
      columns = fields
    } else if (!isText) {
      refuse(line, to, notUtf8)
    } else if (columns.length !== fields.length) {
      const expected = `expected ${columns.length} field${columns.length === 1 ? "" : "s"}, found ${fields.length}`
      refuse(line, to, `${expected}; check delimiter and quotes`)
    } else {
      rows.push(new FileRow({ line, row: Object.fromEntries(columns.map((name, i) => [name, fields[i] ?? ""])) }))
    }
  }

  /** Passes over the blank lines before a row. The end of the last one may still be on its way. */
  const passBlank = (isWhole: boolean): void => {
    const bytes = window.slice(begin.at, given)
    const isAll = isWhole && given === window.end()
    let { line } = begin
    let at = 0
    for (let length = lengthOfEnd(bytes, 0); length > 0; length = lengthOfEnd(bytes, at)) {
      if (!isAll && bytes[at] === cr && at + 1 === bytes.length) break
      at += length
      line += 1
    }
    begin = { at: begin.at + at, line }
  }

  const isLonger = (to: number): boolean => {
    if (to - begin.at <= maxRowBytes) return false
    passBlank(true)
    const bytes = window.slice(begin.at, to)
    const end = bytes.at(-1) === newline && bytes.at(-2) === cr ? 2 : lengthOfEnd(bytes, bytes.length - 1)
    return bytes.length - end > maxRowBytes
  }

  const openHere = (): CsvParser.Parser => {
    const first = begin
    return CsvParser.open({
      delimiter,
      quote,
      escape: options.escape ?? quote,
      onRow: ({ end, fields, firstLine, lastLine }) => {
        if (broken !== undefined || error !== undefined) return
        const to = first.at + end
        if (isLonger(to)) {
          broken = tooLong
        } else {
          take(fields, first.line + firstLine - 1, to)
          begin = { at: to, line: first.line + lastLine }
        }
      },
      onBroken: (reason) => {
        broken ??= reason
      }
    })
  }
  let parser = openHere()

  /** Refuses the line that a broken row begins with. Yields `false` if there is no end of the line yet, or no way to go on. */
  const passLine = (reason: string, isWhole: boolean): boolean => {
    const bytes = window.slice(begin.at)
    const end = findEnd(bytes)
    const length = end ?? bytes.length
    // a CR at the end of a chunk may be half of a line end
    const isThere = isWhole || (end !== undefined && (bytes[end] === newline || end + 1 < bytes.length))
    if (columns === undefined || options.onBadLine === undefined) {
      error = fail(begin.line, reason)
    } else if (length > maxRowBytes) {
      error = fail(begin.line, tooLong)
    } else if (isThere) {
      const to = begin.at + length + lengthOfEnd(bytes, length)
      refuse(begin.line, to, reason)
      begin = { at: to, line: begin.line + 1 }
      return true
    }
    return false
  }

  /** Gives the parser the next bytes that it has not had, but for a character that is not whole yet. */
  const giveNext = (isWhole: boolean): Effect.Effect<void> => {
    const piece = window.slice(given, Math.min(given + pieceLength, window.end()))
    pieceLength = Math.min(2 * pieceLength, pieceBytes.most)
    const isLast = isWhole && given + piece.length === window.end()
    const bytes = isLast ? piece : piece.subarray(0, piece.length - countCutOff(piece))
    given += bytes.length
    const written = bytes.length > 0 ? parser.write(bytes) : Effect.void
    return isLast
      ? Effect.zipRight(
          written,
          Effect.suspend(() => (broken === undefined ? parser.end : Effect.void))
        )
      : written
  }

  const hasAll = (isWhole: boolean): boolean => {
    const rest = window.slice(given)
    return rest.length === (isWhole ? 0 : countCutOff(rest))
  }

  /** Reads what is there, and begins again after each broken row. */
  const readOn = (isWhole: boolean): Effect.Effect<void> =>
    Effect.zipRight(
      Effect.suspend(() => (broken === undefined ? giveNext(isWhole) : Effect.void)),
      Effect.suspend(() => {
        if (error !== undefined) return Effect.void
        passBlank(isWhole)
        window.dropTo(begin.at)
        if (given - begin.at > maxRowBytes + lookahead) broken ??= tooLong
        if (broken === undefined) return hasAll(isWhole) ? Effect.void : readOn(isWhole)
        if (!passLine(broken, isWhole)) return Effect.void
        broken = undefined
        given = begin.at
        pieceLength = pieceBytes.first
        parser = openHere()
        return readOn(isWhole)
      })
    )

  return (bytes) =>
    Effect.map(
      Effect.suspend(() => {
        if (bytes !== undefined) window.append(bytes)
        return readOn(bytes === undefined)
      }),
      () => {
        const read = { rows, bad, error }
        rows = []
        bad = []
        return read
      }
    )
}

/**
 * The rows of CSV in UTF-8, by the names of their columns, which are read from the first row.
 *
 * Fields may be quoted, and then hold delimiters, newlines and doubled quotes; a byte order mark, the kind of line ends,
 * blank lines, and where the chunks are cut, do not matter. It is read no faster than the rows are taken.
 *
 * A row is bad if it has more or fewer fields than there are columns, if its quotes are broken, if it is too long, or if it is
 * not UTF-8. The stream fails at the first bad row, after the rows before it, with the line at which the row begins, counted
 * from 1. With `onBadLine`, it goes on with the rows after it. Bad rows have no index: a run that resumes at an offset is to
 * be given the same `onBadLine`.
 *
 * The stream always fails if a column has no name, as in a header that ends in a delimiter, or if a name is there twice. It
 * also fails if the first bytes look like UTF-16, gzip or a ZIP archive: decode or decompress them first. The last row of a
 * chunk may come with the next one, as the parser looks ahead.
 *
 * For browsers, let the bundler take `csv-parse/browser/esm` for `csv-parse`: it is the same parser without Node.
 *
 * @example
 * import { createReadStream } from "node:fs"
 * import { RowSource } from "@mammoth-effect/client"
 * import * as CsvSource from "@mammoth-effect/client/CsvSource"
 * import { Console } from "effect"
 *
 * const rows = CsvSource.fromBytes(
 *   RowSource.fromNodeReadable(() => createReadStream("orders.csv")),
 *   { delimiter: ";", onBadLine: ({ error }) => Console.warn(error.message) }
 * )
 *
 * @since 0.1.0
 * @category constructors
 */
export const fromBytes = <E, R, E2 = never, R2 = never>(
  source: Stream.Stream<Uint8Array | string, E, R>,
  options?: Options<E2, R2>
): Stream.Stream<Record<string, string>, E | E2 | SourceError, R | R2> =>
  Stream.map(fromBytesWithLines(source, options), ({ row }) => row)

/**
 * The rows of CSV with their lines, for dead letters that tell them. Everything else is as in {@link fromBytes}.
 *
 * @example
 * import { FileRow, RowSource, WebhookSink } from "@mammoth-effect/client"
 * import * as CsvSource from "@mammoth-effect/client/CsvSource"
 * import type { Webhook } from "@mammoth-effect/core"
 * import { Schema, Stream } from "effect"
 *
 * const Order = Schema.Struct({ id: Schema.NumberFromString, name: Schema.String })
 *
 * const push = (webhook: Webhook.CombineWebhook, bytes: Stream.Stream<Uint8Array>) =>
 *   Stream.run(
 *     CsvSource.fromBytesWithLines(bytes),
 *     WebhookSink.append(webhook, { schema: FileRow.schemaOf(RowSource.decoding(Order)) })
 *   )
 *
 * @since 0.1.0
 * @category constructors
 */
export const fromBytesWithLines = <E, R, E2 = never, R2 = never>(
  source: Stream.Stream<Uint8Array | string, E, R>,
  options: Options<E2, R2> = {}
): Stream.Stream<FileRow<Record<string, string>>, E | E2 | SourceError, R | R2> =>
  Stream.suspend((): Stream.Stream<FileRow<Row>, E | E2 | SourceError, R | R2> => {
    const issues = checkOptions(options)
    if (issues.length > 0) return Stream.fail(fail(null, Issue.formatAll({ issues, omitted: 0 })))
    const wrong = findWrongName(options.columns ?? [])
    if (wrong !== undefined) return Stream.fail(fail(null, `columns: ${wrong}`))
    const read = makeRead(options)
    const bytes = toUtf8(source, (reason) => fail(null, reason))
    return Stream.concat(Stream.map(bytes, Option.some), Stream.make(Option.none())).pipe(
      Stream.mapEffect((chunk) => read(Option.getOrUndefined(chunk))),
      Stream.flatMap(({ bad, error, rows }) => {
        const good = afterBad(rows, bad, options.onBadLine)
        return error === undefined ? good : Stream.concat(good, Stream.fail(error))
      })
    )
  })
