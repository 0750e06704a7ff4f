/**
 * Provides the outbox to programs without Effect, with promises, async iteration and plain options.
 *
 * @since 0.1.0
 */
/// <reference lib="esnext.disposable" preserve="true" />
import { Credentials, type Service as CredentialsService } from "@mammoth-effect/client/Credentials"
import type { RowRefused } from "@mammoth-effect/client/IngestError"
import type {
  ConfigurationError,
  Options as ClientOptions,
  Plain,
  StandardSchema
} from "@mammoth-effect/client/promise"
import * as PromiseRuntime from "@mammoth-effect/client/PromiseRuntime"
import type { CombineTarget } from "@mammoth-effect/client/WebhookTarget"
import type { Json } from "@mammoth-effect/core/Json"
import type { RowSchema } from "@mammoth-effect/core/RowSchema"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Predicate from "effect/Predicate"
import * as Record from "effect/Record"
import type * as Redacted from "effect/Redacted"
import * as Ref from "effect/Ref"
import * as Stream from "effect/Stream"
import * as Checks from "./internal/promise/checks.js"
import * as Resolver from "./internal/promise/resolver.js"
import * as Stores from "./internal/promise/stores.js"
import type { Receipt, Statement } from "./Outbox.js"
import * as Outboxes from "./Outbox.js"
import { type ForeignTransaction, InvalidOptions, OutboxClosed, type StoreError } from "./OutboxError.js"
import type { Counts } from "./OutboxStore.js"
import * as OutboxWorker from "./OutboxWorker.js"
import { WebhookResolver } from "./WebhookResolver.js"

export { assumeCombine } from "@mammoth-effect/client/WebhookTarget"
export { WebhookUnresolved } from "./OutboxError.js"
export type { Receipt, Statement } from "./Outbox.js"

/**
 * A SQLite file, which is created if it does not exist. Its folder must exist. Needs the package `@effect/sql-libsql`.
 *
 * @example
 * import type { SqliteDatabase } from "@mammoth-effect/outbox/promise"
 *
 * const database: SqliteDatabase = { sqlite: "data/outbox.db" }
 *
 * @since 0.1.0
 * @category options
 */
export interface SqliteDatabase {
  /** The path of the file. The file must not be on a network drive. */
  readonly sqlite: string
  /** The name of the table. Default: `mammoth_outbox`. */
  readonly table?: string | undefined
}

/**
 * A Postgres database. Needs the package `@effect/sql-pg`.
 *
 * @example
 * import type { PostgresDatabase } from "@mammoth-effect/outbox/promise"
 *
 * const database: PostgresDatabase = { postgres: "postgres://app@127.0.0.1/shop", table: "events.outbox" }
 *
 * @since 0.1.0
 * @category options
 */
export interface PostgresDatabase {
  /** The URL of the database, such as `postgres://user:password@host/database`. */
  readonly postgres: string | Redacted.Redacted
  /** The name of the table. The name can include a schema: `events.outbox`. Default: `mammoth_outbox`. */
  readonly table?: string | undefined
  /** The longest wait for a response of the database, as in `OutboxStore.SqlOptions`. Default: 30 seconds. */
  readonly answerTimeout?: Duration.DurationInput | undefined
  /** The maximum number of open connections. Default: 10. */
  readonly maxConnections?: number | undefined
}

/**
 * The options of an outbox: its rows, its webhook, and the options of `makeClient` that deliveries use. A worker has
 * its own timeout and retries: see {@link OutboxWorker.Options}.
 *
 * @example
 * import { assumeCombine, type Options } from "@mammoth-effect/outbox/promise"
 *
 * interface Order {
 *   readonly id: number
 *   readonly total: number
 * }
 *
 * const options = (uri: string): Options<Order> => ({
 *   name: "orders",
 *   webhook: assumeCombine(uri),
 *   id: (order) => `order-${order.id}`,
 *   idColumn: "event_id"
 * })
 *
 * @since 0.1.0
 * @category options
 */
