/** The servers that receive the rows. Each server runs in its own process. */
import { fileURLToPath } from "node:url"
import { HttpClient, HttpClientResponse } from "@effect/platform"
import { Webhooks } from "@mammoth-effect/client"
import { Effect, Layer, Redacted, Schema, type Scope } from "effect"
import { because, Failed } from "../harness/Failed.js"
import * as Mammoth from "../harness/Mammoth.js"
import * as Processes from "../harness/Processes.js"
import { Seen } from "../harness/Seen.js"

export type Name = "emulator" | "sink"

export interface Webhook {
  readonly key: string
  /**
   * Checks what the server has received since the creation of the webhook. For the emulator, fails if the number of rows is not
   * `rows`. For the bare sink, fails if the number of requests is not `requests`.
   */
  readonly verify: (rows: number, requests: number) => Effect.Effect<void, Failed>
}

/** The emulator's default keys. */
const keys = { apiKey: "emulator-key", apiSecret: "emulator-secret" }

const differ = (subject: string, expected: unknown, found: unknown) => {
  const [wanted, seen] = [JSON.stringify(expected), JSON.stringify(found)]
  return new Failed({ message: `The sides do not do the same work: ${subject}: expected ${wanted}, found ${seen}` })
}

const project = { workspaceId: 1, projectId: 1 }

const Rows = Schema.Array(Schema.Struct({ id: Schema.Int, name: Schema.String, value: Schema.Number }))

/** The maximum number of rows that `verify` reads and counts. Reading more rows would affect the next measurement. */
const fewRows = 10_000

/** Creates a webhook in the emulator, and deletes the webhook with its rows when the scope closes. */
const emulated = (baseUrl: string, client: HttpClient.HttpClient): Effect.Effect<Webhook, Failed, Scope.Scope> =>
  Effect.gen(function* () {
    const webhooks = yield* Webhooks.Webhooks
    const webhook = yield* Effect.acquireRelease(
      webhooks.create({ ...project, name: "bench", mode: "combine" }),
      ({ id }) => Effect.ignore(webhooks.delete({ ...project, webhookId: id }))
    )
    const url = `${new URL(baseUrl).origin}/emulator/webhooks/${webhook.id}/rows`
    const kept = client.get(url).pipe(
      Effect.flatMap(HttpClientResponse.schemaBodyJson(Rows)),
      Effect.map((rows) => rows.length),
      Effect.orDie
    )
    const verify: Webhook["verify"] = (rows) =>
      Effect.flatMap(rows > fewRows ? Effect.succeed(rows) : kept, (seen) =>
        seen === rows ? Effect.void : differ("rows in the emulator", rows, seen)
      )
    return { key: Redacted.value(webhook.uri).split("/").at(-1) ?? "", verify }
  }).pipe(
    Effect.provide(Mammoth.layer({ baseUrl, ...keys }, Layer.succeed(HttpClient.HttpClient, client))),
    Effect.mapError(because("The emulator failed"))
  )

const sorted = (headers: Seen["headers"]): string =>
  JSON.stringify(Object.entries(headers).toSorted(([a], [b]) => a.localeCompare(b)))

/**
 * Returns the only webhook of the bare sink. Its `verify` also fails if the bytes or the headers differ from those of
 * the first run.
 */
const bare = (baseUrl: string, client: HttpClient.HttpClient): Effect.Effect<Webhook, Failed> => {
  const ask = client
    .get(baseUrl)
    .pipe(Effect.flatMap(HttpClientResponse.schemaBodyJson(Seen)), Effect.mapError(because("The bare sink failed")))
  let first: Seen | undefined
  const verify: Webhook["verify"] = (_, requests) =>
    Effect.flatMap(ask, (seen) => {
      first ??= seen
      if (seen.requests !== requests) return differ("requests", requests, seen.requests)
      if (seen.bytes !== first.bytes) return differ("total size of the bodies in bytes", first.bytes, seen.bytes)
      return sorted(seen.headers) === sorted(first.headers)
        ? Effect.void
        : differ("headers", first.headers, seen.headers)
    })
  return Effect.as(ask, { key: "g7rHe3mUqUGPEpnc4XxeDWJa", verify })
}

const emulator = fileURLToPath(import.meta.resolve("@mammoth-effect/emulator/bin"))

/** Starts a server, and stops it when the scope closes. Each run first executes the effect `webhook` to get its webhook. */
export const make = (name: Name) =>
  Effect.gen(function* () {
    const client = yield* HttpClient.HttpClient
    const baseUrl = yield* name === "sink"
      ? Processes.serve("harness/sink")
      : Processes.serve(name, ["--import", "tsx", emulator, "--port", "0", "--arrays-are-rows", "--record", "0"])
    return { baseUrl, ...keys, webhook: name === "sink" ? bare(baseUrl, client) : emulated(baseUrl, client) }
  })

export type Target = Effect.Effect.Success<ReturnType<typeof make>>
