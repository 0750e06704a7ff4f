import { Schema } from "effect"

/** Tells a side the rows to send and the server. */
export interface Job {
  /** Origin and base path of the server. */
  readonly baseUrl: string
  readonly apiKey: string
  readonly apiSecret: string
  readonly userAgent: string
  readonly key: string
  /** The number of rows in the array that each request carries; `null` for one document each. */
  readonly batch: number | null
  readonly concurrency: number
  /** The number of rows that the side sends before it measures. */
  readonly warmUp: number
  /** The number of rows of one pass. */
  readonly rows: number
  readonly passes: number
}

export const Measurement = Schema.Struct({
  millis: Schema.Array(Schema.Number),
  /** The processor time of all passes, in the side's process only. */
  cpuMillis: Schema.Number,
  /** The highest resident memory during the passes, in bytes, sampled every 10 ms. */
  peakRss: Schema.Number
})

export type Measurement = typeof Measurement.Type
