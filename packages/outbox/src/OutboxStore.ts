/**
 * Keeps the rows of outboxes in one table, on SQLite or Postgres.
 *
 * @since 0.1.0
 */
import * as Reactivity from "@effect/experimental/Reactivity"
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Time from "@mammoth-effect/core/Time"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import * as Answer from "./internal/database/answer.js"
import * as Connection from "./internal/database/connection.js"
import * as Driver from "./internal/database/driver.js"
import * as File from "./internal/database/file.js"
import { from as failure } from "./internal/database/storeError.js"
import * as Transaction from "./internal/database/transaction.js"
import * as Dialect from "./internal/sql/dialect.js"
import * as Migrations from "./internal/sql/schema.js"
import * as Statements from "./internal/sql/statements.js"
import { ForeignTransaction, InvalidOptions, StoreError } from "./OutboxError.js"
import type { Failure, Service } from "./OutboxStoreService.js"

export {
  type Claim,
  type ClaimedRow,
  Counts,
  type DeadRow,
  type Failing,
  type Failure,
  type Insertion,
  type NewRow,
  type Service,
  type Settlement
} from "./OutboxStoreService.js"

/**
 * Reads and changes the table that outboxes share.
 *
 * @example
 * import { OutboxStore } from "@mammoth-effect/outbox"
 * import { Effect } from "effect"
 *
 * const counts = Effect.flatMap(OutboxStore.OutboxStore, (store) => store.counts("orders"))
 *
 * @since 0.1.0
 * @category tags
 */
export class OutboxStore extends Context.Tag("@mammoth-effect/outbox/OutboxStore")<OutboxStore, Service>() {}

/**
 * The options of a store: the name of its table.
 *
 * @since 0.1.0
 * @category options
 */
export interface Options {
  /** The table's name. On Postgres, the name can include a schema: `events.outbox`. Default: `mammoth_outbox`. */
  readonly table?: string | undefined
}

/**
 * Retries a statement while another writer holds the lock, for 10 seconds at most. The event loop is free between
 * retries.
 */
const whileBusy = Schedule.exponential("10 millis", 1.5).pipe(
  Schedule.union(Schedule.spaced("250 millis")),
  Schedule.jittered,
  Schedule.upTo("10 seconds"),
  // Do not retry after a lock timeout of Postgres, because Postgres has already waited for the lock.
  Schedule.whileInput(
    (error: Failure) =>
      error._tag === "MammothStoreError" && error.reason === "busy" && error.code !== Answer.lockNotAvailable
  )
)

/**
 * Lets the event loop handle other events. The drivers of SQLite are synchronous, so a loop of offers would otherwise
 * block every timer and every request of the process.
 */
const yieldToLoop = Effect.async<void>((resume) => {
  setImmediate(() => resume(Effect.void))
})

/**
 * Runs a statement, and then checks that the database's file is still there. If the file is gone, the result is a
 * failure with reason `storage`, even if the statement has failed with another error. The missing file is then the
 * cause of that error.
 */
const verified = <A, E>(
  operation: string,
  path: string,
  opened: File.Identity,
  statement: Effect.Effect<A, E>
): Effect.Effect<A, E | StoreError> =>
  Effect.flatMap(Effect.exit(statement), (exit) => Effect.zipRight(File.verify(operation, path, opened), exit))

/** Runs one statement on the table. `isWithin` is true if the caller is in a transaction. */
type Execute = <A>(
  operation: string,
  statement: (statements: Statements.Statements) => Effect.Effect<A, SqlError>,
  isWithin: boolean
) => Effect.Effect<A, SqlError | Failure>

const make = (execute: Execute, { insertion }: Pick<Statements.Statements, "insertion">): Service => {
  const run = <A>(operation: string, statement: (statements: Statements.Statements) => Effect.Effect<A, SqlError>) =>
    Effect.flatMap(Transaction.isWithin, (isWithin) =>
      execute(operation, statement, isWithin).pipe(
        Effect.mapError((error) => (error._tag === "SqlError" ? failure(operation)(error) : error)),
        // Retry only outside a transaction. Within a transaction, a failure usually ends the whole transaction, and
        // the caller must run it again.
        Effect.retry({ schedule: whileBusy, while: () => !isWithin })
      )
    )
  return {
    insert: (...parameters) => run("offer", ({ insert }) => insert(...parameters)),
    // Call `insertion` directly and not through `run`. `insertion` only writes SQL, so it needs no connection and works
    // in a transaction of any client.
    insertion: (...parameters) => Effect.mapError(insertion(...parameters), failure("statement")),
    claim: (...parameters) => run("claim", ({ claim }) => claim(...parameters)),
    renew: (...parameters) => run("renew", ({ renew }) => renew(...parameters)),
    settle: (...parameters) => run("settle", ({ settle }) => settle(...parameters)),
    restart: (...parameters) => run("restart", ({ restart }) => restart(...parameters)),
    counts: (...parameters) => run("counts", ({ counts }) => counts(...parameters)),
    failing: (...parameters) => run("status", ({ failing }) => failing(...parameters)),
    isOpen: (...parameters) => run("drain", ({ isOpen }) => isOpen(...parameters)),
    dead: (...parameters) => run("deadLetters", ({ dead }) => dead(...parameters)),
    redrive: (...parameters) => run("redrive", ({ redrive }) => redrive(...parameters)),
    purge: (...parameters) => run("purge", ({ purge }) => purge(...parameters)),
    prune: (...parameters) => run("prune", ({ prune }) => prune(...parameters))
  }
}

