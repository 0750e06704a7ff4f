import { readFileSync } from "node:fs"
import { createServer, type Server } from "node:http"
import { assert, describe, it } from "@effect/vitest"
import { Emulator, Fault } from "@mammoth-effect/emulator"
import { Effect, Redacted } from "effect"
import { csv, firstDays } from "./Csv.js"
import { type Options, type Outcome, run } from "./Run.js"

const main = (options?: Options) => Effect.promise(() => run("main.ts", options))

/** The environment variables that make the tour use the given emulator instead of the embedded emulator. */
const environment = (emulator: Emulator.Service) => ({
  MAMMOTH_BASE_URL: emulator.baseUrl,
  MAMMOTHANALYTICS_API_KEY: Redacted.value(emulator.apiKey),
  MAMMOTHANALYTICS_API_SECRET: Redacted.value(emulator.apiSecret),
  MAMMOTH_WORKSPACE_ID: "4",
  MAMMOTH_PROJECT_ID: "7"
})

/** Counts the requests for an operation. */
const times = (emulator: Emulator.Service, operation: Fault.OperationName) =>
  Effect.map(emulator.requests, (requests) => requests.filter((request) => request.operation === operation).length)

/** Asserts that the run created a webhook and then deleted it. The first webhook of an emulator has the id 1. */
const assertNothingLeft = (emulator: Emulator.Service) =>
  Effect.gen(function* () {
    assert.isAtLeast(yield* times(emulator, "create"), 1)
    assert.strictEqual((yield* Effect.flip(emulator.rows(1)))._tag, "MammothUnknownWebhook")
  })

/** Asserts that the run failed with plain messages on stderr, without a stack trace or a secret. */
const assertFailed = (outcome: Outcome, ...messages: ReadonlyArray<string>) => {
  assert.strictEqual(outcome.code, 1)
  for (const message of messages) assert.include(outcome.stderr, message)
  assert.notMatch(outcome.stderr, /^\s+at /m)
  assertNoSecret(outcome)
}

/** Runs the tour once as a user does. The tests of the embedded emulator share this run's output. */
const tour = Effect.runSync(Effect.cached(main({ asUser: true })))

/** Returns the lines that README.md shows as the end of the tour's output. */
const readmeLines = (): string => {
  const readme = readFileSync(new URL("../../../README.md", import.meta.url), "utf8")
  const [, lines] = /^The first command ends with:\n\n```text\n(.+?)```$/ms.exec(readme) ?? []
  assert.isDefined(lines, "README.md does not show the end of the tour's output")
  return lines ?? ""
}

const assertNoSecret = ({ stdout, stderr }: Outcome) =>
  assert.notMatch(stdout + stderr, /emulator-key|emulator-secret|wrong-key|webhook\/data\/[A-Za-z0-9]/)

describe("the tour with the embedded emulator", () => {
  it.effect(
    "pushes the rows of all days, and finds exactly these rows on the server",
    () =>
      Effect.gen(function* () {
        const outcome = yield* tour
        assert.strictEqual(outcome.stderr, "")
        assert.strictEqual(outcome.code, 0)
        for (const line of [
          /^server +an emulator in this process, at http:\/\/127\.0\.0\.1:\d+\/api\/v2/m,
          /^ensure, create +webhook 1 \(seattle-weather-[0-9a-f]{6}\), mode combine, dataset 1001$/m,
          /^addData +1,461 days in \d+\.\d s, at most 8 requests in flight$/m,
          /^addDataUsingGet +1 invented day \(2016-01-01\), whose numbers arrive as strings$/m,
          /^list +webhook 1 \(seattle-weather-[0-9a-f]{6}\)$/m,
          /^stream +read all pages, found 1 webhook in mode combine$/m,
          /^update +changed origins from \* to https:\/\/example\.com$/m,
          /^getDetails +mode combine, origins https:\/\/example\.com$/m,
          /^an invalid call +MammothInvalidRequest: Webhooks\.list/m,
          /^delete +deleted webhook 1; getDetails now fails with MammothNotFound$/m,
          /^days +2012-01-01 to 2015-12-31$/m,
          /^weather +rain 641, sun 640, fog 101, drizzle 53, snow 26$/m,
          /^rows +1,462: 1,461 by POST, 1 by GET$/m,
          /^check +the server had exactly the rows that were sent$/m
        ]) {
          assert.match(outcome.stdout, line)
        }
        assert.include(outcome.stdout.replace(/\s+/g, " "), "limit: expected an integer from 0 to 100")
        // The tour prints no progress line, because stdout is not a terminal.
        assert.notInclude(outcome.stdout, "\r")
        assert.notInclude(outcome.stdout, "\u001B")
        assertNoSecret(outcome)
      }),
    60_000
  )

  it.effect(
    "prints at the end the lines that README.md shows",
    () =>
      Effect.gen(function* () {
        const [expected, { stdout }] = [readmeLines(), yield* tour]
        assert.strictEqual(stdout.slice(-expected.length), expected)
      }),
    60_000
  )

  it.scoped("reports the file, the line and the column of an invalid row", () =>
    Effect.gen(function* () {
      const path = yield* csv((lines) => lines.with(699, `${lines[699]}storm`))
      const outcome = yield* main({ env: { WEATHER_CSV: path } })
      assertFailed(outcome, "Failed: weather.csv, line 700: weather: expected drizzle, rain, snow, sun or fog, found")
    })
  )
})

