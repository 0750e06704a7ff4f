/** Writes data to stdout: a table on a terminal, TSV otherwise, and JSON or NDJSON on request. */
import type { Json } from "@mammoth-effect/core/Json"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { ClosedPipe, OutputFailed } from "./errors.js"
import * as SystemErrors from "./systemErrors.js"
import { escaped, pad, visible, width } from "./text.js"

/** A record of data. Every value is JSON. */
export type Row = { readonly [key: string]: Json }

export type Format = "table" | "tsv" | "json" | "ndjson"

/** The errors with which a write can fail. */
export type WriteError = ClosedPipe | OutputFailed

export interface Service {
  readonly format: Format
  /** Writes a string unchanged. */
  readonly text: (text: string) => Effect.Effect<void, WriteError>
  /** Writes one record. */
  readonly one: (columns: ReadonlyArray<string>, row: Row, meta?: Row) => Effect.Effect<void, WriteError>
  /** Writes several records. */
  readonly many: (
    columns: ReadonlyArray<string>,
    rows: ReadonlyArray<Row>,
    meta?: Row
  ) => Effect.Effect<void, WriteError>
  /** Writes each record when it arrives, if the format allows it. */
  readonly stream: <E, R>(
    columns: ReadonlyArray<string>,
    rows: Stream.Stream<Row, E, R>
  ) => Effect.Effect<void, WriteError | E, R>
}

/** The service that writes data to stdout. */
export class Output extends Context.Tag("@mammoth-effect/cli/Output")<Output, Service>() {}

/** The part of a writable Node stream that this module needs. */
interface Writable {
  readonly write: (text: string, done: (error?: Error | null) => void) => unknown
}

/** Ignores the error if the reader has closed the pipe. Use this function if the exit code still has to report the result. */
export const ignoreClosedPipe = <A, E, R>(
  write: Effect.Effect<A, ClosedPipe | E, R>
): Effect.Effect<A | undefined, Exclude<E, ClosedPipe>, R> =>
  Effect.catchIf(
    write,
    (error) => error instanceof ClosedPipe,
    () => Effect.succeed(undefined)
  )

/** Makes the error of a write that failed. */
export const writeError = (error: Error): WriteError => {
  const code = SystemErrors.codeOf(error)
  return code === "EPIPE" || code === "ERR_STREAM_DESTROYED" || code === "ECONNRESET"
    ? new ClosedPipe()
    : new OutputFailed({ reason: SystemErrors.reasonOf(error) })
}

/** Writes a string, and waits until it is written. If the reader is slow, the command waits for the reader. */
export const writeTo =
  (stream: Writable) =>
  (text: string): Effect.Effect<void, WriteError> =>
    text === ""
      ? Effect.void
      : Effect.async((resume) => {
          stream.write(text, (error) => resume(error == null ? Effect.void : Effect.fail(writeError(error))))
        })

const cell = (value: Json | undefined): string =>
  value === undefined || value === null ? "" : typeof value === "string" ? value : JSON.stringify(value)

const tsvCell = (value: Json | undefined): string =>
  escaped(
    cell(value).replaceAll(
      /[\\\t\n\r]/g,
      (character) => ({ "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r" })[character] ?? character
    )
  )

const tsvLine = (columns: ReadonlyArray<string>, row: Row): string =>
  `${columns.map((column) => tsvCell(row[column])).join("\t")}\n`

const bold = (text: string): string => `\u001B[1m${text}\u001B[22m`

/** Makes the heading of a column, such as `RESUME AT` for `resumeAt`. */
const heading = (column: string): string => column.replaceAll(/(?<=[a-z])(?=[A-Z])/g, " ").toUpperCase()

const table = (columns: ReadonlyArray<string>, rows: ReadonlyArray<Row>, hasColor: boolean): string => {
  const lines = [columns.map(heading), ...rows.map((row) => columns.map((c) => visible(cell(row[c]))))]
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => width(line[index] ?? ""))))
  return lines
    .map((line, index) => {
      const text = line
        .map((each, column) => pad(each, widths[column] ?? 0))
        .join("  ")
        .trimEnd()
      return `${index === 0 && hasColor ? bold(text) : text}\n`
    })
    .join("")
}

/** Formats a value as JSON. Writes control characters in strings as JSON escapes. */
const json = (value: Json, indent?: number): string =>
  `${JSON.stringify(value, null, indent).split("\n").map(escaped).join("\n")}\n`

/** The length of a block of lines, in characters. Lines are written in blocks, because one system call for each line is slow. */
const blockLength = 65_536

const inBlocks = <E, R>(
  lines: Stream.Stream<string, E, R>,
  write: Service["text"]
): Effect.Effect<void, WriteError | E, R> =>
  Stream.runFoldEffect(lines, "", (block, line) => {
    const text = block + line
    return text.length < blockLength ? Effect.succeed(text) : Effect.as(write(text), "")
  }).pipe(Effect.flatMap(write))

/** Makes the service with which a command writes its output. */
export const make = (options: {
  readonly command: string
  readonly format: Format
  readonly hasColor: boolean
  readonly stdout: Writable
}): Service => {
  const { command, format, hasColor } = options
  const text = writeTo(options.stdout)
  const envelope = (data: Json, meta: Row): string => json({ schema_version: 1, data, meta: { command, ...meta } }, 2)
  const many: Service["many"] = (columns, rows, meta = {}) => {
    switch (format) {
      case "json":
        return text(envelope(rows, { count: rows.length, ...meta }))
      case "ndjson":
        return text(rows.map((row) => json(row)).join(""))
      case "tsv":
        return text(rows.map((row) => tsvLine(columns, row)).join(""))
      case "table":
        return rows.length === 0 ? Effect.void : text(table(columns, rows, hasColor))
    }
  }
  return {
    format,
    text,
    one: (columns, row, meta = {}) => (format === "json" ? text(envelope(row, meta)) : many(columns, [row])),
    many,
    stream: (columns, rows) =>
      format === "ndjson" || format === "tsv"
        ? inBlocks(
            Stream.map(rows, (row) => (format === "tsv" ? tsvLine(columns, row) : json(row))),
            text
          )
        : Effect.flatMap(Stream.runCollect(rows), (all) => many(columns, [...all]))
  }
}