/**
 * Retries a migration while other processes migrate the table, or use it in a transaction. Gives up after 30 seconds.
 */
const whileOthersMigrate = Schedule.exponential("50 millis").pipe(
  Schedule.union(Schedule.spaced("1 second")),
  Schedule.jittered,
  Schedule.upTo("30 seconds"),
  Schedule.whileInput(({ reason }: StoreError) => reason === "busy")
)

const migrate = (sql: SqlClient.SqlClient, table: string): Effect.Effect<void, StoreError> => {
  const wrong = Migrations.wrongName(sql, table)
  return wrong === undefined
    ? Transaction.outside(Migrations.migrate(sql, table)).pipe(
        // Turn a defect into a failure, because the client reports a failed commit as a defect.
        Effect.catchAllDefect(Effect.fail),
        Effect.mapError(failure("migrate"))
      )
    : new StoreError({ operation: "migrate", reason: "schema", description: wrong })
}

/**
 * The options of a store in your own database: the name of its table, and how long to wait for each response of the
 * database.
 *
 * @since 0.1.0
 * @category options
 */
export interface SqlOptions extends Options {
  /**
   * The longest time to wait for the response of Postgres to each statement outside a transaction. After that time, the
   * connection counts as lost. The statements of `redrive` and `purge` have no limit.
   *
   * A statement waits for a lock of another transaction for half of this time, at most 10 seconds. The statement then
   * fails with reason `busy`. If the database sets `lock_timeout`, a statement waits for at most that time instead.
   *
   * Default: 30 seconds.
   */
  readonly answerTimeout?: Duration.DurationInput | undefined
}

/** The longest time for which a statement waits for a lock of another transaction, in milliseconds. */
const longestLock = 10_000

/** The operations that have no time limit, because their statements can change any number of rows. */
const unbounded: ReadonlyArray<string> = ["redrive", "purge"]

/**
 * Keeps outboxes in your own SQLite or Postgres database, over its `SqlClient`. An `offer` within a transaction of this
 * `SqlClient` is part of the transaction. If the transaction is committed, the row is sent. If the transaction is
 * rolled back, the row is never sent. The layer creates or migrates the table when it is built.
 *
 * The settings of the database decide whether a stored row survives a power failure. Keep the defaults:
 * `synchronous = FULL` for SQLite, `synchronous_commit = on` for Postgres. If a SQLite file is deleted, moved or
 * replaced while it is open, every operation fails, as with {@link layerSqlite}.
 *
 * @example
 * import { PgClient } from "@effect/sql-pg"
 * import { Outbox } from "@mammoth-effect/outbox"
 * import { Config, Layer } from "effect"
 *
 * const StoreLayer = Outbox.layerSql().pipe(
 *   Layer.provideMerge(PgClient.layerConfig({ url: Config.redacted("DATABASE_URL") }))
 * )
 *
 * @since 0.1.0
 * @category layers
 */
