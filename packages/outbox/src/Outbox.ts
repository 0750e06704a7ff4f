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
 * The options of an outbox: the schema and the ids of its rows.
 *
 * @since 0.1.0
 * @category options
 */
export interface Options<A> {
  /** The schema that encodes a row as JSON. */
  readonly schema: RowSchema<A>
  /**
   * Returns the id of a row, by which the outbox recognizes the row. A second offer with the same id stores nothing.
   * Default: a new id for each offer.
   */
  readonly id?: ((row: A) => string) | undefined
  /**
   * The key under which the outbox writes the id into each row, so that you can remove duplicates in the dataset. Each
   * row must then be encoded as a JSON object. The object must not have another value under that key. Default: the id
   * is not written.
   */
  readonly idColumn?: string | undefined
}

/**
 * The result of an offer: the row's id, and whether the outbox already had a row of this id.
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
  /** Is true if the outbox already had a row of this id. The offer then stored nothing, and kept the first row. */
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
 * The SQL that stores one row. Any client of the outbox's database can execute the SQL in its own transaction. If the
 * row was stored, the result of the SQL has one row. If the outbox already had the id, the result is empty.
 *
 * @since 0.1.0
 * @category models
 */
export interface Statement extends Insertion {
  /** The id of the row. */
  readonly id: string
}

/**
 * A row that the server refused, together with the server's error. Times are encoded as ISO 8601 in UTC.
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
  /** The row that the server refused, as JSON. */
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
 * The rows that wait after a failed attempt: their number, the time of the first failure, and the last error.
 *
 * @example
 * import { Outbox } from "@mammoth-effect/outbox"
 * import { DateTime } from "effect"
 *
 * const summary = ({ failing }: Outbox.Status) =>
 *   failing === undefined
 *     ? "delivers"
 *     : `${failing.rows} rows have waited since ${DateTime.formatIso(failing.since)}: ${failing.error}`
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
 * error. `failing` is `undefined` if no row waits after a failed attempt.
 *
 * @since 0.1.0
 * @category models
 */
export type Status = typeof Status.Type

/**
 * An outbox for rows of type `A`. Its worker needs the services `R` to find the webhook.
 *
 * @since 0.1.0
 * @category models
 */
export interface Outbox<in A, out R = never> {
  readonly name: string
  /**
   * Stores a row, and returns once the row is durable. A worker then delivers the row, even after a crash. Within a
   * transaction of the store's `SqlClient`, the offer is part of the transaction.
   *
   * If the offer fails or is interrupted, offer the row again under the same id to be sure that the row is stored.
   */
  readonly offer: (
    row: A,
    options?: { readonly id?: string | undefined }
  ) => Effect.Effect<Receipt, RowRefused | Failure>
  /** Stores several rows with one statement. If one row cannot be stored, stores none. */
  readonly offerAll: (rows: Iterable<A>) => Effect.Effect<ReadonlyArray<Receipt>, RowRefused | Failure>
  /**
   * Returns the SQL that stores a row, but does not execute the SQL. Execute the SQL in a transaction of another
   * client, such as an ORM. If the transaction is committed, the row is sent. If the transaction is rolled back, the
   * row is never sent. `statement` refuses the same rows as `offer`.
   *
   * A worker finds the row at its next poll after the commit.
   */
  readonly statement: (
    row: A,
    options?: { readonly id?: string | undefined }
  ) => Effect.Effect<Statement, RowRefused | StoreError>
  /**
   * Counts the rows by state. The query reads the index entries of all rows, so the query takes longer as the table
   * grows.
   */
  readonly counts: Effect.Effect<Counts, Failure>
  /**
   * Returns the rows that wait after a failed attempt: their number, the time of the first failure, and the last error.
   * The query reads each of these rows, so the query takes longer if many rows wait.
   */
  readonly status: Effect.Effect<Status, Failure>
  /** Waits until every row is delivered or dead. A worker must run, in this process or in another process. */
  readonly drain: Effect.Effect<void, Failure>
  /** Streams the dead letters, in the order in which the server refused them. */
  readonly deadLetters: Stream.Stream<DeadLetter, Failure>
  /**
   * Makes dead letters pending again: the dead letters with the given ids, or all if no ids are given. Returns the
   * number of changed rows.
   */
  readonly redrive: (ids?: Iterable<string>) => Effect.Effect<number, Failure>
  /**
   * Deletes dead letters: the dead letters with the given ids, or all if no ids are given. Returns the number of
   * deleted rows.
   */
  readonly purge: (ids?: Iterable<string>) => Effect.Effect<number, Failure>
  /**
   * Deletes rows that were delivered at least `age` ago. An age of zero deletes all delivered rows. Returns the number
   * of deleted rows. If you offer a deleted row's id again, the outbox stores the new row.
   */
  readonly prune: (age: Duration.DurationInput) => Effect.Effect<number, Failure | InvalidOptions>
  /** The parts of the outbox that a worker uses. */
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
 * Makes an outbox. The first argument is the name of the outbox, or the webhook to which the outbox delivers.
 *
 * If you give a name, `WebhookResolver` finds the webhook. Only workers need `WebhookResolver`. All outboxes share one
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
 * Keeps outboxes in your own SQLite or Postgres database. If you call `offer` in a transaction of the database's
 * `SqlClient`, the offer is part of the transaction. This is the same layer as `OutboxStore.layerSql`.
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
 * Keeps outboxes in their own SQLite file. This is the same layer as `OutboxStore.layerSqlite`.
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
