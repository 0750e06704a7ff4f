/**
 * Two types: `SourceError`, with which a source of rows fails, and `BadLine`, which describes a line that cannot be
 * read.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * A source could not be read, or its data is not a row. The error never holds the content of the line, because the
 * content may be personal data.
 *
 * @example
 * import type { RowSource } from "@mammoth-effect/client"
 *
 * const where = (error: RowSource.SourceError) => `${error.source}, line ${error.line ?? "unknown"}`
 *
 * @since 0.1.0
 * @category errors
 */
export class SourceError extends Schema.TaggedError<SourceError>("@mammoth-effect/client/SourceError")(
  "MammothSourceError",
  {
    source: Schema.Literal("NDJSON", "CSV", "iterable", "async iterable", "web stream", "Node stream", "file"),
    /**
     * The number of the line, counted from 1. Blank lines count, too. `line` is `undefined` if the source has no lines.
     */
    line: Schema.optional(Schema.Number),
    reason: Schema.String
  }
) {
  override get message(): string {
    return `${this.source}${this.line === undefined ? "" : `, line ${this.line}`}: ${this.reason}`
  }
}

/**
 * A line of NDJSON or a row of CSV that cannot be read.
 *
 * @since 0.1.0
 * @category models
 */
export interface BadLine {
  /**
   * The line in the source, without its line break. U+FFFD replaces bytes that are not UTF-8. If a row of CSV has the
   * wrong number of fields, this is the whole row, which may span several lines.
   */
  readonly text: string
  /** The error, with the line's number and the reason why the line cannot be read. */
  readonly error: SourceError
}