export interface Options<A> extends Pick<
  ClientOptions,
  | "allowInsecure"
  | "baseUrl"
  | "credentials"
  | "env"
  | "fetch"
  | "httpClient"
  | "responseLimits"
  | "userAgent"
  | "webhookSecret"
> {
  /** The name of the outbox. Two outboxes of the same name in one table are the same outbox. */
  readonly name: string
  /**
   * The webhook that a worker delivers to, or a function that returns the webhook. The worker calls the function before
   * it delivers rows. The worker calls the function again after a minute, after an error of the function, and after a
   * 401, 403 or 404. A process that only offers rows needs no webhook and no keys.
   *
   * If the function throws, rows wait. The status and the logs show the message of the error. Known keys, and text that
   * looks like a secret, are masked in the message. Other secrets are shown, so do not put a secret into the message.
   * If `credentials` is a function, the outbox does not know the keys that the function returns.
   */
  readonly webhook?: CombineTarget | (() => CombineTarget | PromiseLike<CombineTarget>) | undefined
  /**
   * The schema of each offered row. The schema can come from Effect, zod, valibot, arktype, or another library with the
   * Standard Schema interface. You offer the schema's input, and the outbox sends the schema's output, as `ingest` of a
   * client does. This means that an Effect schema decodes rows here. With `Outbox.make`, an Effect schema encodes rows.
   *
   * Default: rows are sent as they are. A row that JSON would change is refused, but properties that are `undefined`
   * are left out.
   */
  readonly schema?: (RowSchema<unknown> & { readonly Encoded: A }) | StandardSchema<A, unknown> | undefined
  /**
   * Returns the id of a row, by which the outbox recognizes the row. A second offer with the same id stores nothing.
   * Default: a new id for each offer.
   */
  readonly id?: ((row: A) => string) | undefined
  /**
   * The key under which the outbox writes the id into each row, so that you can remove duplicates in the dataset.
   * Default: the id is not written.
   */
  readonly idColumn?: string | undefined
}

/**
 * The options of one offer.
 *
 * @since 0.1.0
 * @category options
 */
export interface OfferOptions {
  /** The id of the row. Default: the id that the option `id` of the outbox returns, or a new id. */
  readonly id?: string | undefined
}

/**
 * The options of `drain`.
 *
 * @since 0.1.0
 * @category options
 */
export interface DrainOptions {
  /**
   * When this signal is aborted, the wait ends. The promise is then rejected with the reason of the signal.
   */
  readonly signal?: AbortSignal | undefined
}

/**
 * The rows that wait after a failed attempt, if there are any.
 *
 * @example
 * import type { Status } from "@mammoth-effect/outbox/promise"
 *
 * const summary = ({ failing }: Status) =>
 *   failing === undefined
 *     ? "delivers"
 *     : `${failing.rows} rows have waited since ${failing.since.toISOString()}: ${failing.error}`
 *
 * @since 0.1.0
 * @category models
 */
export interface Status {
  readonly failing:
    | {
        readonly rows: number
        /** The time of the first failure. */
        readonly since: Date
        /** The message of the last error. */
        readonly error: string
      }
    | undefined
}

/**
 * A row that the server refused, together with the error.
 *
 * @since 0.1.0
 * @category models
 */
export interface DeadLetter {
  readonly id: string
  /** The row that the server refused, as JSON. */
  readonly document: Json
  readonly attempts: number
  readonly offeredAt: Date
  readonly diedAt: Date
  /** The message of the server's error. */
  readonly error: string
}

/**
 * The errors with which calls of an outbox reject.
 *
 * @since 0.1.0
 * @category errors
 */
export type OutboxError =
  | Plain<RowRefused | StoreError | ForeignTransaction | InvalidOptions | OutboxClosed>
  | ConfigurationError

