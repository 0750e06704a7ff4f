/**
 * The counts of rows that were offered to a webhook.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"

/**
 * Row and byte counts for one outcome.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Count: Schema.Struct<{ rows: typeof Schema.Number; bytes: typeof Schema.Number }> = Schema.Struct({
  rows: Schema.Number,
  bytes: Schema.Number
})

/**
 * The number of rows with one outcome, and their total size in bytes.
 *
 * @since 0.1.0
 * @category models
 */
export interface Count extends Schema.Schema.Type<typeof Count> {}

/**
 * The five possible outcomes of an offered row. Each row gets exactly one outcome:
 *
 * - `accepted`: the server accepted the row.
 * - `refused`: the row does not fit its schema, and was not sent.
 * - `dead`: the server refused the row because of its content.
 * - `unknown`: the row was sent, but the SDK does not know if the server accepted it.
 * - `undelivered`: the row is valid, but the server did not accept it. Send the row again.
 *
 * @since 0.1.0
 * @category models
 */
export type End = "accepted" | "refused" | "dead" | "unknown" | "undelivered"

/**
 * The schema of a report: the final or current counts of an ingestion.
 *
 * @example
 * import type { IngestReport } from "@mammoth-effect/client"
 *
 * const isComplete = (report: IngestReport.IngestReport) => report.accepted.rows === report.offered
 *
 * @since 0.1.0
 * @category schemas
 */
export const IngestReport: Schema.Struct<{
  offered: typeof Schema.Number
  accepted: typeof Count
  refused: typeof Count
  dead: typeof Count
  unknown: typeof Count
  undelivered: typeof Count
  pending: typeof Schema.Number
  resumeAt: typeof Schema.Number
  requests: typeof Schema.Number
  retries: typeof Schema.Number
  elapsed: typeof Schema.Duration
}> = Schema.Struct({
  /** The number of rows that were offered. */
  offered: Schema.Number,
  accepted: Count,
  refused: Count,
  dead: Count,
  unknown: Count,
  undelivered: Count,
  /** The number of rows without an outcome so far. This number is 0 after the ingestion has ended. */
  pending: Schema.Number,
  /**
   * The index at which to resume, counted from 0: the index of the first row that is undelivered or has no outcome yet.
   * If there is no such row, the index is `offered`.
   */
  resumeAt: Schema.Number,
  /** The number of requests, without retries. */
  requests: Schema.Number,
  /** The number of retries after a 429, 421 or 425. Does not include the retries that the retry policy makes. */
  retries: Schema.Number,
  /** The time from the start of the ingestion until its end. While the ingestion runs, this is the time until now. */
  elapsed: Schema.Duration
})

/**
 * The counts of the rows that were offered. `offered` is the sum of `pending` and the counts of the five outcomes.
 *
 * @since 0.1.0
 * @category models
 */
export interface IngestReport extends Schema.Schema.Type<typeof IngestReport> {}

/** A report of the Effect API or of the promise API. In the promise API, `elapsed` is in milliseconds. */
type Timed = Omit<IngestReport, "elapsed"> & { readonly elapsed: Duration.DurationInput }

/**
 * Returns the number of rows that were accepted per second.
 *
 * @example
 * import { IngestReport } from "@mammoth-effect/client"
 *
 * const line = (report: IngestReport.IngestReport) => `${Math.round(IngestReport.rate(report))} rows/s`
 *
 * @since 0.1.0
 * @category getters
 */
export const rate = (report: Timed): number => {
  const seconds = Duration.toSeconds(report.elapsed)
  return seconds === 0 ? 0 : report.accepted.rows / seconds
}

const ofRows = (count: number): string => `${count.toLocaleString("en")} ${count === 1 ? "row" : "rows"}`

const ways = ["accepted", "refused", "dead", "unknown", "undelivered"] as const

/**
 * Formats a report in one line, for a terminal or a log. Shows the accepted rows, each other count that is not 0, and
 * the rate.
 *
 * @example
 * import { IngestReport } from "@mammoth-effect/client"
 * import { Console } from "effect"
 *
 * const print = (report: IngestReport.IngestReport) => Console.log(IngestReport.format(report))
 *
 * @since 0.1.0
 * @category formatting
 */
export const format = (report: Timed): string => {
  const ends = ways.flatMap((way) =>
    way === "accepted" || report[way].rows > 0 ? [`${report[way].rows.toLocaleString("en")} ${way}`] : []
  )
  return [
    ofRows(report.offered),
    ...ends,
    ...(report.pending > 0 ? [`${report.pending.toLocaleString("en")} pending`] : []),
    `${ofRows(Math.round(rate(report)))}/s`
  ].join(", ")
}
