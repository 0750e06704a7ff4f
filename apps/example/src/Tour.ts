/** The tour of all seven operations. It pushes real data, and compares the data with the server's rows. */
import { IngestReport, Webhooks, WebhookSink } from "@mammoth-effect/client"
import type { Json, Webhook } from "@mammoth-effect/core"
import { Array, Chunk, Console, Duration, Effect, Exit, Option, Random, Record, Ref, Schema, Stream } from "effect"
import * as Report from "./Report.js"
import { Server } from "./Server.js"
import * as Weather from "./Weather.js"

/** The maximum number of requests in flight. */
const concurrency = 8

/** An invented day of weather. The tour pushes it with a GET request, whose URL contains the values. */
const sample: Weather.Weather = {
  date: "2016-01-01",
  precipitation: 0,
  tempMax: 5.6,
  tempMin: -1.1,
  wind: 2.8,
  weather: "sun"
}

/**
 * Creates a webhook. If a step fails or the user interrupts the tour, deletes the webhook when the scope closes. If all
 * steps succeed, the tour's last step deletes the webhook.
 */
const temporary = (project: Webhooks.ProjectWebhooks, name: string) => {
  // Find the webhook by its name: if the response to its creation was lost, its id is unknown.
  const remove = project.stream({ name: [name], fields: ["id"] }).pipe(
    Stream.runForEach(({ id }) => project.delete({ webhookId: id })),
    Effect.catchAll(({ message }) =>
      Console.error(`Could not delete the webhook ${name}. Delete it yourself. Reason: ${message}`)
    )
  )
  return Effect.acquireRelease(
    project
      .ensure(name, { mode: "combine", origins: "*" })
      .pipe(Effect.tapError((error) => (mayBeCreated(error) ? remove : Effect.void))),
    (_, exit) => (Exit.isSuccess(exit) ? Effect.void : remove)
  )
}

const mayBeCreated = (error: Webhooks.EnsureError): boolean =>
  error._tag !== "MammothAmbiguousName"
  && error.method === "POST"
  && (error.delivery === "Unknown" || error.delivery === "Accepted")

/** Pushes each day of the file, and returns the days. */
const send = (webhook: Webhook.CombineWebhook, path: string) =>
  Effect.gen(function* () {
    const days = yield* Ref.make(Chunk.empty<Weather.Weather>())
    const ingestion = yield* WebhookSink.make(webhook, { schema: Schema.typeSchema(Weather.Weather), concurrency })
    const report = yield* Weather.days(path).pipe(
      Stream.tap((day) => Ref.update(days, Chunk.append(day))),
      Stream.run(ingestion.sink),
      WebhookSink.withProgressLine(ingestion)
    )
    if (report.accepted.rows < report.offered) {
      return yield* fail(`the server did not accept the rows of all days: ${IngestReport.format(report)}`)
    }
    return Chunk.toReadonlyArray(yield* Ref.get(days))
  })

const fail = (message: string) => Effect.fail(new Report.CheckFailed({ message }))

export const program = Effect.gen(function* () {
  const server = yield* Server
  const path = yield* Weather.file
  const project = Webhooks.inProject(server.project)
  const name = `seattle-weather-${(yield* Random.nextIntBetween(0x100000, 0x1000000)).toString(16)}`

  yield* Report.title("Four years of Seattle's weather through the seven operations")
  yield* Report.line("server", server.description)

  const webhook = yield* temporary(project, name)
  yield* Report.line(
    "ensure, create",
    `webhook ${webhook.id} (${name}), mode ${webhook.mode}, dataset ${webhook.datasetId}`
  )

  const [took, days] = yield* Effect.timed(send(webhook, path))
  if (!Array.isNonEmptyReadonlyArray(days))
    return yield* fail(`${path} has no days. Add at least one row below its header`)
  yield* Report.line(
    "addData",
    `${Report.count(days.length, "day")} in ${Duration.toSeconds(took).toFixed(1)} s, at most ${concurrency} requests in flight`
  )

  yield* Webhooks.addDataUsingGet(webhook, { ...sample })
  yield* Report.line("addDataUsingGet", `1 invented day (${sample.date}), whose numbers arrive as strings`)

  const page = yield* project.list({ name: [name], fields: ["id", "name"] })
  yield* Report.line("list", page.webhooks.map((found) => `webhook ${found.id} (${found.name})`).join("; "))

  const found = yield* project.stream({ mode: ["combine"], fields: ["id"], limit: 100 }).pipe(Stream.runCount)
  yield* Report.line("stream", `read all pages, found ${Report.count(found, "webhook")} in mode combine`)

  const updated = yield* project.update({ webhookId: webhook.id, origins: "https://example.com" })
  yield* Report.line("update", `changed origins from ${webhook.origins} to ${updated.origins}`)

  const details = yield* project.getDetails({ webhookId: webhook.id, fields: ["mode", "origins"] })
  yield* Report.line("getDetails", `mode ${details.mode}, origins ${details.origins}`)
  if (details.origins !== updated.origins) return yield* fail("getDetails did not return the origins that update set")

  yield* project.list({ limit: 200 }).pipe(
    Effect.zipRight(fail("the SDK accepted a limit of 200, although the maximum is 100")),
    Effect.catchTag("MammothInvalidRequest", (error) =>
      Report.line("an invalid call", `${error._tag}: ${error.message}`)
    )
  )

  const rows = yield* server.rows(webhook.id)
  yield* project.delete({ webhookId: webhook.id })
  yield* project.getDetails({ webhookId: webhook.id }).pipe(
    Effect.zipRight(fail(`webhook ${webhook.id} still exists after its deletion`)),
    Effect.catchTag("MammothNotFound", (error) =>
      Report.line("delete", `deleted webhook ${webhook.id}; getDetails now fails with ${error._tag}`)
    )
  )

  const sent: ReadonlyArray<Json.Json> = [...days.map((day) => ({ ...day })), Record.map(sample, String)]
  if (Option.isNone(rows)) {
    yield* Report.title("\nRows that the server accepted")
    yield* Report.summary(days)
    yield* Report.line("rows", `${Report.count(sent.length, "row")} sent and accepted`)
    yield* Report.line("check", "skipped, because the tour cannot read rows from this server")
  } else {
    yield* Report.title("\nRows on the server before the webhook was deleted")
    yield* Report.compare(sent, rows.value)
    yield* Report.summary(days)
    yield* Report.line(
      "rows",
      `${rows.value.length.toLocaleString("en")}: ${days.length.toLocaleString("en")} by POST, 1 by GET`
    )
    yield* Report.line("check", "the server had exactly the rows that were sent")
  }
}).pipe(Effect.scoped)
