/**
 * The address of the server, and the settings of all requests to it.
 *
 * @since 0.1.0
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import * as Config from "effect/Config"
import * as ConfigError from "effect/ConfigError"
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { identity } from "effect/Function"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Struct from "effect/Struct"
import * as BaseUrl from "./internal/http/baseUrl.js"
import { canCarrySecret, headerName, isHeaderValue } from "./internal/http/headerRules.js"
import { variable } from "./internal/http/variable.js"
import { isValue, valueOf, type Wrapped } from "./internal/options/wrapped.js"
import type * as Issue from "./Issue.js"
import * as JsonText from "./JsonText.js"
import * as Time from "./Time.js"

/**
 * The complete configuration of calls.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** The server's origin and base path, without a slash at the end, such as `https://app.mammoth.io/api/v2`. */
  readonly baseUrl: string
  /** `true` to accept `http:` base URLs of hosts other than loopback. */
  readonly allowInsecure: boolean
  /** The `user-agent` header. Pages and workers in a browser send the browser's own header instead. */
  readonly userAgent: string
  /**
   * The longest time for one attempt. An attempt begins with reading the credentials, and ends with the response's
   * body.
   */
  readonly timeout: Duration.Duration
  /** The longest time for one call, with all its attempts and waits. `undefined` means no limit. */
  readonly deadline: Duration.Duration | undefined
  /** The header that carries the secret of a secure webhook, and the scheme in that header. */
  readonly webhookSecret: {
    readonly header: string
    /**
     * The word before the secret in the header, such as `Bearer`. If `scheme` is empty, the header holds only the
     * secret.
     */
    readonly scheme: string
  }
  /** The maximum number of bytes that the SDK reads from a response's body, counted after decompression. */
  readonly responseLimits: ResponseLimits
  /** `true` to send the trace context of each attempt to the server. */
  readonly traceContext: boolean
  /** `true` to show the beginning of each body in debug logs, without secrets. */
  readonly logBodies: boolean
  /** Changes the HTTP client that sends each attempt, for example to add a proxy, a recorder or headers. */
  readonly transformClient: (client: HttpClient.HttpClient) => HttpClient.HttpClient
}

/**
 * The maximum number of bytes that the SDK reads from a response's body, counted after decompression.
 *
 * @since 0.1.0
 * @category models
 */
export interface ResponseLimits {
  /**
   * The limit for 2xx responses of `list`, `create`, `getDetails` and `update`. These calls return the response's body.
   */
  readonly needed: number
  /**
   * The limit for error responses, and for 2xx responses of `delete`, `addData` and `addDataUsingGet`. No call returns
   * the bodies of these responses.
   */
  readonly other: number
}

/**
 * Options of the configuration. Each has a default.
 *
 * @example
 * import type { MammothConfig } from "@mammoth-effect/client"
 *
 * const options: MammothConfig.Options = { baseUrl: "http://127.0.0.1:4010/api/v2", timeout: "5 seconds" }
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** The base URL of the server. Default: `https://app.mammoth.io/api/v2`. */
  readonly baseUrl?: string | undefined
  /** Allows `http:` base URLs of hosts other than loopback. Keys are then sent unencrypted. Default: `false`. */
  readonly allowInsecure?: boolean | undefined
  /** The `user-agent` header. Default: `mammoth-effect`. */
  readonly userAgent?: string | undefined
  /** The longest time for one attempt. Default: 30 seconds. */
  readonly timeout?: Duration.DurationInput | undefined
  /** The longest time for one call, with all its attempts. Default: no limit, except the timeout of each attempt. */
  readonly deadline?: Duration.DurationInput | undefined
  /**
   * The header that carries the secret of a secure webhook, and the scheme: a word before the secret, such as `Bearer`.
   * Default: header `authorization`, no scheme.
   *
   * Only a help page of the vendor describes this header. If the server expects another header, set that header here.
   */
  readonly webhookSecret?: { readonly header?: string | undefined; readonly scheme?: string | undefined } | undefined
  /**
   * The maximum numbers of bytes that the SDK reads from a response's body, counted after decompression. Each is a
   * whole number up to 536,870,888 (512 MiB), the maximum length of a string in Node. Default: `needed` 32 MiB, `other`
   * 2 MiB.
   *
   * If a body is longer, the SDK stops reading and aborts the response. A call that returns the body then fails with a
   * `DecodeError` whose `delivery` is `Accepted`. For any other call, the status decides the result, as with a shorter
   * body.
   */
  readonly responseLimits?: { readonly needed?: number | undefined; readonly other?: number | undefined } | undefined
  /** Sends the trace context of each attempt to the server (`traceparent`, `b3`). Default: `false`. */
  readonly traceContext?: boolean | undefined
  /**
   * Shows the first 500 characters of each body in debug logs. Keys and secrets are masked, but the contents of rows
   * are not. Default: `false`.
   */
  readonly logBodies?: boolean | undefined
  /**
   * Changes the HTTP client that sends each attempt. Retries, timeouts and the other policies also apply to the changed
   * client. Default: no change. The SDK does not check the requests that the changed client makes. If the changed client
   * adds a header such as `content-length` or `host`, the transport receives this header.
   */
  readonly transformClient?: ((client: HttpClient.HttpClient) => HttpClient.HttpClient) | undefined
}

