/** The servers that rows are sent to, each in a process of its own. */
import { fileURLToPath } from "node:url"
import { Command, type CommandExecutor, HttpClient, HttpClientResponse } from "@effect/platform"
import type { PlatformError } from "@effect/platform/Error"
import { Credentials, MammothConfig, Webhooks } from "@mammoth-effect/client"
import { Deferred, Effect, Layer, Redacted, Schema, type Scope, Stream } from "effect"
import * as Sides from "./Sides.js"

/** Which server. */
export type Name = "emulator" | "sink"

/** A webhook to send rows to. */
export interface Webhook {
  readonly key: string
  /** Fails unless the server has so many rows, in so many requests, since the webhook was made. */
  readonly verify: (rows: number, requests: number) => Effect.Effect<void, NotTheSame>
}

/** A running server. */
export interface Target {
  readonly baseUrl: string
  readonly apiKey: string
  readonly apiSecret: string
  /** A webhook of its own for one run. */
  readonly webhook: Effect.Effect<Webhook, TargetFailed, Scope.Scope>
}

/** A server does not start, or does not do what it should. */
export class TargetFailed extends Schema.TaggedError<TargetFailed>()("TargetFailed", {
  target: Schema.String,
  reason: Schema.String
}) {
  override get message(): string {
    return `The server ${this.target} failed: ${this.reason}`
  }
}

/** A side did not do what it was compared for. */
export class NotTheSame extends Schema.TaggedError<NotTheSame>()("NotTheSame", { reason: Schema.String }) {
  override get message(): string {
    return `The sides do not do the same: ${this.reason}`
  }
}

/** The keys that the emulator has by default. */
const keys = { apiKey: "emulator-key", apiSecret: "emulator-secret" }

const emulator = fileURLToPath(import.meta.resolve("@mammoth-effect/emulator/bin"))

const commands: Readonly<Record<Name, Command.Command>> = {
  emulator: Command.make(
    process.execPath,
    "--import",
    "tsx",
    emulator,
    "--port",
    "0",
    "--arrays-are-rows",
    "--record",
    "0"
  ),
  sink: Command.make(process.execPath, Sides.fileOf("sink"))
}

const started = (
  target: string,
  command: Command.Command
): Effect.Effect<string, TargetFailed | PlatformError, CommandExecutor.CommandExecutor | Scope.Scope> =>
  Effect.gen(function* () {
    const child = yield* command.pipe(Command.stderr("inherit"), Command.start)
    const started = yield* Deferred.make<string, TargetFailed>()
    yield* child.stdout.pipe(
      Stream.decodeText(),
      Stream.splitLines,
      Stream.runForEach((line) => {
        const baseUrl = /MAMMOTH_BASE_URL=(\S+)/.exec(line)?.[1]
        return baseUrl === undefined ? Effect.void : Deferred.succeed(started, baseUrl)
      }),
      Effect.ensuring(Deferred.fail(started, new TargetFailed({ target, reason: "it ended" }))),
      Effect.forkScoped
    )
    return yield* Deferred.await(started)
  })

/** Starts a compiled server, stops it with the scope, and yields its base URL. */
export const start = (
  name: string
): Effect.Effect<string, TargetFailed | PlatformError, CommandExecutor.CommandExecutor | Scope.Scope> =>
  started(name, Command.make(process.execPath, Sides.fileOf(name)))

/** Starts a server, and stops it with the scope. */
export const make = (
  name: Name
): Effect.Effect<
  Target,
  TargetFailed | PlatformError,
  CommandExecutor.CommandExecutor | HttpClient.HttpClient | Scope.Scope
> =>
  Effect.gen(function* () {
    const baseUrl = yield* started(name, commands[name])
    const client = yield* HttpClient.HttpClient
    const webhook = name === "emulator" ? emulated(baseUrl, client) : bare(baseUrl, client)
    return { baseUrl, ...keys, webhook }
  })

const failed = (target: Name) => (error: { readonly message: string }) =>
  new TargetFailed({ target, reason: error.message })

const differ = (what: string, expected: unknown, found: unknown) =>
  new NotTheSame({ reason: `${what}: expected ${JSON.stringify(expected)}, found ${JSON.stringify(found)}` })

const project = { workspaceId: 1, projectId: 1 }

const Rows = Schema.Array(Schema.Struct({ id: Schema.Int, name: Schema.String, value: Schema.Number }))

/** So many rows can be read back without changing what is measured next. */
const fewRows = 10_000

/** A webhook of the emulator, deleted with its rows at the end. */
const emulated = (baseUrl: string, client: HttpClient.HttpClient): Target["webhook"] => {
  const webhooksLayer = Webhooks.layer.pipe(
    Layer.provide([
      Credentials.layer({ apiKey: Redacted.make(keys.apiKey), apiSecret: Redacted.make(keys.apiSecret) }),
      MammothConfig.layer({ baseUrl })
    ]),
    Layer.provide(Layer.succeed(HttpClient.HttpClient, client))
  )
  return Effect.gen(function* () {
    const webhooks = yield* Webhooks.Webhooks
    const webhook = yield* Effect.acquireRelease(
      webhooks.create({ ...project, name: "bench", mode: "combine" }),
      ({ id }) => Effect.ignore(webhooks.delete({ ...project, webhookId: id }))
    )
    return {
      key: Redacted.value(webhook.uri).split("/").at(-1) ?? "",
      verify: (expected: number) =>
        expected > fewRows
          ? Effect.void
          : client.get(`${new URL(baseUrl).origin}/emulator/webhooks/${webhook.id}/rows`).pipe(
              Effect.flatMap(HttpClientResponse.schemaBodyJson(Rows)),
              Effect.scoped,
              Effect.orDie,
              Effect.filterOrFail(
                (rows) => rows.length === expected,
                (rows) => differ("rows in the emulator", expected, rows.length)
              ),
              Effect.asVoid
            )
    }
  }).pipe(Effect.provide(webhooksLayer), Effect.mapError(failed("emulator")))
}

const Seen = Schema.Struct({
  requests: Schema.Int,
  bytes: Schema.Int,
  headers: Schema.Record({ key: Schema.String, value: Schema.Unknown })
})

/** The one webhook of the bare server; what the first run sent is what every further one has to send. */
const bare = (baseUrl: string, client: HttpClient.HttpClient): Target["webhook"] => {
  const ask = client
    .get(baseUrl)
    .pipe(Effect.flatMap(HttpClientResponse.schemaBodyJson(Seen)), Effect.scoped, Effect.mapError(failed("sink")))
  let first: Pick<typeof Seen.Type, "bytes" | "headers"> | undefined
  return Effect.as(ask, {
    key: "g7rHe3mUqUGPEpnc4XxeDWJa",
    verify: (_, requests) =>
      Effect.gen(function* () {
        const seen = yield* Effect.orDie(ask)
        if (seen.requests !== requests) return yield* differ("requests", requests, seen.requests)
        first ??= seen
        if (seen.bytes !== first.bytes) return yield* differ("bytes of all bodies", first.bytes, seen.bytes)
        if (sorted(first.headers) !== sorted(seen.headers)) {
          return yield* differ("headers", first.headers, seen.headers)
        }
        return undefined
      })
  })
}

const sorted = (headers: Readonly<Record<string, unknown>>): string =>
  JSON.stringify(Object.entries(headers).toSorted(([a], [b]) => a.localeCompare(b)))
