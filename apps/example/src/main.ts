/** Pushes four years of Seattle's weather through all seven operations. */
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as UndiciHttpClient from "@mammoth-effect/client/UndiciHttpClient"
import { Effect, Layer } from "effect"
import * as Failure from "./Failure.js"
import * as Server from "./Server.js"
import * as Tour from "./Tour.js"
import * as Trace from "./Trace.js"

const MainLayer = Layer.merge(Server.layer, Trace.layer(process.argv.includes("--trace"))).pipe(
  Layer.provide(UndiciHttpClient.layer()),
  Layer.merge(NodeContext.layer)
)

Tour.program.pipe(
  Effect.provide(MainLayer),
  Failure.report,
  NodeRuntime.runMain({ disableErrorReporting: true, teardown: Failure.teardown })
)