/**
 * The tag of the service with the configuration that all operations use.
 *
 * @example
 * import { MammothConfig } from "@mammoth-effect/client"
 * import { Effect } from "effect"
 *
 * const baseUrl = Effect.map(MammothConfig.MammothConfig, (config) => config.baseUrl)
 *
 * @since 0.1.0
 * @category tags
 */
export class MammothConfig extends Context.Tag("@mammoth-effect/client/MammothConfig")<MammothConfig, Service>() {}

/** Checks a limit in bytes. A body is read as one string, so the limit is at most the maximum length of a string. */
const isSize = (bytes: number): boolean => Number.isInteger(bytes) && bytes >= 0 && bytes <= JsonText.maxLength

/**
 * Makes a complete configuration from options. If an option cannot be used, returns a `ConfigError` that names the
 * option.
 *
 * @example
 * import { MammothConfig } from "@mammoth-effect/client"
 *
 * const config = MammothConfig.make({ timeout: "5 seconds" })
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (options: Options = {}): Either.Either<Service, ConfigError.ConfigError> => fromGiven(options)

/** The options, in which `timeout` and `deadline` can also be strings from environment variables. */
interface Given extends Omit<Options, "timeout" | "deadline"> {
  readonly timeout?: unknown
  readonly deadline?: unknown
}

const invalid = ({ expected, path, received }: Issue.Issue) =>
  Either.left(ConfigError.InvalidData(path.map(String), `Expected ${expected}, received ${received}`))

const fromGiven = (options: Given): Either.Either<Service, ConfigError.ConfigError> => {
  const allowInsecure = options.allowInsecure ?? false
  const userAgent = options.userAgent ?? "mammoth-effect"
  const header = headerName(options.webhookSecret?.header ?? "authorization")
  const scheme = options.webhookSecret?.scheme ?? ""
  const refuse = (path: ReadonlyArray<string>, expected: string) =>
    Either.left(ConfigError.InvalidData([...path], `Expected ${expected}`))
  const timeout = Time.read(["timeout"], options.timeout ?? "30 seconds")
  const deadline = Time.limit(["deadline"], options.deadline ?? undefined)
  if (Either.isLeft(timeout)) return invalid(timeout.left)
  if (Either.isLeft(deadline)) return invalid(deadline.left)
  if (!isHeaderValue(userAgent)) return refuse(["userAgent"], "printable ASCII")
  if (!canCarrySecret(header)) {
    return refuse(
      ["webhookSecret", "header"],
      "another header: this one carries keys, controls framing or routing, or is set by the SDK"
    )
  }
  if (scheme !== "" && !isHeaderValue(scheme)) return refuse(["webhookSecret", "scheme"], "printable ASCII")
  const responseLimits = {
    needed: options.responseLimits?.needed ?? 32 * 2 ** 20,
    other: options.responseLimits?.other ?? 2 * 2 ** 20
  }
  for (const name of ["needed", "other"] as const) {
    if (!isSize(responseLimits[name])) {
      return refuse(["responseLimits", name], `a whole number of bytes from 0 to ${JsonText.maxLength}`)
    }
  }
  return BaseUrl.normalize(options.baseUrl ?? "https://app.mammoth.io/api/v2", allowInsecure).pipe(
    Either.mapBoth({
      onLeft: (expected) => ConfigError.InvalidData(["baseUrl"], `Expected ${expected}`),
      onRight: (baseUrl) => ({
        baseUrl,
        allowInsecure,
        userAgent,
        timeout: timeout.right,
        deadline: Option.getOrUndefined(deadline.right),
        webhookSecret: { header, scheme },
        responseLimits,
        traceContext: options.traceContext ?? false,
        logBodies: options.logBodies ?? false,
        transformClient: options.transformClient ?? identity
      })
    })
  )
}