describe("the tour with the server at MAMMOTH_BASE_URL", () => {
  it.scoped("pushes every row, deletes its webhook, and reports that it skips the comparison", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.make()
      const path = yield* csv(firstDays(20))
      const outcome = yield* main({ env: { ...environment(emulator), WEATHER_CSV: path } })
      assert.strictEqual(outcome.stderr, "")
      assert.strictEqual(outcome.code, 0)
      assert.include(outcome.stdout, `${emulator.baseUrl}, workspace 4, project 7`)
      assert.match(outcome.stdout, /^rows +21 rows sent and accepted$/m)
      assert.match(outcome.stdout, /^check +skipped, because the tour cannot read rows from this server$/m)
      assert.strictEqual(yield* times(emulator, "addData"), 20)
      assert.strictEqual(yield* times(emulator, "addDataUsingGet"), 1)
      assert.strictEqual(yield* times(emulator, "delete"), 1)
      yield* assertNothingLeft(emulator)
      assertNoSecret(outcome)
    })
  )

  it.scoped("fails after one request if the key is wrong", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.make()
      const outcome = yield* main({ env: { ...environment(emulator), MAMMOTHANALYTICS_API_KEY: "wrong-key" } })
      assertFailed(outcome, "Failed: Webhooks.ensure", "401, the server did not accept the API key and secret")
      assert.strictEqual((yield* emulator.requests).length, 1)
    })
  )

  it.effect("says what to check if no server listens", () =>
    Effect.gen(function* () {
      const emulator = yield* Effect.scoped(Emulator.make())
      const outcome = yield* main({ env: environment(emulator) })
      assertFailed(outcome, "ECONNREFUSED", "Check the base URL and that the server is up.")
    })
  )

  it.effect("lists all missing variables", () =>
    Effect.gen(function* () {
      const outcome = yield* main({ env: { MAMMOTH_BASE_URL: "http://127.0.0.1:4010/api/v2", MAMMOTH_PROJECT_ID: "" } })
      const names = "MAMMOTHANALYTICS_API_KEY, MAMMOTHANALYTICS_API_SECRET, MAMMOTH_WORKSPACE_ID, MAMMOTH_PROJECT_ID"
      assertFailed(
        outcome,
        `Failed: missing environment variables: ${names}. Set them as apps/example/README.md describes`
      )
      assert.strictEqual(outcome.stdout, "")
    })
  )

  it.scoped("names the variable whose value is not an id", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.make()
      const outcome = yield* main({ env: { ...environment(emulator), MAMMOTH_PROJECT_ID: "0" } })
      assertFailed(outcome, 'Failed: MAMMOTH_PROJECT_ID: Expected an integer of 1 or more, received "0"')
    })
  )

  it.scoped("deletes the webhook after a step fails", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.make()
      yield* emulator.inject(Fault.status(403, { operation: "update" }))
      const path = yield* csv(firstDays(20))
      const outcome = yield* main({ env: { ...environment(emulator), WEATHER_CSV: path } })
      assertFailed(outcome, "Failed: Webhooks.update", "403, the credentials do not permit this")
      yield* assertNothingLeft(emulator)
    })
  )

  it.scoped("deletes the webhook if the response to its creation is lost", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.make()
      yield* emulator.inject(Fault.reset("start", { operation: "create", acts: true }))
      const outcome = yield* main({ env: environment(emulator) })
      assertFailed(outcome, "Failed: Webhooks.ensure", "The server may have acted.")
      yield* assertNothingLeft(emulator)
    })
  )

  it.scoped("deletes the webhook when the user interrupts", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.make()
      yield* emulator.inject(Fault.delay({ operation: "addData", times: "every", delayBefore: "50 millis" }))
      const outcome = yield* main({ env: environment(emulator), interruptAt: "ensure, create" })
      assert.strictEqual(outcome.code, 130)
      assert.include(outcome.stderr, "Interrupted.")
      yield* assertNothingLeft(emulator)
    })
  )
})

describe("the spans of the tour", () => {
  it.effect(
    "are printed as a tree with --trace",
    () =>
      Effect.gen(function* () {
        const outcome = yield* main({ args: ["--trace"] })
        assert.strictEqual(outcome.code, 0)
        assert.match(
          outcome.stdout,
          /^Webhooks\.ensure, [\d.]+ ms\n {2}Webhooks\.list, [\d.]+ ms\n {4}GET \/workspaces\/\{workspace_id\}/m
        )
        assert.match(outcome.stdout, /^Webhooks\.addData, 1,458 more$/m)
        assert.match(
          outcome.stdout,
          /^Webhooks\.getDetails, [\d.]+ ms, delivery Rejected, type MammothNotFound, failed$/m
        )
        assertNoSecret(outcome)
      }),
    60_000
  )

  it.scopedLive(
    "reach an OpenTelemetry collector and contain no secret",
    () =>
      Effect.gen(function* () {
        const received: Array<string> = []
        const port = yield* collector(received)
        const outcome = yield* main({ env: { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` } })
        assert.strictEqual(outcome.code, 0)
        const all = received.join("")
        assert.include(all, "/v1/traces")
        for (const name of ["Webhooks.ensure", "Webhooks.addData", "POST /webhooks/data/{webhook_uri}"]) {
          assert.include(all, name)
        }
        assert.notMatch(all, /emulator-key|emulator-secret|webhook\/data\/[A-Za-z0-9]/)
      }),
    60_000
  )
})

/** Starts an OpenTelemetry collector that stores everything that it receives. */
const collector = (received: Array<string>) =>
  Effect.acquireRelease(
    Effect.async<Server>((resume) => {
      const server = createServer((request, response) => {
        received.push(request.url ?? "")
        request.setEncoding("utf8").on("data", (text: string) => received.push(text))
        request.on("end", () => response.end("{}"))
      })
      server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
    }),
    (server) => Effect.sync(() => server.closeAllConnections()).pipe(Effect.zipRight(Effect.sync(() => server.close())))
  ).pipe(
    Effect.map((server) => {
      const address = server.address()
      return typeof address === "object" && address !== null ? address.port : 0
    })
  )