/** Lists the tag of each error. If a tag is missing, this file does not compile. */
const tags: { readonly [Tag in OutboxError["_tag"]]: true } = {
  MammothRowRefused: true,
  MammothStoreError: true,
  MammothForeignTransaction: true,
  MammothInvalidOptions: true,
  MammothConfigurationError: true,
  MammothOutboxClosed: true
}

/**
 * Returns true if this is an error of an outbox. The error's `_tag` then says which error it is.
 *
 * @example
 * import { isOutboxError, type Outbox } from "@mammoth-effect/outbox/promise"
 *
 * export const offer = (orders: Outbox<{ readonly id: number }>, id: number) =>
 *   orders.offer({ id }).catch((error: unknown) => {
 *     if (isOutboxError(error) && error._tag === "MammothStoreError") console.warn(`not stored: ${error.reason}`)
 *     throw error
 *   })
 *
 * @since 0.1.0
 * @category errors
 */
export const isOutboxError = (error: unknown): error is OutboxError =>
  Predicate.isError(error) && Predicate.hasProperty(error, "_tag") && Object.hasOwn(tags, String(error._tag))

/**
 * An outbox whose calls return promises. A call rejects with an `Error` that has a `_tag`: see {@link isOutboxError}.
 *
 * @since 0.1.0
 * @category models
 */
export interface Outbox<in A> {
  readonly name: string
  /** Stores a row, and returns once the row is durable. A worker then delivers the row, even after a crash. */
  readonly offer: {
    /**
     * Stores a row, and returns once the row is durable. A worker then delivers the row, even after a crash.
     *
     * @param row the row
     * @param options the row's id
     */
    (row: A, options?: OfferOptions): Promise<Receipt>
  }
  /** Stores several rows with one statement. If one row cannot be stored, stores none. */
  readonly offerAll: {
    /**
     * Stores several rows with one statement. If one row cannot be stored, stores none.
     *
     * @param rows an array or another iterable of rows
     */
    (rows: Iterable<A>): Promise<ReadonlyArray<Receipt>>
  }
  /**
   * Returns the SQL that stores a row, but does not execute the SQL. Execute the SQL in a transaction of your own
   * driver or ORM. If the transaction is committed, the row is sent. If the transaction is rolled back, the row is
   * never sent. A worker finds the row at its next poll after the commit.
   */
  readonly statement: {
    /**
     * Returns the SQL that stores a row, but does not execute the SQL. Execute the SQL in a transaction of your own
     * driver or ORM. If the transaction is committed, the row is sent. If the transaction is rolled back, the row is
     * never sent. A worker finds the row at its next poll after the commit.
     *
     * @param row the row; `statement` refuses the rows that `offer` refuses
     * @param options the row's id
     */
    (row: A, options?: OfferOptions): Promise<Statement>
  }
  /** Starts a worker, which delivers rows until `close`. */
  readonly start: {
    /**
     * Starts a worker, which delivers rows until `close`. A second call is refused. Other processes can start their own
     * workers.
     *
     * @param options concurrency, batches, and the worker's times
     */
    (options?: OutboxWorker.Options): Promise<void>
  }
  /**
   * Counts the rows by state. The query reads the index entries of all rows, so call `counts` once a minute and not for
   * each request.
   */
  readonly counts: () => Promise<Counts>
  /**
   * Returns the rows that wait after a failed attempt: their number, the time of the first failure, and the last error.
   */
  readonly status: () => Promise<Status>
  /**
   * Waits until every row is delivered or dead. A worker must run, in this process or in another process. If you
   * call `close` during the wait, the promise is rejected.
   */
  readonly drain: {
    /**
     * Waits until every row is delivered or dead. A worker must run, in this process or in another process. If you
     * call `close` during the wait, the promise is rejected.
     *
     * @param options a signal that ends the wait
     */
    (options?: DrainOptions): Promise<void>
  }
  /** Iterates over the dead letters, in the order in which the server refused them. */
  readonly deadLetters: () => AsyncIterable<DeadLetter>
  /** Makes dead letters pending again. Returns the number of changed rows. */
  readonly redrive: {
    /**
     * Makes dead letters pending again. Returns the number of changed rows.
     *
     * @param ids the ids of the rows. Default: all dead letters
     */
    (ids?: Iterable<string>): Promise<number>
  }
  /** Deletes dead letters. Returns the number of deleted rows. */
  readonly purge: {
    /**
     * Deletes dead letters. Returns the number of deleted rows.
     *
     * @param ids the ids of the rows. Default: all dead letters
     */
    (ids?: Iterable<string>): Promise<number>
  }
  /**
   * Deletes rows that were delivered at least `age` ago. Returns the number of deleted rows. By default, a worker
   * deletes rows 7 days after their delivery.
   */
  readonly prune: {
    /**
     * Deletes rows that were delivered at least `age` ago. Returns the number of deleted rows. By default, a worker
     * deletes rows 7 days after their delivery.
     *
     * @param age the minimum time since the delivery, such as `"30 days"`
     */
    (age: Duration.DurationInput): Promise<number>
  }
  /**
   * Rejects further calls, and waits for calls in flight. The worker claims no more rows, and gives back the rows that
   * it has not sent. The worker waits for its requests in flight, for at most `shutdownTimeout`. The other rows stay in
   * the database.
   */
  readonly close: () => Promise<void>
  /** Closes the outbox as `close` does, for `await using`. */
  readonly [Symbol.asyncDispose]: () => Promise<void>
}

