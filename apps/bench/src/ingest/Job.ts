import { Schema } from "effect"

/** The job of a side: the server, and the rows to send. */
export interface Job {
  /** The origin and the base path of the server. */
  readonly baseUrl: string
  readonly apiKey: string
  readonly apiSecret: string
  readonly userAgent: string
  readonly key: string
  /** The number of rows in the array of each request. `null` if each request carries one row as a document. */
  readonly batch: number | null
  readonly concurrency: number
  /** The number of rows that the side sends as a warm-up. */
  readonly warmUp: number
  /** The number of rows in one pass. A side makes `passes` passes after the warm-up. */
  readonly rows: number
  readonly passes: number
}

export const Measurement = Schema.Struct({
  millis: Schema.Array(Schema.Number),
  /** The processor time that the side's process used in all passes, in milliseconds. */
  cpuMillis: Schema.Number,
  /** The peak resident memory during the passes, in bytes. It is sampled every 10 ms. */
  peakRss: Schema.Number
})

export type Measurement = typeof Measurement.Type
