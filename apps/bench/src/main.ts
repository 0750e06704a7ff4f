/** Measures this SDK beside hand-written peers. */
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Effect, Layer } from "effect"
import * as Calls from "./Calls.js"
import * as CallsKept from "./CallsKept.js"
import * as CallsReport from "./CallsReport.js"
import * as Durable from "./Durable.js"
import * as DurableReport from "./DurableReport.js"
import * as Ingest from "./Ingest.js"
import * as IngestReport from "./IngestReport.js"
import * as Options from "./Options.js"
import * as SizeReport from "./SizeReport.js"

const reports = {
  ingest: (options: Options.Options) =>
    Effect.map(Ingest.run(options), (results) => IngestReport.format(results, options)),
  outbox: (options: Options.Options) =>
    Effect.map(Durable.run(options), (results) => DurableReport.format(results, options)),
  calls: (options: Options.Options) =>
    Calls.run(options).pipe(
      Effect.tap((figures) => (options.keep ? CallsKept.keep(figures) : Effect.void)),
      Effect.map((figures) => CallsReport.format(figures, options))
    ),
  size: (options: Options.Options) =>
    SizeReport.run(options).pipe(
      Effect.tap((result) => (options.keep ? SizeReport.keep(result) : Effect.void)),
      Effect.map(SizeReport.format)
    )
}

const report = (options: Options.Options) =>
  Effect.gen(function* () {
    for (const name of options.benchmarks) yield* Console.log(`${yield* reports[name](options)}\n`)
  })

Options.parse(process.argv.slice(2)).pipe(
  Effect.flatMap((options) => (options === undefined ? Console.log(Options.help) : report(options))),
  Effect.tapError((error) => Console.error(`bench: ${error.message}`)),
  Effect.provide(Layer.merge(NodeContext.layer, NodeHttpClient.layerUndici)),
  NodeRuntime.runMain({ disableErrorReporting: true })
)
