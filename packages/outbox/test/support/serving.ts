/** A service with a worker, as the guide shows one, which runs until a signal ends it. */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as PgClient from "@effect/sql-pg/PgClient"
import * as Credentials from "@mammoth-effect/client/Credentials"
import * as MammothConfig from "@mammoth-effect/client/MammothConfig"
import * as Webhooks from "@mammoth-effect/client/Webhooks"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Outbox from "../../src/Outbox.js"
import * as OutboxWorker from "../../src/OutboxWorker.js"
import * as WebhookResolver from "../../src/WebhookResolver.js"

const StoreLayer = Layer.unwrapEffect(
  Effect.map(
    Config.all({ sqlite: Config.option(Config.string("CRASH_SQLITE")), table: Config.string("CRASH_TABLE") }),
    ({ sqlite, table }) =>
      Option.isSome(sqlite)
        ? Outbox.layerSqlite({ filename: sqlite.value, table })
        : Outbox.layerSql({ table }).pipe(
            Layer.provide(PgClient.layerConfig({ url: Config.redacted("CRASH_POSTGRES") }))
          )
  )
)

OutboxWorker.layer(Outbox.make("rows", { schema: Schema.Struct({ n: Schema.Int }) }), { concurrency: 2 }).pipe(
  Layer.provide([
    Webhooks.layer.pipe(
      Layer.provide([Credentials.layerConfig(), MammothConfig.layerConfig(), NodeHttpClient.layerUndici])
    ),
    WebhookResolver.layerConfig({ rows: Config.redacted("CRASH_WEBHOOK") }),
    StoreLayer
  ]),
  Layer.launch,
  NodeRuntime.runMain
)
