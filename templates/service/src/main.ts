import { createServer } from "node:http"
import { FetchHttpClient, HttpServer } from "@effect/platform"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Webhooks } from "@mammoth-effect/client"
import { Config, Layer, Schema } from "effect"
import { app } from "./App.js"
import * as Orders from "./Orders.js"

const MammothLayer = Webhooks.layerConfig().pipe(Layer.provide(FetchHttpClient.layer))

// Provide `Orders.layer` to the server, so that the ingestor outlives the server. After SIGTERM, the server stops first. Then the
// ingestor delivers its remaining orders.
const Main = HttpServer.serve(app).pipe(
  HttpServer.withLogAddress,
  Layer.provide(
    NodeHttpServer.layerConfig(createServer, {
      // Use the default port if PORT is missing or empty.
      port: Config.nonEmptyString("PORT").pipe(
        Config.mapAttempt(Schema.decodeUnknownSync(Schema.NumberFromString)),
        Config.withDefault(3000)
      ),
      host: Config.succeed("127.0.0.1")
    })
  ),
  Layer.provide(Orders.layer),
  Layer.provide(MammothLayer)
)

NodeRuntime.runMain(Layer.launch(Main))
