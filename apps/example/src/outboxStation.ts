/**
 * The process that `outbox.ts` starts. It stores days of weather in an outbox, and delivers them. With
 * `--crash-after 700`, the process kills itself after it has stored 700 days.
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

/** Kills the process immediately with SIGKILL. No finalizer runs, and no buffer is flushed. */
const crash = Effect.sync(() => process.kill(process.pid, "SIGKILL"))

const program = Effect.gen(function* () {
  const outbox = yield* Outbox.make("weather", {
    schema: Schema.typeSchema(Weather.Weather),
    // Use the date as the id: after a restart the program offers each day again, and the outbox skips the days that it has.
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
          yield* Console.log(`stored ${stored} days, then was killed`)
          yield* crash
        }
      })
    )
  )
  yield* Console.log(`found ${known} days in the outbox, stored ${stored} more`)
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
