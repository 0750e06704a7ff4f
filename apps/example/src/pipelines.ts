/**
 * Six short pipelines that compose operations, streams, typed errors and layers. Each runs against an emulator in this
 * process, and prints its result.
 */
import { HttpClient } from "@effect/platform"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Credentials, MammothConfig, RequestOptions, Webhooks } from "@mammoth-effect/client"
import { Delivery, type Webhook, type WebhooksError } from "@mammoth-effect/core"
import { Emulator, Fault } from "@mammoth-effect/emulator"
import { Chunk, Effect, Layer, Redacted, Ref, Schema, Stream } from "effect"
import * as Failure from "./Failure.js"
import * as Report from "./Report.js"
import * as Weather from "./Weather.js"

const project = Webhooks.inProject({ workspaceId: 1, projectId: 1 })

// 1. Push each row of a stream. The type of `webhook` allows only a webhook in mode combine. A `ReplaceWebhook` does not
//    compile here, because its dataset would keep only the last row.
const append = <E, R>(rows: Stream.Stream<Weather.Weather, E, R>, webhook: Webhook.CombineWebhook) =>
  rows.pipe(
    Stream.mapEffect((row) => Webhooks.addData(webhook, row), { concurrency: 8 }),
    Stream.runCount
  )

const snowDays = Effect.gen(function* () {
  const snow = yield* project.ensure("snow", { mode: "combine" })
  const days = Weather.days(yield* Weather.file)
  const sent = yield* append(
    Stream.filter(days, (day) => day.weather === "snow"),
    snow
  )
  return `pushed ${Report.count(sent, "day")} of snow to dataset ${snow.datasetId}`
})

// 2. Read webhooks page by page. The stream requests a page only when the consumer needs it. Each webhook has only the
//    requested fields, so `webhook.uri` does not compile. `RequestOptions.withOptions` applies to every call of the stream.
const pages = Effect.gen(function* () {
  const stations = ["north", "east", "south", "west", "harbour"]
  yield* Effect.forEach(stations, (name) => project.ensure(name, { mode: "combine" }), { concurrency: "unbounded" })
  const answers = yield* Ref.make(0)
  const names = yield* project.stream({ name: stations, fields: ["name"], sort: [["name", "asc"]], limit: 2 }).pipe(
    RequestOptions.withOptions({ onResponse: () => Ref.update(answers, (n) => n + 1), deadline: "5 seconds" }),
    Stream.map((webhook) => webhook.name),
    Stream.take(4),
    Stream.runCollect
  )
  return `the first 4 of ${stations.length} names (${Chunk.join(names, ", ")}) took ${Report.count(yield* answers, "request")}`
})

// 3. Handle one error. The type of an operation lists its errors. `catchTags` removes the handled error from the type,
//    here `NotFound`.
const nameOf = (
  webhookId: number
): Effect.Effect<string, Exclude<Webhooks.ReadError, WebhooksError.NotFound>, Webhooks.Webhooks> =>
  project.getDetails({ webhookId, fields: ["name"] }).pipe(
    Effect.map((webhook) => webhook.name),
    Effect.catchTags({ MammothNotFound: () => Effect.succeed("not found") })
  )

const recovery = Effect.map(
  Effect.forEach([1, 404], nameOf),
  ([known, unknown]) => `webhook 1 is named ${known}; webhook 404: ${unknown}`
)

// 4. Rotate credentials. `Credentials.layerPerAttempt` runs its effect for every attempt. The first key has expired, so
//    the server responds with 401. The vault then returns another key, so the call retries once.
const VaultLayer = Layer.unwrapEffect(
  Effect.gen(function* () {
    const { apiKey, apiSecret } = yield* Emulator.Emulator
    const visits = yield* Ref.make(0)
    const keys = Effect.map(
      Ref.updateAndGet(visits, (n) => n + 1),
      (visit) => ({ apiKey: visit === 1 ? Redacted.make("expired") : apiKey, apiSecret })
    )
    return Credentials.layerPerAttempt(keys)
  })
)

