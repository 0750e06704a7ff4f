import { Schema } from "effect"

/** Tells the process what to measure, on which database. */
export interface Job {
  readonly baseUrl: string
  readonly database:
    | { readonly store: "sqlite"; readonly file: string; readonly table: string }
    | { readonly store: "postgres"; readonly url: string; readonly table: string }
  readonly rows: {
    readonly warmUp: number
    /** How many are offered and delivered one by one. */
    readonly single: number
    /** How many are offered and delivered in batches. */
    readonly many: number
    /** How many are pending when claims are timed, from the least. */
    readonly pending: ReadonlyArray<number>
    /** How many claims are timed at each. */
    readonly claims: number
  }
}

/** Rows a second; for claims, milliseconds. */
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
