/** Runs a service with a worker, as in the guide, until a signal ends it. */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Webhooks from "@mammoth-effect/client/Webhooks"
import * as Config from "effect/Config"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Outbox from "../../src/Outbox.js"
import * as OutboxWorker from "../../src/OutboxWorker.js"
import * as WebhookResolver from "../../src/WebhookResolver.js"
import { StoreLayer } from "./Store.js"

OutboxWorker.layer(Outbox.make("rows", { schema: Schema.Struct({ n: Schema.Int }) }), { concurrency: 2 }).pipe(
  Layer.provide([
    Webhooks.layerConfig().pipe(Layer.provide(NodeHttpClient.layerUndici)),
    WebhookResolver.layerConfig({ rows: Config.redacted("CRASH_WEBHOOK") }),
    StoreLayer
  ]),
  Layer.launch,
  NodeRuntime.runMain
)
