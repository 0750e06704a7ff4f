/**
 * The API key and secret that the account's requests carry.
 *
 * @since 0.1.0
 */
import type * as Identifier from "@mammoth-effect/core/Identifier"
import type { CredentialsError } from "@mammoth-effect/core/WebhooksError"
import * as Config from "effect/Config"
import * as ConfigError from "effect/ConfigError"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { keyText } from "./internal/http/keys.js"
import { text } from "./internal/http/variable.js"

/**
 * The two keys, sent as `X-API-KEY` and `X-API-SECRET`, and optionally the workspace to send as `X-WORKSPACE-ID`.
 *
 * @example
 * import type { Credentials } from "@mammoth-effect/client"
 * import { Redacted } from "effect"
 *
 * const keys: Credentials.Keys = { apiKey: Redacted.make("key"), apiSecret: Redacted.make("secret") }
 *
 * @since 0.1.0
 * @category models
 */
export interface Keys {
  readonly apiKey: Redacted.Redacted
  readonly apiSecret: Redacted.Redacted
  /** Sent as `X-WORKSPACE-ID` if given, as the vendor's own SDK does. */
  readonly workspaceId?: Identifier.Input<Identifier.WorkspaceId> | undefined
}

/**
 * Yields the keys. The effect runs for every attempt of every call, so that keys can rotate.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service {
  readonly keys: Effect.Effect<Keys, CredentialsError>
}

/**
 * The credentials of all operations.
 *
 * @example
 * import { Credentials } from "@mammoth-effect/client"
 * import { Effect } from "effect"
 *
 * const keys = Effect.flatMap(Credentials.Credentials, (credentials) => credentials.keys)
 *
 * @since 0.1.0
 * @category tags
 */
export class Credentials extends Context.Tag("@mammoth-effect/client/Credentials")<Credentials, Service>() {}

/**
 * Credentials from an effect that is run for every attempt: a vault, a file that rotates, a token exchange.
 *
 * If the effect fails with `CredentialsError`, the call fails with it, too. The attempt's timeout bounds the effect.
 *
 * @example
 * import { Credentials } from "@mammoth-effect/client"
 * import { WebhooksError } from "@mammoth-effect/core"
 * import { Effect, Redacted } from "effect"
 *
 * const readVault = Effect.tryPromise({
 *   try: () => Promise.resolve({ key: "key", secret: "secret" }),
 *   catch: () => new WebhooksError.CredentialsError({ reason: "the vault does not answer" })
 * })
 *
 * const vaultLayer = Credentials.layerEffect(
 *   Effect.map(readVault, ({ key, secret }) => ({ apiKey: Redacted.make(key), apiSecret: Redacted.make(secret) }))
 * )
 *
 * @since 0.1.0
 * @category layers
 */
export const layerEffect = <R = never>(
  keys: Effect.Effect<Keys, CredentialsError, R>
): Layer.Layer<Credentials, never, R> =>
  Layer.effect(
    Credentials,
    Effect.map(Effect.context<R>(), (context) => ({ keys: Effect.provide(keys, context) }))
  )

/**
 * Credentials that never change.
 *
 * @example
 * import { Credentials } from "@mammoth-effect/client"
 * import { Redacted } from "effect"
 *
 * const layer = Credentials.layer({ apiKey: Redacted.make("key"), apiSecret: Redacted.make("secret") })
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (keys: Keys): Layer.Layer<Credentials> =>
  Layer.succeed(Credentials, { keys: Effect.succeed(keys) })

/** Keeps keys that a header can carry. Tells others at the path. */
const usable =
  (path: ReadonlyArray<string>) =>
  (key: unknown): Either.Either<Redacted.Redacted, ConfigError.ConfigError> =>
    Either.mapBoth(keyText(key), {
      onLeft: ({ expected, received }) =>
        ConfigError.InvalidData([...path], `Expected ${expected}, received ${received}`),
      onRight: (text) => Redacted.make(text)
    })

/** Reads a key from a variable, or from the configuration that is given for an option. */
const key = (
  name: string,
  option: "apiKey" | "apiSecret",
  given: Config.Config<Redacted.Redacted> | undefined
): Config.Config<Redacted.Redacted> =>
  given === undefined
    ? // not Config.redacted, which would hide the error that a variable is missing
      Config.nested(Config.mapOrFail(text, usable([])), name)
    : Config.mapOrFail(given, usable([option]))

/**
 * Credentials from configuration, by default the environment variables of the Python reference SDK:
 * `MAMMOTHANALYTICS_API_KEY` and `MAMMOTHANALYTICS_API_SECRET`. White space at the ends of a key, such as the line
 * break of a secret's file, is left out. If a key is missing, empty, or cannot be carried by a header, the layer fails
 * with an error that names it.
 *
 * @example
 * import { Credentials } from "@mammoth-effect/client"
 * import { Config } from "effect"
 *
 * const fromEnvironment = Credentials.layerConfig()
 * const byOtherNames = Credentials.layerConfig({
 *   apiKey: Config.redacted("MAMMOTH_KEY"),
 *   apiSecret: Config.redacted("MAMMOTH_SECRET")
 * })
 *
 * @since 0.1.0
 * @category layers
 */
export const layerConfig = (options?: {
  readonly apiKey?: Config.Config<Redacted.Redacted> | undefined
  readonly apiSecret?: Config.Config<Redacted.Redacted> | undefined
}): Layer.Layer<Credentials, ConfigError.ConfigError> =>
  Layer.effect(
    Credentials,
    Effect.map(
      Config.all({
        apiKey: key("MAMMOTHANALYTICS_API_KEY", "apiKey", options?.apiKey),
        apiSecret: key("MAMMOTHANALYTICS_API_SECRET", "apiSecret", options?.apiSecret)
      }),
      (keys) => ({ keys: Effect.succeed(keys) })
    )
  )
