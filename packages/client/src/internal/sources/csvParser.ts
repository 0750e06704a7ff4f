/** Wraps the parser of `csv-parse`. Adds line numbers to rows, and replaces error messages that would quote a row. */
import { CsvError, parse } from "csv-parse"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { decodeUtf8 } from "./utf8.js"

/** A row from the parser. */
export interface ParsedRow {
  readonly fields: ReadonlyArray<string>
  /** The numbers of the lines at which the row begins and ends. The parser's first line has the number 1. */
  readonly firstLine: number
  readonly lastLine: number
  /** The number of bytes from the parser's first byte to the end of the row, with the row's line break. */
  readonly end: number
}

/** The options of a parser, and the callbacks that receive its rows. */
export interface Options {
  readonly delimiter: string
  readonly quote: string | false
  readonly escape: string | false
  readonly onRow: (row: ParsedRow) => void
  /** Receives the reason why the parser cannot continue. Do not use the parser afterwards. */
  readonly onBroken: (reason: string) => void
}

/** A parser that reads bytes. */
export interface Parser {
  readonly write: (bytes: Uint8Array) => Effect.Effect<void>
  readonly end: Effect.Effect<void>
}

const reasons: ReadonlyMap<string, string> = new Map(
  Object.entries({
    CSV_INVALID_CLOSING_QUOTE: "after a closing quote, expected a delimiter or the end of the row",
    CSV_QUOTE_NOT_CLOSED: "a quote in the row that begins here is never closed",
    INVALID_OPENING_QUOTE: "a quote stands in the middle of a field that is not quoted"
  })
)

/** Returns the SDK's own description of an error, because the parser's message quotes the row. */
const reasonOf = (error: Error): string =>
  error instanceof CsvError ? (reasons.get(error.code) ?? `the row is not CSV (${error.code})`) : "the row is not CSV"

const count = (fields: ReadonlyArray<string>, separator: RegExp): number =>
  fields.reduce((total, field) => total + field.split(separator).length - 1, 0)

/** Makes a string in which each character stands for one byte. This takes 30 times as long as decoding UTF-8. */
const toBinary = (bytes: Uint8Array): string => {
  let text = ""
  for (let at = 0; at < bytes.length; at += 4096) text += String.fromCharCode(...bytes.subarray(at, at + 4096))
  return text
}

/** Opens a parser at the beginning of a row. */
export const open = ({ delimiter, escape, onBroken, onRow, quote }: Options): Parser => {
  /** The number of CRLFs within quotes that the parser counted twice. */
  let excess = 0
  let linesBefore = 0
  const parser = parse({
    delimiter,
    quote,
    escape,
    // Accept all line ends, because a file may have more than one kind.
    record_delimiter: ["\r\n", "\n", "\r"],
    on_record: (fields: ReadonlyArray<string>, { bytes, lines }): null => {
      // Count line breaks only in a row of several lines. Most rows have only one line.
      const isOneLine = lines === linesBefore + 1
      linesBefore = lines
      if (!isOneLine) excess += count(fields, /\r\n/)
      const lastLine = lines - excess
      const firstLine = isOneLine ? lastLine : lastLine - count(fields, /\r\n|\n|\r/)
      onRow({ fields, firstLine, lastLine, end: bytes })
      return null
    },
    relax_column_count: true,
    skip_empty_lines: true
  })
  const onError = (thrown: Error): void => onBroken(reasonOf(thrown))
  parser.on("error", onError)
  /**
   * Makes an effect from a function of the parser that takes a callback. The parser runs the callback before the
   * function returns.
   */
  const untilDone = (begin: (done: (thrown?: Error | null) => void) => void): Effect.Effect<void> =>
    Effect.async((resume) =>
      begin((thrown) => {
        if (thrown) onError(thrown)
        resume(Effect.void)
      })
    )
  return {
    // Give the parser a string instead of bytes, because the parser's build for browsers accepts only its own type of
    // bytes. If the bytes are not UTF-8, each character of the string stands for one byte.
    write: (bytes) =>
      untilDone((done) =>
        Option.match(decodeUtf8(bytes), {
          onNone: () => parser.write(toBinary(bytes), "latin1", done),
          onSome: (text) => parser.write(text, done)
        })
      ),
    end: untilDone((done) => parser.end(done))
  }
}
