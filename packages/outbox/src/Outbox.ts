/**
 * Stores rows in a database until a webhook has accepted them. Rows survive crashes, and are delivered at least once.
 *
 * @since 0.1.0
 */
import type { SqlClient } from "@effect/sql/SqlClient"
import * as EventLoop from "@mammoth-effect/client/EventLoop"
import type { RowRefused } from "@mammoth-effect/client/IngestError"
import type { CombineTarget } from "@mammoth-effect/client/WebhookTarget"
import { Json } from "@mammoth-effect/core/Json"
import { findFault, type RowSchema } from "@mammoth-effect/core/RowSchema"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import type * as Stream from "effect/Stream"
import * as Maintenance from "./internal/outbox/maintenance.js"
import * as Names from "./internal/outbox/names.js"
import * as Offers from "./internal/outbox/offers.js"
import * as Prepare from "./internal/outbox/prepare.js"
import * as Reading from "./internal/outbox/reading.js"
import { InvalidOptions, type StoreError, type WebhookUnresolved } from "./OutboxError.js"
import * as Store from "./OutboxStore.js"
import { type Counts, type Failure, type Insertion, OutboxStore } from "./OutboxStore.js"
import type { Source } from "./OutboxWorker.js"
import { WebhookResolver } from "./WebhookResolver.js"

/**
 * Describes the rows of an outbox.
 *
 * @since 0.1.0
 * @category options
 */
export interface Options<A> {
  /** Encodes a row as JSON. */
  readonly schema: RowSchema<A>
  /**
   * Derives a row's id, by which the outbox recognizes the row. A second offer of the same id stores nothing. Default: a
   * new id for each offer.
   */
  readonly id?: ((row: A) => string) | undefined
  /**
   * Writes the id into each row under this key, so that duplicates can be removed in the dataset. Each row must then be
   * encoded as a JSON object. The object must not have another value under that key. Default: the id is not written.
   */
  readonly idColumn?: string | undefined
}

/**
 * Tells the result of an offer: the id, and whether the outbox had it already.
 *
 * @example
 * import { Outbox } from "@mammoth-effect/outbox"
 * import { Schema } from "effect"
 *
 * console.log(Schema.is(Outbox.Receipt)({ id: "order-1", isDuplicate: false })) // true
 *
 * @since 0.1.0
 * @category schemas
 */
export const Receipt: Schema.Struct<{ id: typeof Schema.String; isDuplicate: typeof Schema.Boolean }> = Schema.Struct({
  id: Schema.String,
  /** If true, the outbox already had a row of this id. Nothing was stored, and the first row stands. */
  isDuplicate: Schema.Boolean
})

/**
 * The result of an offer.
 *
 * @since 0.1.0
 * @category models
 */
export interface Receipt extends Schema.Schema.Type<typeof Receipt> {}

/**
 * Holds the SQL that stores one row, for a transaction of any client of the outbox's database. Its result has one row if
 * the outbox stores the row, and none if the outbox had the id already.
 *
 * @since 0.1.0
 * @category models
 */
export interface Statement extends Insertion {
  /** The id of the row. */
  readonly id: string
}

/**
 * Holds a row that the server refused, together with the error. Times are encoded as ISO 8601 in UTC.
 *
 * @example
 * import { Outbox } from "@mammoth-effect/outbox"
 * import { Schema } from "effect"
 *
 * const toJson = Schema.encodeSync(Schema.Array(Outbox.DeadLetter))
 *
 * @since 0.1.0
 * @category schemas
 */
export const DeadLetter: Schema.Struct<{
  id: typeof Schema.String
  document: Schema.Schema<Json>
  attempts: typeof Schema.Number
  offeredAt: typeof Schema.DateTimeUtc
  diedAt: typeof Schema.DateTimeUtc
  error: typeof Schema.String
}> = Schema.Struct({
  id: Schema.String,
  /** The row as JSON, as the server refused it. */
  document: Json,
  attempts: Schema.Number,
  offeredAt: Schema.DateTimeUtc,
  diedAt: Schema.DateTimeUtc,
  /** The message of the server's error. */
  error: Schema.String
})

