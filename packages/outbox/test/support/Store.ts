/** Opens the store of a started process. Environment variables name the database and the table. */
import * as PgClient from "@effect/sql-pg/PgClient"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Outbox from "../../src/Outbox.js"

export const StoreLayer = Layer.unwrapEffect(
  Effect.map(
    Config.all({ sqlite: Config.option(Config.string("CRASH_SQLITE")), table: Config.string("CRASH_TABLE") }),
    ({ sqlite, table }) =>
      Option.isSome(sqlite)
        ? Outbox.layerSqlite({ filename: sqlite.value, table })
        : Outbox.layerSql({ table }).pipe(
            Layer.provide(
              PgClient.layerConfig({ url: Config.redacted("CRASH_POSTGRES"), maxConnections: Config.succeed(4) })
            )
          )
  )
)
