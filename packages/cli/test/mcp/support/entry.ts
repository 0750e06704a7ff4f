import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
/** Serves MCP as a process of its own: `entry.js WORKSPACE PROJECT [--allow-write] [--allow-destructive] [--verbose]`. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as Webhooks from "@mammoth-effect/client/Webhooks"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import { serve } from "../../../src/internal/mcp/server.js"

const [workspaceId, projectId, ...flags] = process.argv.slice(2)

const WebhooksLayer = Webhooks.layerConfig().pipe(Layer.provide(FetchHttpClient.layer))

NodeRuntime.runMain(
  serve({
    workspaceId: Number(workspaceId),
    projectId: Number(projectId),
    allowWrite: flags.includes("--allow-write"),
    allowDestructive: flags.includes("--allow-destructive"),
    version: "1.2.3"
  }).pipe(
    Effect.provide(WebhooksLayer),
    Logger.withMinimumLogLevel(flags.includes("--verbose") ? LogLevel.All : LogLevel.Info)
  )
)