const sqliteNames: { readonly [Name in keyof SqliteDatabase]-?: true } = { sqlite: true, table: true }

const postgresNames: { readonly [Name in keyof PostgresDatabase]-?: true } = {
  postgres: true,
  table: true,
  answerTimeout: true,
  maxConnections: true
}

const optionNames: { readonly [Name in keyof Options<unknown>]-?: true } = {
  name: true,
  webhook: true,
  schema: true,
  id: true,
  idColumn: true,
  credentials: true,
  env: true,
  baseUrl: true,
  fetch: true,
  httpClient: true,
  allowInsecure: true,
  responseLimits: true,
  userAgent: true,
  webhookSecret: true
}

const offerNames: { readonly [Name in keyof OfferOptions]-?: true } = { id: true }

const drainNames: { readonly [Name in keyof DrainOptions]-?: true } = { signal: true }

const workerNames: { readonly [Name in keyof OutboxWorker.Options]-?: true | Checks.Names } = {
  concurrency: true,
  batch: { maxRows: true, maxBytes: true },
  lease: true,
  timeout: true,
  pollInterval: true,
  backoff: { initialInterval: true, exponent: true, maxInterval: true },
  rateLimit: { requests: true, per: true },
  shutdownTimeout: true,
  keepDelivered: true
}

const inCredentials = "no option with this name (write credentials: { apiKey, apiSecret })"

/** Options that programs pass to `openOutbox` by mistake, and what to pass instead. */
const optionMistakes: Checks.Mistakes = {
  client: "the options of makeClient, such as credentials and baseUrl (the outbox makes its own client)",
  apiKey: inCredentials,
  apiSecret: inCredentials,
  ...Record.map(
    { ...sqliteNames, ...postgresNames },
    (_, name) => `an option of the second argument (pass ${name} in the first argument)`
  ),
  ...Record.map(workerNames, (_, name) => `an option of openOutbox (pass ${name} to start())`)
}

