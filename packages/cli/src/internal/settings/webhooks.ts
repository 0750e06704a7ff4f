/** The client's operations, configured by the settings of the run. */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as HttpClient from "@effect/platform/HttpClient"
import type * as Path from "@effect/platform/Path"
import * as RequestOptions from "@mammoth-effect/client/RequestOptions"
import * as Webhooks from "@mammoth-effect/client/Webhooks"
import * as ConfigError from "effect/ConfigError"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Struct from "effect/Struct"
import { ConfigurationError, UsageError } from "../shell/errors.js"
import type { Prompts } from "../shell/prompts.js"
import { version } from "../version.js"
import type { Connection } from "./flags.js"
import * as Settings from "./settings.js"

/** The project that a command works in. */
export class Project extends Context.Tag("@mammoth-effect/cli/Project")<Project, Webhooks.InProject>() {}

interface Options {
  /** `true` if the command reads its data from stdin. */
  readonly readsStdin?: boolean
  /**
   * The HTTP client that sends the requests. Default: a client over `node:http`, because Node needs 100 ms to load
   * `fetch`.
   */
  readonly transport?: Layer.Layer<HttpClient.HttpClient>
  /** The longest time for one call if the settings have no deadline. Default: none. */
  readonly deadline?: Duration.Duration
}

type Leaf = ConfigError.MissingData | ConfigError.InvalidData

/** Returns all errors that a combined configuration error contains. */
const leaves = (error: ConfigError.ConfigError): ReadonlyArray<Leaf> => {
  if (ConfigError.isMissingData(error) || ConfigError.isInvalidData(error)) return [error]
  return ConfigError.isAnd(error) || ConfigError.isOr(error) ? [...leaves(error.left), ...leaves(error.right)] : []
}

/** Returns the flag of a setting, such as `--base-url` for `baseUrl`. */
const flagOf = (name: Settings.Name): string => `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`

const pathOf = ({ path }: Leaf): string => path.join(".")

/**
 * Converts a configuration error to an error that names the wrong or missing settings. The error does not show their
 * values.
 */
const explain =
  (settings: Settings.Settings) =>
  (error: ConfigError.ConfigError): ConfigurationError | UsageError => {
    const all = leaves(error)
    const invalid = all.find(ConfigError.isInvalidData)
    if (invalid === undefined) {
      return new ConfigurationError({
        message: `these settings are missing: ${all.map(pathOf).join(", ")}`,
        hint: "Set the variables, or put the keys into the profile. mammoth-webhooks --help describes the profile."
      })
    }
    const variable = pathOf(invalid)
    const name = Struct.keys(Settings.names).find((each) => Settings.names[each] === variable || each === variable)
    const origin = name === undefined ? undefined : settings.values[name]?.origin
    if (name !== undefined && origin === "flag") {
      // Replace the name of the SDK's option in the client's message with the name of the flag.
      const reason = invalid.message.replaceAll(/\ballowInsecure\b/g, "--allow-insecure")
      return new UsageError({ message: `${flagOf(name)}: ${reason}`, hint: "Nothing was sent. Correct the flag." })
    }
    const message = `${variable}${origin === undefined ? "" : ` (${origin})`}: ${invalid.message}`
    return new ConfigurationError({
      message: message.replaceAll(/\ballowInsecure\b/g, "--allow-insecure"),
      hint: "Correct the setting, and check all settings with mammoth-webhooks doctor."
    })
  }

/** Makes the `ConfigProvider` from which the client reads the settings. */
const providerOf = (settings: Settings.Settings): ConfigProvider.ConfigProvider =>
  ConfigProvider.fromMap(
    new Map(
      Struct.keys(Settings.names).flatMap((name) => {
        const given = settings.values[name]
        return given === undefined ? [] : [[Settings.names[name], given.value] as const]
      })
    ),
    // Use separators that occur in no name and in no value, so that `ConfigProvider` splits nothing.
    { pathDelim: "\u0000", seqDelim: "\u0000" }
  )

/** Makes the layer of the client's operations. */
export const layer = (
  settings: Settings.Settings,
  transport: Layer.Layer<HttpClient.HttpClient> = NodeHttpClient.layer
): Layer.Layer<Webhooks.Webhooks, ConfigurationError | UsageError> =>
  Webhooks.layerConfig({ allowInsecure: settings.allowInsecure, userAgent: `mammoth-webhooks/${version}` }).pipe(
    Layer.provide(transport),
    Layer.provide(Layer.setConfigProvider(providerOf(settings))),
    Layer.mapError(explain(settings))
  )

/** Provides a command with the client's operations and the project. */
export const provide =
  (flags: Connection, options: Options = {}) =>
  <A, E, R>(
    self: Effect.Effect<A, E, R>
  ): Effect.Effect<
    A,
    E | ConfigurationError | UsageError,
    Exclude<Exclude<R, Project>, Webhooks.Webhooks> | FileSystem.FileSystem | Path.Path | Prompts
  > =>
    Effect.gen(function* () {
      const settings = yield* Settings.read(flags, options)
      const workspaceId = yield* Settings.id(settings, "workspaceId")
      const projectId = yield* Settings.id(settings, "projectId")
      const times = Option.getOrUndefined(settings.retries)
      return yield* self.pipe(
        RequestOptions.withOptions({
          ...(times === undefined ? {} : { retry: { times } }),
          ...(settings.values.deadline === undefined ? { deadline: options.deadline } : {})
        }),
        Effect.provideService(Project, { workspaceId, projectId }),
        Effect.provide(layer(settings, options.transport))
      )
    })
