import { Schema } from "effect"

/** Tells a side what to send, and where to. */
export interface Job {
  /** Origin and base path of the server. */
  readonly baseUrl: string
  readonly apiKey: string
  readonly apiSecret: string
  readonly userAgent: string
  readonly key: string
  /** How many rows each request carries, as an array; `null` for one document each. */
  readonly batch: number | null
  readonly concurrency: number
  /** How many rows are sent before anything is measured. */
  readonly warmUp: number
  /** How many rows one pass sends. */
  readonly rows: number
  readonly passes: number
}

export const Measurement = Schema.Struct({
  millis: Schema.Array(Schema.Number),
  /** The processor time of all passes, in the side's process alone. */
  cpuMillis: Schema.Number,
  /** The highest resident memory during the passes, in bytes, looked at every 10 ms. */
  peakRss: Schema.Number
})

export type Measurement = typeof Measurement.Type