export const layerSql = (
  options?: SqlOptions
): Layer.Layer<OutboxStore, StoreError | InvalidOptions, SqlClient.SqlClient> => {
  const table = options?.table ?? "mammoth_outbox"
  return Layer.scoped(
    OutboxStore,
    Effect.gen(function* () {
      const sql = (yield* SqlClient.SqlClient).withoutTransforms()
      const limit = yield* Either.mapLeft(
        Time.read(["answerTimeout"], options?.answerTimeout ?? "30 seconds"),
        (issue) => new InvalidOptions({ issues: [issue] })
      )
      const scope = yield* Effect.scope
      yield* Effect.retry(migrate(sql, table), whileOthersMigrate)
      return yield* sql.onDialectOrElse({
        pg: () =>
          Effect.map(Effect.mapError(Dialect.isUnicode(sql), failure("open")), (isUnicode) => {
            const isAsciiOnly = !isUnicode
            const within = Statements.make(sql, table, { isAsciiOnly })
            const lockTimeout = Math.ceil(Math.min(Duration.toMillis(limit) / 2, longestLock))
            const alone = Statements.make(sql, table, { isAsciiOnly, lockTimeout })
            const answered = Answer.within(limit, scope, Dialect.isWaiting(sql, table))
            return make(
              (operation, statement, isWithin) =>
                isWithin
                  ? statement(within)
                  : unbounded.includes(operation)
                    ? statement(alone)
                    : answered(operation, statement(alone)),
              within
            )
          }),
        orElse: () =>
          Effect.gen(function* () {
            const statements = Statements.make(sql, table)
            const path = yield* Effect.mapError(Dialect.file(sql), failure("open"))
            // Check only the database file, and not SQLite's log. SQLite deletes the log when the caller's client
            // closes its last connection, so the log may be missing.
            const opened = (yield* File.identity("open", path)).slice(0, 1)
            return make(
              (operation, statement) =>
                Effect.ensuring(verified(operation, path, opened, statement(statements)), yieldToLoop),
              statements
            )
          })
      })
    })
  )
}

const loadLibsql = Driver.load(() =>
  import("@effect/sql-libsql/LibsqlClient").then(Either.right, Driver.missing("@effect/sql-libsql"))
)

/**
 * Keeps outboxes in their own SQLite file. Creates the file if it does not exist. The folder must exist. Each row is on
 * the disk when its `offer` returns (`synchronous = FULL`, in WAL mode). Needs the package `@effect/sql-libsql`.
 *
 * `filename` is a path and never a URI. The layer refuses the name of a database in memory.
 *
 * If the file, or SQLite's log next to the file, is deleted, moved or replaced, every operation fails with a
 * `StoreError` of reason `storage`. The check costs some microseconds for each statement.
 *
 * Several processes of one machine can share the file. The file must not be on a network drive. Within a transaction of
 * another client, every operation fails with `ForeignTransaction`. Use {@link layerSql} to take part in transactions.
 *
 * @example
 * import { Outbox } from "@mammoth-effect/outbox"
 *
 * const StoreLayer = Outbox.layerSqlite({ filename: "data/outbox.db" })
 *
 * @since 0.1.0
 * @category layers
 */
export const layerSqlite = (options: Options & { readonly filename: string }): Layer.Layer<OutboxStore, StoreError> => {
  const table = options.table ?? "mammoth_outbox"
  return Layer.scoped(
    OutboxStore,
    Effect.gen(function* () {
      const path = yield* File.resolve(options.filename)
      const LibsqlClient = yield* loadLibsql
      const open = Effect.gen(function* () {
        // Turn a defect into a failure, because the driver throws if it cannot open the file.
        const sql = yield* LibsqlClient.make({ url: File.url(path) }).pipe(
          Effect.catchAllDefect((defect) => Effect.fail(failure("open")(defect)))
        )
        // Set a short busy timeout, because SQLite blocks the event loop while it waits for a lock. `whileBusy` then
        // retries without blocking. Read `user_version`: SQLite then opens its log, which `File.identity` checks next.
        for (const setting of ["busy_timeout = 100", "journal_mode = wal", "synchronous = full", "user_version"]) {
          yield* Effect.mapError(sql.unsafe(`pragma ${setting}`), failure("open"))
        }
        return sql
      }).pipe(Effect.provideService(Reactivity.Reactivity, yield* Reactivity.Reactivity))
      // Migrate with a new client for each try, because a client cannot begin another transaction after a failed
      // `begin`. Close this client after the migration: its next connection would not have the settings above.
      const { database, written } = yield* Effect.gen(function* () {
        const sql = yield* open
        yield* migrate(sql, table)
        const [database] = yield* File.identity("open", path)
        // Store these statements for `insertion`. `insertion` only returns SQL and executes nothing, so it works even
        // after this client is closed.
        return { database, written: Statements.make(sql, table) }
      }).pipe(Effect.scoped, Effect.retry(whileOthersMigrate))
      const openAgain = Effect.gen(function* () {
        // Check the file before opening it, because opening would create a new file if the old file was deleted.
        yield* File.verify("open", path, [database])
        const statements = Statements.make(yield* open, table)
        const opened = yield* File.identity("open", path)
        return { statements, opened: [database, ...opened.slice(1)] }
      })
      const use = yield* Effect.retry(Connection.make(openAgain), whileBusy)
      return make(
        (operation, statement, isWithin) =>
          isWithin
            ? new ForeignTransaction({ operation })
            : Effect.ensuring(
                use(({ opened, statements }) => verified(operation, path, opened, statement(statements))),
                yieldToLoop
              ),
        written
      )
    })
  ).pipe(Layer.provide(Reactivity.layer))
}
