/**
 * Streams of rows from CSV. Install the package `csv-parse` to use this module.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { FileRow } from "./FileRow.js"
import * as Csv from "./internal/sources/csv.js"
import type { BadLine, SourceError } from "./SourceError.js"

/**
 * Options for reading CSV. If an option cannot be used, the stream fails with a `SourceError` that names the option.
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
  /** The string between fields. Default: `,`. */
  readonly delimiter?: string | undefined
  /**
   * The character around fields that hold delimiters or line ends, or `false` if quotes have no special meaning.
   * Default: `"`.
   */
  readonly quote?: string | false | undefined
  /**
   * The escape character, which precedes a quote within a quoted field. Default: the quote itself, so that each quote
   * is written twice. If you choose another escape character, the parser removes the escape character and keeps the
   * character after it. For example, with a backslash, `\n` is read as `n`.
   */
  readonly escape?: string | undefined
  /** The names of the columns, for CSV without a header row. Default: the first row. */
  readonly columns?: ReadonlyArray<string> | undefined
  /**
   * Receives each bad row. The stream then continues with the next row. Default: the stream fails at the first bad row.
   *
   * A row with the wrong number of fields is skipped as a whole. If a row has broken quotes or is too long, only its
   * first line is skipped, because the rest may be other rows.
   */
  readonly onBadLine?: ((bad: BadLine) => Effect.Effect<void, E, R>) | undefined
  /**
   * The maximum size of a row, in bytes. The parser holds each row in memory, so it needs a limit. A longer row is a
   * bad row, for example a row whose quote is never closed. If a single line exceeds the limit, the stream fails.
   * Default: 10,000,000.
   */
  readonly maxRowBytes?: number | undefined
}

/**
 * Streams the rows of CSV in UTF-8, as objects whose keys are the column names. By default, the first row holds the
 * names.
 *
 * A quoted field can hold delimiters, newlines and doubled quotes. A byte order mark and blank lines are ignored. Lines
 * can have any kind of line break, and can continue in the next chunk. The source is read no faster than the consumer
 * takes the rows.
 *
 * A row is bad if it has more or fewer fields than there are columns. It is also bad if its quotes are broken, if it is
 * too long, or if it is not UTF-8. The stream yields the rows before the first bad row, and then fails. The error holds
 * the number of the line at which the row begins, counted from 1. With `onBadLine`, the stream continues with the next
 * row. Bad rows have no index, so the offset at which you resume a run does not count bad rows. If the first run had
 * `onBadLine`, the resumed run needs `onBadLine`, too.
 *
 * The stream always fails if two columns have the same name, or if a column has no name, as in a header that ends with
 * a delimiter. The stream also fails if the first bytes look like UTF-16, gzip or a ZIP archive: decode or decompress
 * the source first. The parser looks ahead, so the stream may yield the last row of a chunk only after the next chunk
 * has arrived.
 *
 * For browsers, let the bundler replace `csv-parse` with `csv-parse/browser/esm`, which is the same parser without
 * Node.
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
 * Streams the rows of CSV with their line numbers, so that dead letters can show these numbers. In all other ways, this
 * function works like {@link fromBytes}.
 *
 * @example
 * import { FileRow, RowSource, WebhookSink } from "@mammoth-effect/client"
 * import * as CsvSource from "@mammoth-effect/client/CsvSource"
 * import type { Webhook } from "@mammoth-effect/client"
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
