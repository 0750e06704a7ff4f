/**
 * The errors of an ingestion.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { IngestReport } from "./IngestReport.js"
import * as Issue from "./Issue.js"
import type { AddDataError } from "./WebhooksService.js"

/**
 * A row does not fit the schema of the rows, so the SDK did not send this row.
 *
 * @example
 * import { IngestError } from "@mammoth-effect/client"
 *
 * const issue = { path: ["total"], expected: "a number", received: "a string" }
 * console.log(new IngestError.RowRefused({ index: 4, issues: [issue] }).message) // The row at index 4 was not sent: total: expected a number, received a string
 *
 * @since 0.1.0
 * @category errors
 */
export class RowRefused extends Schema.TaggedError<RowRefused>("@mammoth-effect/client/RowRefused")(
  "MammothRowRefused",
  {
    /** The index of the row, counted from 0 in the order in which the rows were offered. */
    index: Schema.Number,
    /** The number of the row's line in its file, if the row is a `FileRow`. */
    line: Schema.optional(Schema.Number),
    /** The first issues of the row, at most 20. */
    issues: Schema.Array(Issue.Issue),
    /** The number of further issues, plus the number of list items that were not checked. Default: 0. */
    omitted: Schema.Number.pipe(
      Schema.propertySignature,
      Schema.withConstructorDefault(() => 0)
    )
  }
) {
  override get message(): string {
    const place = this.line === undefined ? `The row at index ${this.index}` : `Line ${this.line} (index ${this.index})`
    return `${place} was not sent: ${Issue.formatAll(this)}`
  }
}

/**
 * The webhook is not in the mode that the operation needs. Appending to a `replace` webhook would keep only the rows of
 * the last push.
 *
 * @example
 * import type { IngestError } from "@mammoth-effect/client"
 *
 * const found = (error: IngestError.WrongMode) => error.found
 *
 * @since 0.1.0
 * @category errors
 */
export class WrongMode extends Schema.TaggedError<WrongMode>("@mammoth-effect/client/WrongMode")("MammothWrongMode", {
  wanted: Schema.Literal("combine", "replace"),
  found: Schema.String
}) {
  override get message(): string {
    return this.wanted === "combine"
      ? `Cannot append rows: the webhook's mode is ${JSON.stringify(Issue.shorten(this.found, 100))}, so a push may replace earlier rows. Use a webhook in mode "combine"`
      : `Cannot replace all rows: the webhook's mode is ${JSON.stringify(Issue.shorten(this.found, 100))}. Use a webhook in mode "replace"`
  }
}

/**
 * The ingestor has been shut down, so the ingestor did not take the row.
 *
 * @example
 * import { IngestError } from "@mammoth-effect/client"
 *
 * console.log(new IngestError.IngestorClosed().message) // The ingestor has been shut down and did not take the row: offer it to another ingestor
 *
 * @since 0.1.0
 * @category errors
 */
export class IngestorClosed extends Schema.TaggedError<IngestorClosed>("@mammoth-effect/client/IngestorClosed")(
  "MammothIngestorClosed",
  {}
) {
  override get message(): string {
    return "The ingestor has been shut down and did not take the row: offer it to another ingestor"
  }
}

/**
 * An ingestor was shut down, and some of its rows are `undelivered` or `unknown`. `onUndelivered` received each of
 * these rows.
 *
 * @example
 * import type { IngestError } from "@mammoth-effect/client"
 *
 * const howMany = ({ report }: IngestError.Undelivered) => report.undelivered.rows + report.unknown.rows
 *
 * @since 0.1.0
 * @category errors
 */
export class Undelivered extends Schema.TaggedError<Undelivered>("@mammoth-effect/client/Undelivered")(
  "MammothUndelivered",
  {
    report: IngestReport
  }
) {
  override get message(): string {
    const { undelivered, unknown } = this.report
    return `${undelivered.rows} rows were not delivered, and ${unknown.rows} rows may have been delivered: onUndelivered received each of them`
  }
}

/**
 * An error that ends an ingestion:
 *
 * - `RowRefused`: a row does not fit the schema, and the option `onBadRow` is `fail`.
 * - `WrongMode`: the webhook is not in the mode that the operation needs.
 * - An error of `addData`: all further rows would get the same error.
 *
 * @since 0.1.0
 * @category errors
 */
export type IngestError = RowRefused | WrongMode | AddDataError