/**
 * A row that the server refused, together with the error.
 *
 * @since 0.1.0
 * @category models
 */
export interface DeadLetter extends Schema.Schema.Type<typeof DeadLetter> {}

/**
 * Describes the rows that wait after a failed attempt: how many, since when, and why.
 *
 * @example
 * import { Outbox } from "@mammoth-effect/outbox"
 * import { DateTime } from "effect"
 *
 * const told = ({ failing }: Outbox.Status) =>
 *   failing === undefined
 *     ? "delivers"
 *     : `${failing.rows} rows wait since ${DateTime.formatIso(failing.since)}: ${failing.error}`
 *
 * @since 0.1.0
 * @category schemas
 */
export const Status: Schema.Struct<{
  failing: Schema.optional<
    Schema.Struct<{ rows: typeof Schema.Int; since: typeof Schema.DateTimeUtc; error: typeof Schema.String }>
  >
}> = Schema.Struct({
  failing: Schema.optional(Schema.Struct({ rows: Schema.Int, since: Schema.DateTimeUtc, error: Schema.String }))
})

/**
 * The rows that wait after a failed attempt: their number, the time of the first failure, and the message of the last
 * error. `failing` is `undefined` if no row waits for that reason.
 *
 * @since 0.1.0
 * @category models
 */
export type Status = typeof Status.Type

/**
 * An outbox for rows of type `A`. A worker needs `R` to find the webhook.
 *
 * @since 0.1.0
 * @category models
 */
export interface Outbox<in A, out R = never> {
  readonly name: string
  /**
   * Stores a row, and returns once it is durable. A worker then delivers it, even after a crash. Within a transaction of
   * the store's `SqlClient`, the offer is part of the transaction.
   *
   * If the offer fails or is interrupted, offer the row again under the same id to be sure that it is stored.
   */
  readonly offer: (
    row: A,
    options?: { readonly id?: string | undefined }
  ) => Effect.Effect<Receipt, RowRefused | Failure>
  /** Stores all rows or none. */
  readonly offerAll: (rows: Iterable<A>) => Effect.Effect<ReadonlyArray<Receipt>, RowRefused | Failure>
  /**
   * Returns the SQL that stores a row, and stores nothing itself. Execute the SQL in a transaction of another client, such
   * as an ORM. If the transaction is committed, the row is sent. If it is rolled back, the row is never sent. Refuses the
   * rows that `offer` refuses.
   *
   * A worker finds the row at its next poll after the commit.
   */
  readonly statement: (
    row: A,
    options?: { readonly id?: string | undefined }
  ) => Effect.Effect<Statement, RowRefused | StoreError>
  /** Counts the rows by state. Reads the index of all rows. */
  readonly counts: Effect.Effect<Counts, Failure>
  /** Tells why rows wait after a failed attempt, and since when. Reads these rows. */
  readonly status: Effect.Effect<Status, Failure>
  /** Waits until every row is delivered or dead. A worker must run, in this process or another. */
  readonly drain: Effect.Effect<void, Failure>
  /** Streams the dead letters, in the order in which the server refused them. */
  readonly deadLetters: Stream.Stream<DeadLetter, Failure>
  /** Makes dead letters pending again: those with the given ids, or all. Returns their number. */
  readonly redrive: (ids?: Iterable<string>) => Effect.Effect<number, Failure>
  /** Deletes dead letters: those with the given ids, or all. Returns their number. */
  readonly purge: (ids?: Iterable<string>) => Effect.Effect<number, Failure>
  /**
   * Deletes rows whose delivery is at least as old as the given age. Returns their number. A later offer of their ids is
   * stored again. An age of zero deletes all delivered rows.
   */
  readonly prune: (age: Duration.DurationInput) => Effect.Effect<number, Failure | InvalidOptions>
  /** The parts that a worker uses. */
  readonly source: Source<R>
}

