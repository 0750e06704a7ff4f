/**
 * What became of the rows that were offered to a webhook.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"

/**
 * How many rows ended in one way, and how many bytes they had as they were encoded.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Count: Schema.Struct<{ rows: typeof Schema.Number; bytes: typeof Schema.Number }> = Schema.Struct({
  rows: Schema.Number,
  bytes: Schema.Number
})

/**
 * A number of rows, and of their bytes.
 *
 * @since 0.1.0
 * @category models
 */
export interface Count extends Schema.Schema.Type<typeof Count> {}

/**
 * The five ways in which an offered row ends, each row in exactly one:
 *
 * - `accepted`: the server took it;
 * - `refused`: it does not fit its schema, and was not sent;
 * - `dead`: the server refused it for what it is;
 * - `unknown`: it was sent, and nobody knows whether it was taken;
 * - `undelivered`: it was not taken, and would be if it were sent again.
 *
 * @since 0.1.0
 * @category models
 */
export type End = "accepted" | "refused" | "dead" | "unknown" | "undelivered"

/**
 * The counts of an ingestion, complete or so far.
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
  /** How many rows were offered. */
  offered: Schema.Number,
  accepted: Count,
  refused: Count,
  dead: Count,
  unknown: Count,
  undelivered: Count,
  /** How many rows have not ended yet; 0 in a report of an ingestion that has. */
  pending: Schema.Number,
  /** The first row that has not ended or is undelivered, counted from 0: where to go on; `offered` where there is none. */
  resumeAt: Schema.Number,
  /** How many requests were made, retries not counted. */
  requests: Schema.Number,
  /** How many requests were made again after a 429, 421 or 425; those that the retry policy makes are not counted. */
  retries: Schema.Number,
  /** Since the ingestion was made, until it ended or now. */
  elapsed: Schema.Duration
})

/**
 * What became of the rows that were offered: `offered` is the sum of the five ways to end, and of those that are `pending`.
 *
 * @since 0.1.0
 * @category models
 */
export interface IngestReport extends Schema.Schema.Type<typeof IngestReport> {}

/** A report, with its time as it comes: `elapsed` of the promise API is in milliseconds. */
type Timed = Omit<IngestReport, "elapsed"> & { readonly elapsed: Duration.DurationInput }

/**
 * How many rows were accepted a second.
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
 * A report in one line, for a terminal or a log: what there is of each way to end, and the rate.
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
