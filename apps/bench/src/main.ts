/** Measures this SDK beside hand-written peers. */
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Effect, Layer } from "effect"
import * as Ingest from "./Ingest.js"
import * as IngestReport from "./IngestReport.js"
import * as Options from "./Options.js"

Options.parse(process.argv.slice(2)).pipe(
  Effect.flatMap((options) =>
    options === undefined
      ? Console.log(Options.help)
      : Effect.flatMap(Ingest.run(options), (results) => Console.log(IngestReport.format(results, options)))
  ),
  Effect.tapError((error) => Console.error(`bench: ${error.message}`)),
  Effect.provide(Layer.merge(NodeContext.layer, NodeHttpClient.layerUndici)),
  NodeRuntime.runMain({ disableErrorReporting: true })
)
