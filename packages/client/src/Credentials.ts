/**
 * The API key and secret that the account's requests carry.
 *
 * @since 0.1.0
 */
import * as Config from "effect/Config"
import * as ConfigError from "effect/ConfigError"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import type * as Identifier from "./Identifier.js"
import { keyText, workspaceText } from "./internal/http/keys.js"
import { text } from "./internal/http/variable.js"
import { isValue, valueOf, type Wrapped } from "./internal/options/wrapped.js"
import type * as Issue from "./Issue.js"
import type { CredentialsError } from "./WebhooksError.js"

/**
 * The account's two keys, sent as `X-API-KEY` and `X-API-SECRET`, and optionally a workspace's id, sent as
 * `X-WORKSPACE-ID`.
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
  /**
   * The workspace's id, sent as `X-WORKSPACE-ID`. The vendor's own SDK sends this header, too. Default: the header is
   * not sent.
   */
  readonly workspaceId?: Identifier.Input<Identifier.WorkspaceId> | undefined
}

/**
 * The service that provides the keys. The effect `keys` runs for every attempt of every call, so that keys can rotate.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service {
  readonly keys: Effect.Effect<Keys, CredentialsError>
}

/**
 * The tag of the service with the credentials that all operations use.
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
 * Provides credentials that never change.
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

/**
 * Provides credentials from an effect that runs once, when the layer is built, such as an effect that reads a file. If
 * the effect fails, the layer fails with its error. See {@link layerPerAttempt} for keys that rotate.
 *
 * @example
 * import { Credentials } from "@mammoth-effect/client"
 * import { Effect, Redacted } from "effect"
 *
 * const readFile = Effect.succeed({ key: "key", secret: "secret" })
 *
 * const fileLayer = Credentials.layerEffect(
 *   Effect.map(readFile, ({ key, secret }) => ({ apiKey: Redacted.make(key), apiSecret: Redacted.make(secret) }))
 * )
 *
 * @since 0.1.0
 * @category layers
 */
export const layerEffect = <E = never, R = never>(keys: Effect.Effect<Keys, E, R>): Layer.Layer<Credentials, E, R> =>
  Layer.effect(
    Credentials,
    Effect.map(keys, (read) => ({ keys: Effect.succeed(read) }))
  )

/**
 * Provides credentials from an effect that runs for every attempt of every call. Use it for keys that rotate: from a
 * vault, a file that changes, or a token exchange.
 *
 * If the effect fails with `CredentialsError`, the call fails with the same error. The attempt's timeout includes the
 * time of the effect. If the server responds with 401, the effect runs again. If the effect then yields other keys, the
 * call is retried once. See {@link layerEffect} for an effect that runs once.
 *
 * @example
 * import { Credentials, WebhooksError } from "@mammoth-effect/client"
 * import { Effect, Redacted } from "effect"
 *
 * const readVault = Effect.tryPromise({
 *   try: () => Promise.resolve({ key: "key", secret: "secret" }),
 *   catch: () => new WebhooksError.CredentialsError({ reason: "the vault does not respond" })
 * })
 *
 * const vaultLayer = Credentials.layerPerAttempt(
 *   Effect.map(readVault, ({ key, secret }) => ({ apiKey: Redacted.make(key), apiSecret: Redacted.make(secret) }))
 * )
 *
 * @since 0.1.0
 * @category layers
 */
export const layerPerAttempt = <R = never>(
  keys: Effect.Effect<Keys, CredentialsError, R>
): Layer.Layer<Credentials, never, R> =>
  Layer.effect(
    Credentials,
    Effect.map(Effect.context<R>(), (context) => ({ keys: Effect.provide(keys, context) }))
  )

/**
 * The keys and the workspace that {@link layerConfig} reads.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** The API key. Default: the environment variable `MAMMOTHANALYTICS_API_KEY`. */
  readonly apiKey?: Redacted.Redacted | undefined
  /** The API secret. Default: the environment variable `MAMMOTHANALYTICS_API_SECRET`. */
  readonly apiSecret?: Redacted.Redacted | undefined
  /**
   * The workspace's id to send as `X-WORKSPACE-ID`: an integer of 1 or more. Default: the header is not sent. The SDK
   * reads no environment variable for this option.
   */
  readonly workspaceId?: Identifier.Input<Identifier.WorkspaceId> | undefined
}

