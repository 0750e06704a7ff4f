/** What the outbox's side is told to do, and what it prints about it. */

export interface DurableJob {
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

/** In rows a second, but for the claims. */
export interface DurableMeasurement {
  readonly plain: { readonly offers: number; readonly deliveries: number; readonly endToEnd: number }
  readonly outbox: {
    readonly single: number
    readonly all: number
    readonly one: number
    readonly batches: number
    readonly endToEnd: number
  }
  readonly claims: ReadonlyArray<{ readonly pending: number; readonly millis: number }>
}
