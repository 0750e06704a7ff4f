/** The tour: real data through all seven operations, checked against what the server then holds. */
import { IngestReport, Webhooks, WebhookSink } from "@mammoth-effect/client"
import type { Json, Webhook } from "@mammoth-effect/core"
import { Array, Chunk, Console, Duration, Effect, Exit, Option, Random, Record, Ref, Schema, Stream } from "effect"
import * as Report from "./Report.js"
import { Server } from "./Server.js"
import * as Weather from "./Weather.js"

/** How many rows are under way at a time. */
const concurrency = 8

/** A day that is in no file, for the row that travels in the query of a GET. */
const sample: Weather.Weather = {
  date: "2016-01-01",
  precipitation: 0,
  tempMax: 5.6,
  tempMin: -1.1,
  wind: 2.8,
  weather: "sun"
}

/** A webhook that is there while it is used, and not after: also where a step fails or the user interrupts. */
const temporary = (project: Webhooks.ProjectWebhooks, name: string) => {
  // by name, since where the answer to the creation is lost nobody knows the id
  const remove = project.stream({ name: [name], fields: ["id"] }).pipe(
    Stream.runForEach(({ id }) => project.delete({ webhookId: id })),
    Effect.catchAll((error) => Console.error(`It may be that the webhook ${name} is left behind. ${error.message}`))
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

/** Sends each day of the file, some at a time, and yields those that were sent. */
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
      return yield* fail(`not every day was accepted: ${IngestReport.format(report)}`)
    }
    return Chunk.toReadonlyArray(yield* Ref.get(days))
  })

const fail = (message: string) => Effect.fail(new Report.CheckFailed({ message }))

/** The program. */
export const program = Effect.gen(function* () {
  const server = yield* Server
  const path = yield* Weather.file
  const project = Webhooks.inProject(server.project)
  const name = `seattle-weather-${(yield* Random.nextIntBetween(0x100000, 0x1000000)).toString(16)}`

  yield* Report.title("Seattle's weather, day by day, through Mammoth's seven webhook operations")
  yield* Report.line("server", server.description)

  const webhook = yield* temporary(project, name)
  yield* Report.line(
    "ensure, create",
    `webhook ${webhook.id}, ${name}: mode ${webhook.mode}, dataset ${webhook.datasetId}`
  )

  const [took, days] = yield* Effect.timed(send(webhook, path))
  if (!Array.isNonEmptyReadonlyArray(days)) return yield* fail(`there are no days in ${path}`)
  yield* Report.line(
    "addData",
    `${Report.count(days.length, "day")} in ${Duration.toSeconds(took).toFixed(1)} s, ${concurrency} at a time`
  )

  yield* Webhooks.addDataUsingGet(webhook, { ...sample })
  yield* Report.line("addDataUsingGet", `1 day, ${sample.date}, made up: in a query every value is text`)

  const page = yield* project.list({ name: [name], fields: ["id", "name"] })
  yield* Report.line("list", page.webhooks.map((found) => `id ${found.id}, name ${found.name}`).join("; "))

  const found = yield* project.stream({ mode: ["combine"], fields: ["id"], limit: 100 }).pipe(Stream.runCount)
  yield* Report.line("list, streamed", `${Report.count(found, "webhook")} in mode combine, page by page`)

  const updated = yield* project.update({ webhookId: webhook.id, origins: "https://example.com" })
  yield* Report.line("update", `origins ${webhook.origins} → ${updated.origins}`)

  const details = yield* project.getDetails({ webhookId: webhook.id, fields: ["mode", "origins"] })
  yield* Report.line("getDetails", `mode ${details.mode}, origins ${details.origins}`)
  if (details.origins !== updated.origins) return yield* fail("getDetails does not show the origins that update set")

  yield* project.list({ limit: 200 }).pipe(
    Effect.zipRight(fail("a page of 200 webhooks was not refused")),
    Effect.catchTag("MammothInvalidRequest", (error) => Report.line("a mistake", `${error._tag}: ${error.message}`))
  )

  const rows = yield* server.rows(webhook.id)
  yield* project.delete({ webhookId: webhook.id })
  yield* project.getDetails({ webhookId: webhook.id }).pipe(
    Effect.zipRight(fail(`webhook ${webhook.id} is still there after its deletion`)),
    Effect.catchTag("MammothNotFound", (error) =>
      Report.line("delete", `webhook ${webhook.id} is gone: getDetails fails with ${error._tag}`)
    )
  )

  const sent: ReadonlyArray<Json.Json> = [...days.map((day) => ({ ...day })), Record.map(sample, String)]
  if (Option.isNone(rows)) {
    yield* Report.title("\nWhat the server accepted")
    yield* Report.summary(days)
    yield* Report.line("rows", `${Report.count(sent.length, "row")}, each answered with success`)
    yield* Report.line("check", "not made: this server offers no way to read rows back")
  } else {
    yield* Report.title("\nWhat the server held")
    yield* Report.compare(sent, rows.value)
    yield* Report.summary(days)
    yield* Report.line(
      "rows",
      `${rows.value.length.toLocaleString("en")}: ${days.length.toLocaleString("en")} by POST, 1 by GET`
    )
    yield* Report.line("check", "each row equals what was sent, value for value")
  }
}).pipe(Effect.scoped)
