/**
 * Collects the rows and bad rows of CSV, chunk by chunk. The names of the columns become the properties of each row.
 */
import type { LazyArg } from "effect/Function"
import * as Option from "effect/Option"
import { FileRow } from "../../FileRow.js"
import { type BadLine, SourceError } from "../../SourceError.js"
import { textOfRow } from "./csvLines.js"
import { findWrongName, type Settings } from "./csvOptions.js"
import { decodeUtf8, notUtf8 } from "./utf8.js"

export type Row = FileRow<Record<string, string>>

/** The rows and bad rows of one chunk. */
export interface Collected {
  readonly rows: ReadonlyArray<Row>
  readonly bad: ReadonlyArray<BadLine>
  /** The error that ends the stream after the rows. */
  readonly error: SourceError | undefined
}

/** Collects the rows of one chunk. */
export interface Rows {
  /** Takes the fields of a row, and the row's bytes. The first row may contain the names of the columns. */
  readonly take: (fields: ReadonlyArray<string>, line: number, bytes: LazyArg<Uint8Array>) => void
  /** Reports a bad row. Ends the stream if the options do not skip bad rows. */
  readonly refuse: (line: number, bytes: LazyArg<Uint8Array>, reason: string) => void
  /** Ends the stream with an error, after the rows that were taken before. */
  readonly fail: (line: number, reason: string) => void
  readonly hasFailed: () => boolean
  readonly hasColumns: () => boolean
  /** Returns the collected rows, and begins a new collection. */
  readonly flush: () => Collected
}

export const failure = (line: number | undefined, reason: string): SourceError =>
  new SourceError({ source: "CSV", line, reason })

/**
 * Returns `true` if the row is valid UTF-8. If a field contains U+FFFD, checks the row's bytes. This is necessary, because
 * U+FFFD has two possible causes: the parser replaces invalid bytes with it, and the source itself may contain it.
 */
const isText = (fields: ReadonlyArray<string>, bytes: LazyArg<Uint8Array>): boolean =>
  !fields.some((field) => field.includes("\uFFFD")) || Option.isSome(decodeUtf8(bytes()))

/** Makes a collector without rows. */
export const makeRows = (settings: Settings): Rows => {
  let { columns } = settings
  let rows: Array<Row> = []
  let bad: Array<BadLine> = []
  let error: SourceError | undefined

  const fail: Rows["fail"] = (line, reason) => {
    error ??= failure(line, reason)
  }

  const refuse: Rows["refuse"] = (line, bytes, reason) => {
    if (settings.goesOn) bad.push({ text: textOfRow(bytes()), error: failure(line, reason) })
    else fail(line, reason)
  }

  return {
    take: (fields, line, bytes) => {
      if (columns === undefined) {
        const wrong = isText(fields, bytes) ? findWrongName(fields) : notUtf8
        if (wrong !== undefined) fail(line, wrong)
        columns = fields
      } else if (!isText(fields, bytes)) {
        refuse(line, bytes, notUtf8)
      } else if (columns.length !== fields.length) {
        const expected = `expected ${columns.length} field${columns.length === 1 ? "" : "s"}, found ${fields.length}`
        refuse(line, bytes, `${expected}; check the quotes and the option delimiter`)
      } else {
        rows.push(new FileRow({ line, row: Object.fromEntries(columns.map((name, i) => [name, fields[i] ?? ""])) }))
      }
    },
    refuse,
    fail,
    hasFailed: () => error !== undefined,
    hasColumns: () => columns !== undefined,
    flush: () => {
      const collected = { rows, bad, error }
      rows = []
      bad = []
      return collected
    }
  }
}