const build = <A, R>(
  name: string | undefined,
  webhook: Effect.Effect<CombineTarget, WebhookUnresolved, R>,
  options: Options<A>
): Effect.Effect<Outbox<A, R>, InvalidOptions, OutboxStore> =>
  Effect.gen(function* () {
    const store = yield* OutboxStore
    const offered = yield* Effect.makeLatch(false)
    const checked = yield* Names.check(name, options.idColumn)
    const fault = findFault(options.schema)
    if (fault !== undefined) return yield* new InvalidOptions({ issues: [fault] })
    const prepare = Prepare.make(options, yield* EventLoop.makeTurns)
    return {
      name: checked,
      ...Offers.make({ name: checked, store, offered, prepare }),
      counts: store.counts(checked),
      status: Reading.status(store, checked),
      drain: Reading.drain(store, checked),
      deadLetters: Reading.deadLetters(store, checked),
      ...Maintenance.make(store, checked, offered),
      source: { name: checked, store, offered, webhook }
    }
  })

/**
 * Makes an outbox from its name, or from the webhook that it delivers to.
 *
 * If you give a name, `WebhookResolver` finds the webhook, and only workers need `WebhookResolver`. All outboxes share one
 * table. Two outboxes of the same name in one table are the same outbox.
 *
 * @param name the name of the outbox
 * @param options the schema of the rows, and their ids
 * @example
 * import { Outbox } from "@mammoth-effect/outbox"
 * import { Effect, Schema } from "effect"
 *
 * const Order = Schema.Struct({ id: Schema.Int, total: Schema.Number })
 *
 * const program = Effect.gen(function*() {
 *   const orders = yield* Outbox.make("orders", { schema: Order, id: (order) => String(order.id) })
 *   const { isDuplicate } = yield* orders.offer({ id: 1, total: 9.5 })
 *   return isDuplicate
 * }).pipe(Effect.provide(Outbox.layerSqlite({ filename: "outbox.db" })))
 *
 * @since 0.1.0
 * @category constructors
 */
export function make<A>(
  name: string,
  options: Options<A>
): Effect.Effect<Outbox<A, WebhookResolver>, InvalidOptions, OutboxStore>
export function make<A>(
  webhook: CombineTarget,
  options: Options<A> & { readonly name: string }
): Effect.Effect<Outbox<A>, InvalidOptions, OutboxStore>
export function make<A>(
  target: string | CombineTarget,
  options: Options<A> & { readonly name?: string }
): Effect.Effect<Outbox<A, WebhookResolver>, InvalidOptions, OutboxStore> {
  return Predicate.isString(target)
    ? build(
        target,
        Effect.flatMap(WebhookResolver, (resolver) => resolver.resolve(target)),
        options
      )
    : build(options.name, Effect.succeed(target), options)
}

/**
 * Keeps outboxes in your own SQLite or Postgres database. An `offer` takes part in the transactions of its `SqlClient`.
 * This is `OutboxStore.layerSql`.
 *
 * @example
 * import { PgClient } from "@effect/sql-pg"
 * import { Outbox } from "@mammoth-effect/outbox"
 * import { Config, Layer } from "effect"
 *
 * const StoreLayer = Outbox.layerSql({ table: "events.outbox" }).pipe(
 *   Layer.provideMerge(PgClient.layerConfig({ url: Config.redacted("DATABASE_URL") }))
 * )
 *
 * @since 0.1.0
 * @category layers
 */
export const layerSql: (
  options?: Store.SqlOptions
) => Layer.Layer<OutboxStore, StoreError | InvalidOptions, SqlClient> = Store.layerSql

/**
 * Keeps outboxes in their own SQLite file. This is `OutboxStore.layerSqlite`.
 *
 * @example
 * import { Outbox } from "@mammoth-effect/outbox"
 *
 * const StoreLayer = Outbox.layerSqlite({ filename: "data/outbox.db" })
 *
 * @since 0.1.0
 * @category layers
 */
export const layerSqlite: (
  options: Store.Options & { readonly filename: string }
) => Layer.Layer<OutboxStore, StoreError> = Store.layerSqlite
