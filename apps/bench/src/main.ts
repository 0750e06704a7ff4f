/** Runs the benchmarks, which compare this SDK with other clients. */
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Effect, Layer } from "effect"
import * as Calls from "./calls/Report.js"
import * as Options from "./harness/Options.js"
import * as Ingest from "./ingest/Report.js"
import * as Outbox from "./outbox/Report.js"
import * as Size from "./size/Report.js"

const reports = { ingest: Ingest.report, outbox: Outbox.report, calls: Calls.report, size: Size.report }

const run = (options: Options.Options) =>
  Effect.gen(function* () {
    for (const name of options.benchmarks) yield* Console.log(`${yield* reports[name](options)}\n`)
  })

Options.parse(process.argv.slice(2)).pipe(
  Effect.flatMap((options) => (options === undefined ? Console.log(Options.help) : run(options))),
  Effect.tapError((error) => Console.error(`bench: ${error.message}`)),
  Effect.provide(Layer.merge(NodeContext.layer, NodeHttpClient.layerUndici)),
  NodeRuntime.runMain({ disableErrorReporting: true })
)
