/** What a side is told to do, and what it prints about it; without Effect, so that no side carries another's memory. */

/** What a side is to send, and where to. */
export interface Job {
  /** Origin and base path of the server. */
  readonly baseUrl: string
  /** The webhook's key. */
  readonly key: string
  readonly apiKey: string
  readonly apiSecret: string
  readonly userAgent: string
  /** How many rows each request carries, as an array; `null` for one document each. */
  readonly batch: number | null
  /** How many requests are under way at once. */
  readonly concurrency: number
  /** How many rows are sent before anything is measured. */
  readonly warmUp: number
  /** How many rows one pass sends. */
  readonly rows: number
  /** How many passes are measured, one after the other. */
  readonly passes: number
}

/** What one side took. */
export interface Measurement {
  /** How many rows one pass sent. */
  readonly rows: number
  /** How long each pass took. */
  readonly millis: ReadonlyArray<number>
  /** The processor time of all passes, in this process alone. */
  readonly cpuMillis: number
  /** The most bytes of memory that were resident during the passes, looked at every 10 ms. */
  readonly peakRss: number
  /** The most that the operating system saw since the process started; on Linux never less than the parent had. */
  readonly maxRss: number
}
