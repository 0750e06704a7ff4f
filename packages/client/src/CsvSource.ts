/**
 * Streams of rows from CSV. It needs the package `csv-parse`, which those install who import this module.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { FileRow } from "./FileRow.js"
import * as Csv from "./internal/sources/csv.js"
import type { BadLine, SourceError } from "./SourceError.js"

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
  options?: Options<E2, R2>
): Stream.Stream<FileRow<Record<string, string>>, E | E2 | SourceError, R | R2> => Csv.read(source, options)
