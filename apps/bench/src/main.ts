/** Measures this SDK beside hand-written peers. */
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Effect, Layer } from "effect"
import * as Durable from "./Durable.js"
import * as DurableReport from "./DurableReport.js"
import * as Ingest from "./Ingest.js"
import * as IngestReport from "./IngestReport.js"
import * as Options from "./Options.js"
import * as SizeReport from "./SizeReport.js"

const report = (options: Options.Options) =>
  Effect.gen(function* () {
    if (options.benchmark === "size") {
      const result = yield* SizeReport.run(options)
      if (options.keep) yield* SizeReport.keep(result)
      return SizeReport.format(result)
    }
    return options.benchmark === "ingest"
      ? IngestReport.format(yield* Ingest.run(options), options)
      : DurableReport.format(yield* Durable.run(options))
  })

Options.parse(process.argv.slice(2)).pipe(
  Effect.flatMap((options) =>
    options === undefined ? Console.log(Options.help) : Effect.flatMap(report(options), (text) => Console.log(text))
  ),
  Effect.tapError((error) => Console.error(`bench: ${error.message}`)),
  Effect.provide(Layer.merge(NodeContext.layer, NodeHttpClient.layerUndici)),
  NodeRuntime.runMain({ disableErrorReporting: true })
)