/**
 * Options of {@link layerConfig}. Each option is a value, or a `Config` that reads the value. You can also give one
 * `Config` that reads all options.
 *
 * @example
 * import type { Credentials } from "@mammoth-effect/client"
 * import { Config } from "effect"
 *
 * const options: Credentials.ConfigOptions = {
 *   apiKey: Config.redacted("MAMMOTH_KEY"),
 *   apiSecret: Config.redacted("MAMMOTH_SECRET"),
 *   workspaceId: 4
 * }
 *
 * @since 0.1.0
 * @category models
 */
export type ConfigOptions = Wrapped<Options>

/** Makes one `Config` of all options from options that are values or `Config`s. */
const readOptions = (options: ConfigOptions): Config.Config<Options> =>
  isValue(options)
    ? Config.all({
        apiKey: valueOf(options.apiKey),
        apiSecret: valueOf(options.apiSecret),
        workspaceId: valueOf(options.workspaceId)
      })
    : options

/** Makes the error for an option or a variable with an invalid value. */
const invalid =
  (path: ReadonlyArray<string>) =>
  ({ expected, received }: Pick<Issue.Issue, "expected" | "received">): ConfigError.ConfigError =>
    ConfigError.InvalidData([...path], `Expected ${expected}, received ${received}`)

/**
 * Checks a key. If the key is empty, or if a header cannot carry the key, returns an error. The error names the option
 * or the variable.
 */
const usable =
  (path: ReadonlyArray<string>) =>
  (key: unknown): Either.Either<Redacted.Redacted, ConfigError.ConfigError> =>
    Either.mapBoth(keyText(key), { onLeft: invalid(path), onRight: (text) => Redacted.make(text) })

/** Checks a key that an option gives, or reads the key from a variable. */
const key = (
  name: string,
  option: "apiKey" | "apiSecret",
  given: Redacted.Redacted | undefined
): Config.Config<Redacted.Redacted> =>
  given === undefined
    ? // Read the variable as a plain string, because `Config.redacted` would hide the error of a missing variable.
      Config.nested(Config.mapOrFail(text, usable([])), name)
    : Config.mapOrFail(Config.succeed(given), usable([option]))

const checkWorkspaceId = (given: Options["workspaceId"]): Either.Either<typeof given, ConfigError.ConfigError> =>
  given === undefined
    ? Either.right(undefined)
    : Either.mapBoth(workspaceText(given), { onLeft: invalid(["workspaceId"]), onRight: () => given })

/**
 * Provides credentials from options and environment variables. Each option is a value or a `Config`. If you leave out a
 * key, or if its `Config` yields `undefined`, the key comes from a variable: `MAMMOTHANALYTICS_API_KEY` or
 * `MAMMOTHANALYTICS_API_SECRET`. The Python reference SDK reads the same variables. All values are read once, when the
 * layer is built.
 *
 * White space around a key is removed, such as the line break at the end of a file that holds the key. If a key is
 * missing or empty, or has a character that a header cannot carry, the layer fails with a `ConfigError` that names the
 * key.
 *
 * @example
 * import { Credentials } from "@mammoth-effect/client"
 * import { Config } from "effect"
 *
 * const fromEnvironment = Credentials.layerConfig()
 * const byOtherNames = Credentials.layerConfig({
 *   apiKey: Config.redacted("MAMMOTH_KEY"),
 *   apiSecret: Config.redacted("MAMMOTH_SECRET"),
 *   workspaceId: Config.integer("MAMMOTH_WORKSPACE_ID")
 * })
 *
 * @since 0.1.0
 * @category layers
 */
export const layerConfig = (options: ConfigOptions = {}): Layer.Layer<Credentials, ConfigError.ConfigError> =>
  Layer.effect(
    Credentials,
    Effect.flatMap(readOptions(options), ({ apiKey, apiSecret, workspaceId }) =>
      Effect.map(
        Config.all({
          apiKey: key("MAMMOTHANALYTICS_API_KEY", "apiKey", apiKey),
          apiSecret: key("MAMMOTHANALYTICS_API_SECRET", "apiSecret", apiSecret),
          workspaceId: Config.mapOrFail(Config.succeed(workspaceId), checkWorkspaceId)
        }),
        (keys) => ({ keys: Effect.succeed(keys) })
      )
    )
  )