const rotation = Effect.gen(function* () {
  const statuses = yield* Ref.make(Chunk.empty<number>())
  yield* project
    .list({ fields: ["id"] })
    .pipe(RequestOptions.withOptions({ onResponse: ({ status }) => Ref.update(statuses, Chunk.append(status)) }))
  return `one call received ${Chunk.join(Chunk.map(yield* statuses, String), ", then ")}`
}).pipe(Effect.provide(Layer.provide(Webhooks.layer, VaultLayer)))

// 5. Wrap the HTTP client. The option `transformClient` changes the client that sends each attempt, for example to record
//    requests or to use a proxy.
const traffic = Effect.gen(function* () {
  const { baseUrl } = yield* Emulator.Emulator
  const log = yield* Ref.make(Chunk.empty<string>())
  const recorded = MammothConfig.layer({
    baseUrl,
    transformClient: HttpClient.tap(({ request, status }) =>
      Ref.update(log, Chunk.append(`${request.method} ${status}`))
    )
  })
  yield* project.ensure("recorded", { mode: "combine" }).pipe(
    Effect.andThen((webhook) => project.update({ webhookId: webhook.id, origins: "https://example.com" })),
    Effect.andThen((webhook) => project.delete({ webhookId: webhook.id })),
    Effect.provide(Layer.provide(Webhooks.layer, recorded))
  )
  return `ensure, update and delete sent ${Chunk.join(yield* log, ", ")}`
})

// 6. Build your own service on `Webhooks`, with its own error. Callers receive `AlertLost`. The error's `delivery` says
//    if the alert may have arrived.
class AlertLost extends Schema.TaggedError<AlertLost>()("AlertLost", {
  date: Schema.String,
  delivery: Delivery.Delivery
}) {}

class Alerts extends Effect.Service<Alerts>()("@mammoth-effect/example/Alerts", {
  effect: Effect.gen(function* () {
    const webhooks = yield* Webhooks.Webhooks
    const target = yield* project.ensure("alerts", { mode: "combine" })
    return {
      raise: (date: string, wind: number): Effect.Effect<void, AlertLost> =>
        Effect.mapError(webhooks.addData(target, { date, wind }), ({ delivery }) => new AlertLost({ date, delivery }))
    }
  })
}) {}

const alerts = Effect.gen(function* () {
  const emulator = yield* Emulator.Emulator
  yield* Alerts.use((alerts) => alerts.raise("2012-01-15", 8.1))
  yield* emulator.inject(Fault.reset("start", { operation: "addData", acts: true }))
  return yield* Alerts.use((alerts) => alerts.raise("2012-12-17", 9.5)).pipe(
    Effect.as("the server accepted every alert"),
    Effect.catchTag("AlertLost", ({ date, delivery }) =>
      Effect.succeed(
        `the connection broke, so the delivery of the alert for ${date} is ${delivery}; a retry could write the row twice`
      )
    )
  )
}).pipe(Effect.provide(Alerts.Default))

// All pipelines use this layer. Pipelines 4 and 5 replace one part of it.
const MammothLayer = Layer.unwrapEffect(
  Effect.map(Emulator.Emulator, ({ apiKey, apiSecret, baseUrl }) =>
    Layer.provideMerge(
      Webhooks.layer,
      Layer.mergeAll(Credentials.layer({ apiKey, apiSecret }), MammothConfig.layer({ baseUrl }))
    )
  )
).pipe(Layer.provideMerge(Layer.merge(Emulator.layer(), NodeHttpClient.layerUndici)))

Effect.gen(function* () {
  yield* Report.line("stream in", yield* snowDays)
  yield* Report.line("stream out", yield* pages)
  yield* Report.line("catchTags", yield* recovery)
  yield* Report.line("layerPerAttempt", yield* rotation)
  yield* Report.line("transformClient", yield* traffic)
  yield* Report.line("own service", yield* alerts)
}).pipe(
  Effect.provide(MammothLayer),
  Failure.report,
  NodeRuntime.runMain({ disableErrorReporting: true, teardown: Failure.teardown })
)
