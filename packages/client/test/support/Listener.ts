/** Makes servers with responses that the emulator cannot give. */
import { createServer, type RequestListener } from "node:http"
import type { AddressInfo } from "node:net"
import type * as HttpClient from "@effect/platform/HttpClient"
import { Effect, Layer } from "effect"
import { MammothConfig, RetryPolicy, Webhooks } from "../../src/index.js"
import * as Server from "./Server.js"

/** Starts a server. Returns its base URL, and a function that returns the number of its connections. */
export const serving = (listener: RequestListener) =>
  Effect.acquireRelease(
    Effect.async<{ readonly baseUrl: string; readonly connections: () => number; readonly close: () => void }>(
      (resume) => {
        let connections = 0
        const server = createServer(listener)
        server.on("connection", () => connections++)
        server.listen(0, "127.0.0.1", () => {
          const { port } = server.address() as AddressInfo
          resume(
            Effect.succeed({
              baseUrl: `http://127.0.0.1:${port}`,
              connections: () => connections,
              close: () => {
                server.closeAllConnections()
                server.close()
              }
            })
          )
        })
      }
    ),
    ({ close }) => Effect.sync(close)
  )

/** Provides the operations against a server, without retries. */
export const calling = (
  baseUrl: string,
  client: Layer.Layer<HttpClient.HttpClient>,
  config: MammothConfig.Options = {}
) =>
  Webhooks.layer.pipe(
    Layer.provide([
      Server.keys("key", "secret"),
      MammothConfig.layer({ baseUrl, timeout: "10 seconds", ...config }),
      RetryPolicy.layer(RetryPolicy.none),
      client
    ]),
    Layer.orDie
  )
