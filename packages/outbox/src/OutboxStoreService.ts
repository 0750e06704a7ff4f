/**
 * Declares the types of a store: rows, claims, counts, failures and the service. `OutboxStore` exports them, too.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { ForeignTransaction, StoreError } from "./OutboxError.js"

/**
 * A row to store.
 *
 * @since 0.1.0
 * @category models
 */
export interface NewRow {
  readonly id: string
  /** The row as JSON. */
  readonly payload: string
}

/**
 * The SQL that stores rows. Another client of the same database can execute the SQL in its own transaction. The SQL
 * returns the ids of the rows that are new.
 *
 * @since 0.1.0
 * @category models
 */
export interface Insertion {
  /** One statement, with a placeholder for each parameter: `$1`, `$2` and so on for Postgres, `?` for SQLite. */
  readonly sql: string
  /** The parameters, in the order of the placeholders. */
  readonly params: Array<string | null>
  /** The parts of the SQL around the parameters, for a client that takes a tagged template, such as Drizzle's `sql`. */
  readonly strings: TemplateStringsArray
}

/**
 * Identifies one claim of a row. A row can be claimed again after its lease has ended.
 *
 * @since 0.1.0
 * @category models
 */
export interface Claim {
  /** The number of the row. Rows are numbered in the order of their offers. */
  readonly sequence: number
  /** The number of claims of this row so far, including this claim. */
  readonly claims: number
}

/**
 * A row whose lease a worker holds.
 *
 * @since 0.1.0
 * @category models
 */
export interface ClaimedRow extends NewRow, Claim {
  /** The number of attempts to deliver the row, including this attempt. */
  readonly attempts: number
  /** The span of the row's offer, as a W3C `traceparent`. */
  readonly trace?: string | null | undefined
}

/**
 * The delivery result of a claimed row. If `state` is `pending`, the row is sent again.
 *
 * @since 0.1.0
 * @category models
 */
export interface Settlement extends Claim {
  readonly state: "pending" | "delivered" | "dead"
  /** The time after which a pending row can be sent again, in milliseconds. Is `null` for a delivered or dead row. */
  readonly delayMillis: number | null
  /**
   * Is true if this attempt sent nothing. The row's number of attempts then does not include this attempt. Default:
   * false.
   */
  readonly uncounted?: boolean | undefined
  readonly error: string | null
}

/**
 * The number of an outbox's rows in each state.
 *
 * - `pending`: rows that wait for their first attempt or for a retry;
 * - `leased`: rows that a worker holds;
 * - `delivered`: rows that the server has accepted and that are not pruned yet;
 * - `dead`: rows that the server refused and would refuse again.
 *
 * @example
 * import type { OutboxStore } from "@mammoth-effect/outbox"
 *
 * const open = (counts: OutboxStore.Counts) => counts.pending + counts.leased
 *
 * @since 0.1.0
 * @category schemas
 */
export const Counts: Schema.Struct<{
  pending: typeof Schema.Number
  leased: typeof Schema.Number
  delivered: typeof Schema.Number
  dead: typeof Schema.Number
}> = Schema.Struct({
  pending: Schema.Number,
  leased: Schema.Number,
  delivered: Schema.Number,
  dead: Schema.Number
})

/**
 * The number of an outbox's rows in each state.
 *
 * @since 0.1.0
 * @category models
 */
export interface Counts extends Schema.Schema.Type<typeof Counts> {}

/**
 * The rows of an outbox that wait after a failed attempt.
 *
 * @since 0.1.0
 * @category models
 */
export interface Failing {
  readonly rows: number
  /**
   * The time of the first failed attempt, in milliseconds since 1970. If that time is unknown, this is the time of the
   * offer.
   */
  readonly sinceMillis: number
  /** The error message of the last attempt. */
  readonly error: string
}

/**
 * A dead letter, as the database holds it.
 *
 * @since 0.1.0
 * @category models
 */