const checkDatabase = (database: unknown) => {
  const isSqlite = Predicate.hasProperty(database, "sqlite")
  const isPostgres = Predicate.hasProperty(database, "postgres")
  if (!isSqlite && !isPostgres) return Checks.ofNeither(database)
  if (isSqlite && isPostgres) {
    return [{ path: ["database"], expected: "either the option sqlite or the option postgres", received: "both" }]
  }
  return isSqlite
    ? [...Checks.ofNames(database, sqliteNames, []), ...Checks.ofText(database.sqlite, "sqlite")]
    : [
        ...Checks.ofNames(database, postgresNames, []),
        ...(Predicate.hasProperty(database, "postgres") ? Checks.ofUrl(database.postgres) : []),
        ...(Predicate.hasProperty(database, "maxConnections")
          ? Checks.ofCount(database.maxConnections, "maxConnections")
          : [])
      ]
}

/** Makes the schema that encodes the rows of an outbox. */
const toRowSchema = <A>(given: unknown): Either.Either<RowSchema<A>, InvalidOptions> =>
  Either.mapLeft(
    PromiseRuntime.rowSchema<A>(given),
    (issue) => new InvalidOptions({ issues: [{ ...issue, path: ["schema"] }] })
  )

const checkOptions = (options: unknown) => {
  const issues = Checks.ofNames(options, optionNames, [], optionMistakes)
  if (!Predicate.isRecord(options)) return issues
  const { id, schema, webhook } = options
  return [
    ...issues,
    ...Checks.ofFunction(id, "id"),
    ...Either.match(toRowSchema(schema), { onLeft: ({ issues }) => issues, onRight: () => [] }),
    ...(webhook === undefined || Predicate.isFunction(webhook) ? [] : Checks.ofWebhook(webhook))
  ]
}

const toDeadLetter = (letter: Outboxes.DeadLetter): DeadLetter => ({
  ...letter,
  offeredAt: DateTime.toDateUtc(letter.offeredAt),
  diedAt: DateTime.toDateUtc(letter.diedAt)
})

const toStatus = ({ failing }: Outboxes.Status): Status => ({
  failing: failing && { ...failing, since: DateTime.toDateUtc(failing.since) }
})

/**
 * Returns the API key and the secret of a client. Returns an empty list if a function provides them, because that
 * function may be slow.
 */
const keysOf = ({ credentials }: ClientOptions, { keys }: CredentialsService) =>
  Predicate.isFunction(credentials)
    ? Effect.succeed([])
    : Effect.match(keys, { onFailure: () => [], onSuccess: ({ apiKey, apiSecret }) => [apiKey, apiSecret] })

/** Starts a worker that ends with the scope. Reads the client's options here, because only a worker needs keys. */
const startWorker = <A>(
  outbox: Outboxes.Outbox<A, WebhookResolver>,
  webhook: Resolver.Webhook | undefined,
  client: ClientOptions,
  settings: OutboxWorker.Options,
  from: PromiseRuntime.Trace
) =>
  Effect.gen(function* () {
    yield* Checks.pass(Checks.ofNames(settings, workerNames, []))
    if (webhook === undefined) return yield* Checks.pass(Checks.ofWebhook(webhook))
    // Build the layer in a suspended effect, because `layer` throws if options or variables cannot be used.
    const services = yield* Effect.suspend(() => Layer.build(PromiseRuntime.layer(client, from)))
    const keys = yield* keysOf(client, Context.get(services, Credentials))
    yield* OutboxWorker.make(outbox, settings).pipe(
      Effect.provideService(WebhookResolver, Resolver.make(webhook, keys)),
      Effect.provide(services)
    )
  })

/**
 * Opens an outbox in a SQLite file or a Postgres database. Creates its table, or migrates it.
 *
 * Rejects with {@link InvalidOptions} if the options cannot be used, and with {@link StoreError} if the database cannot
 * be opened. If the driver of the database is not installed, the error has the reason `driver` and names the package.
 *
 * @param database the file or the URL of the database
 * @param options the rows, the webhook, and the client
 * @example
 * import { assumeCombine, openOutbox } from "@mammoth-effect/outbox/promise"
 *
 * interface Order {
 *   readonly id: number
 *   readonly total: number
 * }
 *
 * export const main = async (uri: string) => {
 *   const orders = await openOutbox<Order>(
 *     { sqlite: "outbox.db" },
 *     { name: "orders", webhook: assumeCombine(uri), id: (order) => `order-${order.id}` }
 *   )
 *   await orders.start({ concurrency: 4 })
 *   await orders.offer({ id: 1, total: 9.5 })
 *   await orders.drain()
 *   await orders.close()
 * }
 *
 * @since 0.1.0
 * @category constructors
 */