/**
 * Provides the configuration from options.
 *
 * @example
 * import { MammothConfig } from "@mammoth-effect/client"
 *
 * const local = MammothConfig.layer({ baseUrl: "http://127.0.0.1:4010/api/v2" })
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (options?: Options): Layer.Layer<MammothConfig, ConfigError.ConfigError> =>
  Layer.effect(MammothConfig, make(options))

/**
 * Options of {@link layerConfig}. Each option is a value, or a `Config` that reads the value. You can also give one
 * `Config` that reads all options.
 *
 * @example
 * import type { MammothConfig } from "@mammoth-effect/client"
 * import { Config } from "effect"
 *
 * const options: MammothConfig.ConfigOptions = {
 *   baseUrl: Config.string("SHOP_MAMMOTH_URL"),
 *   timeout: Config.duration("SHOP_MAMMOTH_TIMEOUT"),
 *   userAgent: "shop/1.0"
 * }
 *
 * @since 0.1.0
 * @category models
 */
export type ConfigOptions = Wrapped<Options>

/** Makes one `Config` of all options from options that are values or `Config`s. */
const readOptions = (options: ConfigOptions): Config.Config<Options> => {
  if (!isValue(options)) return options
  const { responseLimits, webhookSecret } = options
  return Config.all({
    baseUrl: valueOf(options.baseUrl),
    allowInsecure: valueOf(options.allowInsecure),
    userAgent: valueOf(options.userAgent),
    timeout: valueOf(options.timeout),
    deadline: valueOf(options.deadline),
    webhookSecret: isValue(webhookSecret)
      ? Config.all({ header: valueOf(webhookSecret?.header), scheme: valueOf(webhookSecret?.scheme) })
      : webhookSecret,
    responseLimits: isValue(responseLimits)
      ? Config.all({ needed: valueOf(responseLimits?.needed), other: valueOf(responseLimits?.other) })
      : responseLimits,
    traceContext: valueOf(options.traceContext),
    logBodies: valueOf(options.logBodies),
    transformClient: valueOf(options.transformClient)
  })
}

/**
 * Provides the configuration from options and environment variables. Each option is a value or a `Config`. If you leave
 * out an option, or if its `Config` yields `undefined`, the default of the option applies. Three defaults come from
 * environment variables, if the variables are set: `MAMMOTH_BASE_URL`, `MAMMOTH_TIMEOUT` and `MAMMOTH_DEADLINE`. A time
 * in a variable is a string such as `5 seconds`, or `Infinity` for no limit. An empty variable counts as not set.
 *
 * If an option or a variable cannot be used, the layer fails with a `ConfigError` that names the option or the
 * variable.
 *
 * @example
 * import { MammothConfig } from "@mammoth-effect/client"
 * import { Config } from "effect"
 *
 * const fromEnvironment = MammothConfig.layerConfig()
 * const withBodies = MammothConfig.layerConfig({
 *   timeout: "10 seconds",
 *   logBodies: Config.withDefault(Config.boolean("LOG_BODIES"), false)
 * })
 *
 * @since 0.1.0
 * @category layers
 */
export const layerConfig = (options: ConfigOptions = {}): Layer.Layer<MammothConfig, ConfigError.ConfigError> =>
  Layer.effect(
    MammothConfig,
    Effect.flatMap(
      Config.all({
        given: readOptions(options),
        baseUrl: variable(names.baseUrl),
        timeout: variable(names.timeout),
        deadline: variable(names.deadline)
      }),
      ({ given, ...found }) =>
        Either.mapLeft(
          fromGiven({
            ...given,
            baseUrl: given.baseUrl ?? Option.getOrUndefined(found.baseUrl),
            timeout: given.timeout ?? Option.getOrUndefined(found.timeout),
            deadline: given.deadline ?? Option.getOrUndefined(found.deadline)
          }),
          (error) => blame(given, error)
        )
    )
  )

const names = { baseUrl: "MAMMOTH_BASE_URL", timeout: "MAMMOTH_TIMEOUT", deadline: "MAMMOTH_DEADLINE" } as const

/** If the invalid value came from a variable, replaces the option's name in the error with the variable's name. */
const blame = (options: Options, error: ConfigError.ConfigError): ConfigError.ConfigError => {
  if (!ConfigError.isInvalidData(error)) return error
  const name = Struct.keys(names).find((each) => each === error.path[0] && options[each] === undefined)
  return name === undefined ? error : ConfigError.InvalidData([names[name]], error.message)
}
