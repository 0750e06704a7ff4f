/** Makes the store of a database from its file or its URL. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"
import type { InvalidOptions, StoreError } from "../../OutboxError.js"
import * as OutboxStore from "../../OutboxStore.js"
import * as Driver from "../database/driver.js"
import { from as failure } from "../database/storeError.js"

/** The options of a SQLite file. The public type `SqliteDatabase` documents them. */
export interface Sqlite extends OutboxStore.Options {
  readonly sqlite: string
}

/** The options of a Postgres database. The public type `PostgresDatabase` documents them. */
export interface Postgres extends OutboxStore.SqlOptions {
  readonly postgres: string | Redacted.Redacted
  readonly maxConnections?: number | undefined
}

const loadPg = Driver.load(() => import("@effect/sql-pg/PgClient").then(Either.right, Driver.missing("@effect/sql-pg")))

const postgresLayer = (database: Postgres): Layer.Layer<OutboxStore.OutboxStore, StoreError | InvalidOptions> => {
  const { answerTimeout, maxConnections, postgres, table } = database
  const client = Layer.unwrapEffect(
    Effect.map(loadPg, (PgClient) =>
      PgClient.layer({ url: Redacted.isRedacted(postgres) ? postgres : Redacted.make(postgres), maxConnections }).pipe(
        // Keep only the message of the failure, because its other properties can hold the URL with the password.
        Layer.catchAllCause((cause) => Layer.fail(failure("open")(Cause.squash(cause))))
      )
    )
  )
  return Layer.provide(OutboxStore.layerSql({ table, answerTimeout }), client)
}

export const layer = (database: Sqlite | Postgres): Layer.Layer<OutboxStore.OutboxStore, StoreError | InvalidOptions> =>
  Predicate.hasProperty(database, "sqlite")
    ? OutboxStore.layerSqlite({ filename: database.sqlite, table: database.table })
    : postgresLayer(database)
