/**
 * Rows with the numbers of their lines in a file.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"

/**
 * A row, and the number of its line in a file. `RowSource.fromNdjsonWithLines` and `CsvSource.fromBytesWithLines` yield
 * rows of this type. To send these rows, give a sink the schema that {@link schemaOf} makes. The sink then sends each
 * row without its line number. The line number is in each `RowRefused`, and in each letter that
 * `DeadLetters.ndjsonFile` writes. Other functions that receive a dead letter or an outcome find the line number in the
 * property `row.line`.
 *
 * @example
 * import { FileRow } from "@mammoth-effect/client"
 *
 * const order = new FileRow.FileRow({ line: 42, row: { id: "7" } })
 * console.log(order.line) // 42
 *
 * @since 0.1.0
 * @category models
 */
export class FileRow<out A> {
  /**
   * The number of the line at which the row begins, counted from 1. Blank lines, the header and bad lines count, too.
   */
  readonly line: number
  readonly row: A

  constructor({ line, row }: { readonly line: number; readonly row: A }) {
    this.line = line
    this.row = row
  }
}

/**
 * Returns the number of a row's line, or `undefined` if the row is not a `FileRow`.
 *
 * @example
 * import { FileRow } from "@mammoth-effect/client"
 *
 * console.log(FileRow.lineOf(new FileRow.FileRow({ line: 42, row: { id: "7" } }))) // 42
 * console.log(FileRow.lineOf({ id: "7" })) // undefined
 *
 * @since 0.1.0
 * @category getters
 */
export const lineOf = (row: unknown): number | undefined => (row instanceof FileRow ? row.line : undefined)

/**
 * Makes a schema of `FileRow`s from the schema of their rows. The new schema encodes only the row. The new schema
 * cannot decode, because an encoded row does not hold its line number.
 *
 * @example
 * import { FileRow, RowSource, WebhookSink } from "@mammoth-effect/client"
 * import type { Webhook } from "@mammoth-effect/client"
 * import { Console, Schema, Stream } from "effect"
 *
 * const Order = Schema.Struct({ id: Schema.NumberFromString, name: Schema.String })
 *
 * const push = (webhook: Webhook.CombineWebhook, file: Stream.Stream<Uint8Array>) =>
 *   Stream.run(
 *     RowSource.fromNdjsonWithLines(file),
 *     WebhookSink.append(webhook, {
 *       schema: FileRow.schemaOf(RowSource.decoding(Order)),
 *       onBadRow: "continue",
 *       onDeadLetter: ({ error, row }) => Console.warn(`line ${row.line}: ${error.message}`)
 *     })
 *   )
 *
 * @since 0.1.0
 * @category schemas
 */
export const schemaOf = <A, I>(schema: Schema.Schema<A, I>): Schema.Schema<FileRow<A>, I> =>
  Schema.declare([schema], {
    decode:
      () =>
      (input, _, ast): Effect.Effect<FileRow<A>, ParseResult.ParseIssue> =>
        ParseResult.fail(new ParseResult.Type(ast, input, "encoding only, because JSON holds no line numbers")),
    encode: (inner) => {
      const encode = ParseResult.encodeUnknown(inner)
      return (input, options, ast) =>
        input instanceof FileRow
          ? encode(input.row, options)
          : ParseResult.fail(new ParseResult.Type(ast, input, "a FileRow, which fromNdjsonWithLines yields"))
    }
  })
