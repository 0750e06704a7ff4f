import { Schema } from "effect"

/** The job of the process: the database to use, and the numbers of rows to measure. */
export interface Job {
  readonly baseUrl: string
  readonly database:
    | { readonly store: "sqlite"; readonly file: string; readonly table: string }
    | { readonly store: "postgres"; readonly url: string; readonly table: string }
  readonly rows: {
    readonly warmUp: number
    /** The number of rows that are offered and delivered one by one. */
    readonly single: number
    /** The number of rows that are offered and delivered in batches. */
    readonly many: number
    /** Claims are timed with each of these numbers of pending rows, in ascending order. */
    readonly pending: ReadonlyArray<number>
    /** The number of claims that are timed for each number of pending rows. */
    readonly claims: number
  }
}

/** The measured rates, in rows per second. The times of claims are in milliseconds. */
export const Measurement = Schema.Struct({
  plain: Schema.Struct({ offers: Schema.Number, deliveries: Schema.Number, endToEnd: Schema.Number }),
  outbox: Schema.Struct({
    single: Schema.Number,
    all: Schema.Number,
    one: Schema.Number,
    batches: Schema.Number,
    endToEnd: Schema.Number
  }),
  claims: Schema.Array(Schema.Struct({ pending: Schema.Number, millis: Schema.Number }))
})

export type Measurement = typeof Measurement.Type