export const openOutbox = <A = unknown>(
  database: SqliteDatabase | PostgresDatabase,
  options: Options<A>
): Promise<Outbox<A>> => {
  const issues = [...checkDatabase(database), ...checkOptions(options)]
  if (issues.length > 0) {
    return PromiseRuntime.make(Layer.empty, () => new OutboxClosed()).run(openOutbox, new InvalidOptions({ issues }))
  }
  const { id, idColumn, name, schema: given, webhook, ...client } = options
  const closing = new AbortController()
  // Build the worker's scope after the store, so that `close` ends the worker before it closes the store. The worker
  // can then still settle its rows.
  const { close, iterate, run } = PromiseRuntime.make(
    Layer.provideMerge(Layer.scope, Stores.layer(database)),
    () => new OutboxClosed()
  )
  const opened = Effect.gen(function* () {
    const schema = yield* toRowSchema<A>(given)
    const outbox = yield* Outboxes.make(name, { schema, id, idColumn })
    return { outbox, isStarted: yield* Ref.make(false) }
  })
  const end = () => {
    closing.abort(new OutboxClosed())
    return close()
  }
  return run(openOutbox, opened).then(
    ({ isStarted, outbox }) => {
      const methods: Outbox<A> = {
        name: outbox.name,
        offer: (row, given = {}) =>
          run(
            methods.offer,
            Checks.before(
              () => Checks.ofNames(given, offerNames, ["options"]),
              () => outbox.offer(row, given)
            )
          ),
        offerAll: (rows) => run(methods.offerAll, outbox.offerAll(rows)),
        statement: (row, given = {}) =>
          run(
            methods.statement,
            Checks.before(
              () => Checks.ofNames(given, offerNames, ["options"]),
              () => outbox.statement(row, given)
            )
          ),
        start: (settings = {}) => {
          const from = PromiseRuntime.traceOf(methods.start)
          return run(
            methods.start,
            Effect.if(Ref.getAndSet(isStarted, true), {
              onTrue: () => Checks.pass([Checks.secondStart]),
              onFalse: () =>
                Effect.onError(startWorker(outbox, webhook, client, settings, from), () => Ref.set(isStarted, false))
            })
          )
        },
        counts: () => run(methods.counts, outbox.counts),
        status: () => run(methods.status, Effect.map(outbox.status, toStatus)),
        drain: (given = {}) => {
          const issues = Checks.ofDrain(given, drainNames)
          // Refuse a wrong signal here: otherwise the call would reject with an error for which `isOutboxError` returns
          // false.
          return issues.length > 0
            ? run(methods.drain, Checks.pass(issues))
            : run(methods.drain, outbox.drain, { signal: given.signal, closing: closing.signal })
        },
        deadLetters: () => iterate(methods.deadLetters, Stream.map(outbox.deadLetters, toDeadLetter)),
        redrive: (ids) =>
          run(
            methods.redrive,
            Checks.before(
              () => Checks.ofIds(ids),
              () => outbox.redrive(ids)
            )
          ),
        purge: (ids) =>
          run(
            methods.purge,
            Checks.before(
              () => Checks.ofIds(ids),
              () => outbox.purge(ids)
            )
          ),
        prune: (age) => run(methods.prune, outbox.prune(age)),
        close: end,
        [Symbol.asyncDispose]: end
      }
      return methods
    },
    (error: unknown) => end().then(() => Promise.reject(error))
  )
}
