import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
/** Runs a service for `Ingestor.test.ts`. The service offers rows until it gets a signal, and prints each taken row. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import { Effect, Layer, Schema } from "effect"
import { Ingestor, Webhooks, WebhookTarget } from "../../src/index.js"

const write = (line: string) => Effect.sync(() => void process.stdout.write(`${line}\n`))

const program = Effect.gen(function* () {
  yield* Effect.addFinalizer(() => write("ended"))
  const ingestor = yield* Ingestor.make(WebhookTarget.assumeCombine(process.env["WEBHOOK_URI"] ?? ""), {
    schema: Schema.Struct({ id: Schema.Int }),
    capacity: 200,
    concurrency: 4,
    drainTimeout: "500 millis",
    onUndelivered: ({ row }) => write(`left ${row.id}`)
  })
  for (let id = 0; ; id++) {
    yield* Effect.uninterruptible(Effect.zipRight(ingestor.offer({ id }), write(`took ${id}`)))
  }
}).pipe(Effect.scoped)

program.pipe(Effect.provide(Webhooks.layerConfig().pipe(Layer.provide(FetchHttpClient.layer))), NodeRuntime.runMain)