export interface DeadRow extends NewRow {
  readonly sequence: number
  readonly attempts: number
  /** The time of the offer, in milliseconds since 1970. */
  readonly offeredAtMillis: number
  /** The time at which the refusal was recorded, in milliseconds since 1970. */
  readonly settledAtMillis: number
  readonly error: string
}

/**
 * The errors with which the functions of a store can fail.
 *
 * @since 0.1.0
 * @category errors
 */
export type Failure = StoreError | ForeignTransaction

/**
 * Reads and changes the rows of outboxes in a database. Each function except `insertion` executes one statement. The
 * statement takes effect completely or not at all. The database's clock decides which rows are due.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** Stores rows, with the span of their offer. Returns the ids of the rows that are new. */
  readonly insert: (
    outbox: string,
    rows: ReadonlyArray<NewRow>,
    trace?: string
  ) => Effect.Effect<ReadonlyArray<string>, Failure>
  /**
   * Returns the statement of `insert` for use within a transaction, but does not execute the statement. Fails only if
   * the rows do not fit into one JSON string.
   */
  readonly insertion: (
    outbox: string,
    rows: ReadonlyArray<NewRow>,
    trace?: string
  ) => Effect.Effect<Insertion, StoreError>
  /**
   * Leases rows that are due. First takes rows whose wait for a retry has ended, or whose lease has ended, in the
   * order in which these rows became due. Then takes rows that have not failed, in the order of their offers.
   */
  readonly claim: (
    outbox: string,
    claim: { readonly owner: string; readonly limit: number; readonly leaseMillis: number }
  ) => Effect.Effect<ReadonlyArray<ClaimedRow>, Failure>
  /** Extends leases. Returns the `sequence` of each row that `owner` still held. */
  readonly renew: (
    owner: string,
    claims: ReadonlyArray<Claim>,
    leaseMillis: number
  ) => Effect.Effect<ReadonlyArray<number>, Failure>
  /**
   * Records how deliveries ended. Returns the `sequence` of each row that `owner` still held. Does not change rows that
   * `owner` no longer held.
   */
  readonly settle: (
    owner: string,
    settlements: ReadonlyArray<Settlement>
  ) => Effect.Effect<ReadonlyArray<number>, Failure>
  /**
   * Restarts waits and leases after the database's clock was set back: those whose stored start is later than the
   * clock's current time. Returns the number of changed rows.
   */
  readonly restart: (outbox: string) => Effect.Effect<number, Failure>
  /** Counts rows by state. */
  readonly counts: (outbox: string) => Effect.Effect<Counts, Failure>
  /** Returns the rows that wait after a failed attempt, or `undefined` if there are none. */
  readonly failing: (outbox: string) => Effect.Effect<Failing | undefined, Failure>
  /** Returns true if at least one row is pending or leased. */
  readonly isOpen: (outbox: string) => Effect.Effect<boolean, Failure>
  /** Returns dead rows in the order in which the server refused them, beginning after the given row. */
  readonly dead: (
    outbox: string,
    after: Pick<DeadRow, "settledAtMillis" | "sequence">,
    limit: number
  ) => Effect.Effect<ReadonlyArray<DeadRow>, Failure>
  /**
   * Makes dead rows pending again: the rows with the given ids, or all dead rows if no ids are given. Returns the
   * number of changed rows.
   */
  readonly redrive: (outbox: string, ids: ReadonlyArray<string> | undefined) => Effect.Effect<number, Failure>
  /**
   * Deletes dead rows: the rows with the given ids, or all dead rows if no ids are given. Returns the number of deleted
   * rows.
   */
  readonly purge: (outbox: string, ids: ReadonlyArray<string> | undefined) => Effect.Effect<number, Failure>
  /**
   * Deletes rows that were delivered at least `ageMillis` milliseconds ago, up to `limit` rows. Returns the number of
   * deleted rows.
   */
  readonly prune: (outbox: string, ageMillis: number, limit: number) => Effect.Effect<number, Failure>
}
