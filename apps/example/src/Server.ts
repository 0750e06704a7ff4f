/** Chooses the server: the server at `MAMMOTH_BASE_URL`, or an emulator in this process if the variable is missing. */
import type { HttpClient } from "@effect/platform"
import { Credentials, MammothConfig, Webhooks } from "@mammoth-effect/client"
import type { Identifier, Json } from "@mammoth-effect/core"
import { Emulator } from "@mammoth-effect/emulator"
import { Config, ConfigError, Context, Effect, Either, Layer, Option } from "effect"

export interface Service {
  /** A description of the server, for the output. */
  readonly description: string
  readonly project: Webhooks.InProject
  /** Reads the rows of a webhook's dataset. Returns `None` for a real server, because no operation reads rows. */
  readonly rows: (
    webhookId: Identifier.WebhookId
  ) => Effect.Effect<Option.Option<ReadonlyArray<Json.Json>>, Emulator.UnknownWebhook>
}

export class Server extends Context.Tag("@mammoth-effect/example/Server")<Server, Service>() {}

/** Starts an emulator in this process. The emulator stops when the layer is released. */
export const layerEmulator: Layer.Layer<
  Server | Webhooks.Webhooks,
  ConfigError.ConfigError | Emulator.CannotListen,
  HttpClient.HttpClient
> = Layer.unwrapEffect(
  Effect.map(Emulator.Emulator, (emulator) =>
    Layer.merge(
      Webhooks.layer.pipe(
        Layer.provide([
          Credentials.layer({ apiKey: emulator.apiKey, apiSecret: emulator.apiSecret }),
          MammothConfig.layer({ baseUrl: emulator.baseUrl })
        ])
      ),
      Layer.succeed(Server, {
        description: `an emulator in this process, at ${emulator.baseUrl} (set MAMMOTH_BASE_URL to use a real server)`,
        project: { workspaceId: 1, projectId: 1 },
        rows: (webhookId) => Effect.asSome(emulator.rows(webhookId))
      })
    )
  )
).pipe(Layer.provide(Emulator.layer()))

/** Reads a secret. Unlike {@link Config.redacted}, it treats an empty variable as missing. */
const secret = (name: string) => Config.redacted(Config.nonEmptyString(name))

const id = (name: string) =>
  Config.mapOrFail(Config.nonEmptyString(name), (text) =>
    /^[1-9]\d{0,14}$/.test(text)
      ? Either.right(Number(text))
      : Either.left(ConfigError.InvalidData([], `Expected an integer of 1 or more, received ${JSON.stringify(text)}`))
  )

const settings = Config.all({
  apiKey: secret("MAMMOTHANALYTICS_API_KEY"),
  apiSecret: secret("MAMMOTHANALYTICS_API_SECRET"),
  workspaceId: id("MAMMOTH_WORKSPACE_ID"),
  projectId: id("MAMMOTH_PROJECT_ID")
})

/** Uses the server at `MAMMOTH_BASE_URL`, with the keys and ids of the environment. */
export const layerConfig: Layer.Layer<Server | Webhooks.Webhooks, ConfigError.ConfigError, HttpClient.HttpClient> =
  Layer.unwrapEffect(
    Effect.map(settings, ({ apiKey, apiSecret, workspaceId, projectId }) =>
      Layer.merge(
        Webhooks.layer.pipe(Layer.provide(Credentials.layer({ apiKey, apiSecret }))),
        Layer.effect(
          Server,
          Effect.map(MammothConfig.MammothConfig, ({ baseUrl }) => ({
            description: `${baseUrl}, workspace ${workspaceId}, project ${projectId}`,
            project: { workspaceId, projectId },
            rows: () => Effect.succeedNone
          }))
        )
      )
    )
  ).pipe(Layer.provide(MammothConfig.layerConfig()))

/** Uses {@link layerConfig} if `MAMMOTH_BASE_URL` is set, otherwise {@link layerEmulator}. */
export const layer: Layer.Layer<
  Server | Webhooks.Webhooks,
  ConfigError.ConfigError | Emulator.CannotListen,
  HttpClient.HttpClient
> = Layer.unwrapEffect(
  Effect.map(Config.option(Config.nonEmptyString("MAMMOTH_BASE_URL")), (baseUrl) =>
    Option.isSome(baseUrl) ? layerConfig : layerEmulator
  )
)
