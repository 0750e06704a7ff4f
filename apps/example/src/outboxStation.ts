/**
 * A process that keeps days of weather in an outbox and delivers them: the part of `outbox.ts` that crashes. With
 * `--crash-after 700` it is killed once it has stored so many, as a power cut would end it.
 */
import { parseArgs } from "node:util"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Webhooks } from "@mammoth-effect/client"
import { Outbox, OutboxWorker, WebhookResolver } from "@mammoth-effect/outbox"
import { Config, Console, Effect, Layer, Schema, Stream } from "effect"
import * as Failure from "./Failure.js"
import * as Weather from "./Weather.js"

const { values } = parseArgs({ options: { "crash-after": { type: "string", default: "Infinity" } } })
const crashAfter = Number(values["crash-after"])

/** No finalizer runs, nothing is flushed, no promise is settled. */
const crash = Effect.sync(() => process.kill(process.pid, "SIGKILL"))

const program = Effect.gen(function* () {
  const outbox = yield* Outbox.make("weather", {
    schema: Schema.typeSchema(Weather.Weather),
    // a day that is offered again, as after a restart, is known by its date
    id: (day) => day.date,
    idColumn: "event_id"
  })
  yield* OutboxWorker.make(outbox, { lease: "2 seconds", backoff: { initialInterval: "50 millis" } })

  let known = 0
  let stored = 0
  yield* Weather.days(yield* Weather.file).pipe(
    Stream.runForEach((day) =>
      Effect.gen(function* () {
        const { isDuplicate } = yield* outbox.offer(day)
        if (isDuplicate) known += 1
        else stored += 1
        if (stored === crashAfter) {
          yield* Console.log(`stored ${stored} days, and is killed`)
          yield* crash
        }
      })
    )
  )
  yield* Console.log(`knew ${known} days already, stored ${stored} more`)
  yield* outbox.drain
})

const StationLayer = Layer.mergeAll(
  Layer.unwrapEffect(Effect.map(Config.nonEmptyString("OUTBOX_FILE"), (filename) => Outbox.layerSqlite({ filename }))),
  WebhookResolver.layerConfig({ weather: Config.redacted("WEATHER_WEBHOOK") }),
  Webhooks.layerConfig().pipe(Layer.provide(NodeHttpClient.layerUndici))
)

program.pipe(
  Effect.scoped,
  Effect.provide(StationLayer),
  Failure.report,
  NodeRuntime.runMain({ disableErrorReporting: true, teardown: Failure.teardown })
)
