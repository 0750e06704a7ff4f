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
 * The table that outboxes share.
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
 * Names the table.
 *
 * @since 0.1.0
 * @category options
 */
export interface Options {
  /** The table's name, also with a schema before it (`events.outbox`). Default `mammoth_outbox`. */
  readonly table?: string | undefined
}

/** Waits for another writer to end, without holding this process up. */
const whileBusy = Schedule.exponential("10 millis", 1.5).pipe(
  Schedule.union(Schedule.spaced("250 millis")),
  Schedule.jittered,
  Schedule.upTo("10 seconds"),
  // Postgres has waited by itself for a lock that it did not get
  Schedule.whileInput(
    (error: Failure) =>
      error._tag === "MammothStoreError" && error.reason === "busy" && error.code !== Answer.lockNotAvailable
  )
)

/**
 * Gives the event loop a turn. The drivers of SQLite are synchronous and never do, so a loop of offers would hold up every
 * timer and every request of the process.
 */
const yieldToLoop = Effect.async<void>((resume) => {
  setImmediate(() => resume(Effect.void))
})

/** Runs a statement, which counts only if its file is still there afterwards; if not, that tells more than its own failure. */
const verified = <A, E>(
  operation: string,
  path: string,
  opened: File.Identity,
  statement: Effect.Effect<A, E>
): Effect.Effect<A, E | StoreError> =>
  Effect.flatMap(Effect.exit(statement), (exit) => Effect.zipRight(File.verify(operation, path, opened), exit))

/** Runs one statement of the table's, within a transaction of the caller's or on its own. */
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
        // a transaction is the caller's to repeat, as what fails in it has mostly ended it
        Effect.retry({ schedule: whileBusy, while: () => !isWithin })
      )
    )
  return {
    insert: (...parameters) => run("offer", ({ insert }) => insert(...parameters)),
    // in no transaction and not within one: nothing is executed
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

/** Waits for other processes that change the table, or whose transactions use it. */
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
        // a transaction that cannot be committed is a defect to the client
        Effect.catchAllDefect(Effect.fail),
        Effect.mapError(failure("migrate"))
      )
    : new StoreError({ operation: "migrate", reason: "schema", description: wrong })
}

/**
 * Names the table in a database of the caller's, and limits the wait for its answers.
 *
 * @since 0.1.0
 * @category options
 */
export interface SqlOptions extends Options {
  /**
   * The longest wait for Postgres to answer a statement that is in no transaction. After it the connection is taken to be
   * lost. Re-driving and purging may take any time. Half of the wait, at most 10 seconds, is for locks of other transactions:
   * a statement that does not get one fails as `busy`. A `lock_timeout` that the database is set to has precedence.
   * Default: 30 seconds.
   */
  readonly answerTimeout?: Duration.DurationInput | undefined
}

/** The longest wait for a lock of another transaction, in milliseconds. */
const longestLock = 10_000

/** The operations that may change any number of rows in one statement. */
const unbounded: ReadonlyArray<string> = ["redrive", "purge"]

/**
 * Keeps the outbox in a database of the caller's, over its `SqlClient`, which may be of SQLite or of Postgres. An `offer`
 * within a transaction of that client is part of it: rolled back means never sent, committed means sent. The table is
 * created, or brought up to date, when the layer is built.
 *
 * The client's settings decide what is durable: SQLite has to have `synchronous` at `FULL`, its default, and Postgres
 * `synchronous_commit` at `on`, its default. A file of SQLite that is deleted, moved or replaced while it is open fails
 * every operation, as with {@link layerSqlite}.
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
            // not its log, which ends with the last connection: a client may close and open connections as it likes
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
 * Keeps the outbox in a SQLite file of its own, which is created if there is none; its folder has to exist. Each offer is
 * on the disk when it returns (`synchronous = FULL`, in WAL mode). It needs the package `@effect/sql-libsql`. `filename` is a path and never a URI; names of databases
 * in memory are refused.
 *
 * Every operation fails with a `StoreError` of reason `storage` once the file, or the log that SQLite keeps beside it, is
 * not the one that was opened: it was deleted, moved or replaced. Looking costs some microseconds for each statement.
 *
 * Several processes of one machine may share the file; it must not lie on a network drive. It takes part in no
 * transaction, and fails with `ForeignTransaction` within one: use {@link layerSql} for that.
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
        // throws where the file cannot be opened
        const sql = yield* LibsqlClient.make({ url: File.url(path) }).pipe(
          Effect.catchAllDefect((defect) => Effect.fail(failure("open")(defect)))
        )
        // how long this process stands still for another writer; `whileBusy` goes on waiting without that. The version is
        // read to have SQLite open its log
        for (const setting of ["busy_timeout = 100", "journal_mode = wal", "synchronous = full", "user_version"]) {
          yield* Effect.mapError(sql.unsafe(`pragma ${setting}`), failure("open"))
        }
        return sql
      }).pipe(Effect.provideService(Reactivity.Reactivity, yield* Reactivity.Reactivity))
      // with a client of its own for each try: one that could not begin a transaction never lets another begin, and one
      // that could has given up the connection with these settings
      const { database, written } = yield* Effect.gen(function* () {
        const sql = yield* open
        yield* migrate(sql, table)
        const [database] = yield* File.identity("open", path)
        // only writes statements, for which its client need not be open
        return { database, written: Statements.make(sql, table) }
      }).pipe(Effect.scoped, Effect.retry(whileOthersMigrate))
      const openAgain = Effect.gen(function* () {
        // before, so that no new file is made in place of a deleted one
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
