/** Reads options and variables when a client is made, so that a program with wrong settings fails when it starts. */
import * as Issue from "@mammoth-effect/core/Issue"
import { CredentialsError } from "@mammoth-effect/core/WebhooksError"
import type * as ConfigError from "effect/ConfigError"
import * as ConfigProvider from "effect/ConfigProvider"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"
import * as Credentials from "../../Credentials.js"
import * as MammothConfig from "../../MammothConfig.js"
import * as RetryPolicy from "../../RetryPolicy.js"
import { isError } from "../codec/brand.js"
import { headersOf } from "../http/keys.js"
import { anything, callback, find, flag, instead, object, type Of } from "../options/kinds.js"
import { notRetry, retry, toPolicy } from "./callOptions.js"
import { ConfigurationError, isTagged } from "./errors.js"
import type { Trace } from "./trace.js"

type Keys = { readonly [Name in "apiKey" | "apiSecret"]: string | Redacted.Redacted } & Pick<
  Credentials.Keys,
  "workspaceId"
>

/** The options of a client, as the public `Options` documents them. */
export interface Options extends Omit<MammothConfig.Options, "traceContext" | "logBodies" | "transformClient"> {
  readonly credentials?: Keys | ((signal: AbortSignal) => Keys | PromiseLike<Keys>) | undefined
  readonly env?: Readonly<Record<string, unknown>> | undefined
  readonly retry?: RetryPolicy.Options | false | undefined
}

const keys: Of<Keys> = {
  apiKey: anything,
  apiSecret: anything,
  workspaceId: anything,
  key: instead("apiKey"),
  secret: instead("apiSecret")
}

const inCredentials = instead("credentials: { apiKey, apiSecret }")

const properties: Of<Options & { readonly fetch?: unknown; readonly httpClient?: unknown }> = {
  credentials: {
    expected: "{ apiKey, apiSecret }, or a function that returns them",
    holds: (given) => Predicate.isRecord(given) || Predicate.isFunction(given),
    properties: keys
  },
  apiKey: inCredentials,
  apiSecret: inCredentials,
  env: { expected: "an object of variables, such as process.env", holds: Predicate.isRecord },
  baseUrl: anything,
  allowInsecure: flag,
  timeout: anything,
  deadline: anything,
  retry,
  ...notRetry,
  fetch: callback,
  httpClient: { expected: "a layer of an HttpClient", holds: Layer.isLayer },
  userAgent: anything,
  webhookSecret: object("an object such as { header }", { header: anything, scheme: anything }),
  responseLimits: object("an object such as { needed }", { needed: anything, other: anything })
}

const kind = object("an object of options, such as { credentials }", properties)

const under = (name: string, issue: Issue.Issue): string => Issue.format({ ...issue, path: [name, ...issue.path] })

/**
 * Returns the keys, or the reason why a key cannot be used. The reason names the key. Programs without types may pass
 * `undefined`.
 */
const toKeys = (given: Keys): Either.Either<Credentials.Keys, string> =>
  Either.mapBoth(headersOf(given), {
    onLeft: (issue) => under("credentials", issue),
    onRight: () => ({
      apiKey: Redacted.isRedacted(given.apiKey) ? given.apiKey : Redacted.make(given.apiKey),
      apiSecret: Redacted.isRedacted(given.apiSecret) ? given.apiSecret : Redacted.make(given.apiSecret),
      workspaceId: given.workspaceId
    })
  })

/**
 * Makes a `CredentialsError` from a thrown value. Shows only the name of an error, because its message may hold a key.
 * Returns a `CredentialsError` unchanged.
 */
const toCredentialsError = (thrown: unknown): CredentialsError =>
  isTagged(thrown) && thrown._tag === "MammothCredentialsError"
    ? thrown
    : new CredentialsError({
        reason: `the credentials function threw ${isError(thrown) ? `an error (${thrown.name})` : Issue.shape(thrown)}; to say why, throw a CredentialsError`
      })

const toReason = (error: ConfigError.ConfigError): string =>
  error._op === "And" || error._op === "Or"
    ? `${toReason(error.left)}; ${toReason(error.right)}`
    : `${error.path.join(".")}${error._op === "MissingData" ? " is missing" : `: ${error.message}`}`

const credentialsLayer = (given: Options["credentials"]): Layer.Layer<Credentials.Credentials, string> => {
  if (given === undefined) {
    return Layer.mapError(
      Credentials.layerConfig(),
      (error) => `${toReason(error)}; set these variables, or pass the option credentials`
    )
  }
  if (!Predicate.isFunction(given)) return Layer.unwrapEffect(Either.map(toKeys(given), Credentials.layer))
  return Credentials.layerPerAttempt(
    Effect.tryPromise({ try: (signal) => Promise.resolve(given(signal)), catch: toCredentialsError }).pipe(
      Effect.flatMap((keys) => Either.mapLeft(toKeys(keys), (reason) => new CredentialsError({ reason })))
    )
  )
}

/**
 * Reads variables from a record instead of the environment. In some runtimes, the record also holds values that are not
 * strings, such as bindings. Fails if a variable of the SDK has a value of this kind, and ignores all other values of
 * this kind.
 */
const variablesLayer = (env: Readonly<Record<string, unknown>>): Layer.Layer<never, string> => {
  const entries = Object.entries(env)
  const wrong = entries.find(
    ([name, text]) => name.startsWith("MAMMOTH") && text !== undefined && !Predicate.isString(text)
  )
  if (wrong !== undefined) {
    const [name, given] = wrong
    const expected = "a string (call reveal)"
    return Layer.fail(Issue.format({ path: ["env", name], expected, received: Issue.shape(given) }))
  }
  const texts = entries.filter((entry): entry is [string, string] => Predicate.isString(entry[1]))
  return Layer.setConfigProvider(ConfigProvider.fromMap(new Map(texts)))
}

/**
 * Reads the options, and returns the services that every call uses. Throws a `ConfigurationError` that names the wrong
 * option.
 */
export const read = (
  options: Options,
  from: Trace
): Context.Context<Credentials.Credentials | MammothConfig.MammothConfig | RetryPolicy.RetryPolicy> => {
  const wrong = find(kind, [], options)
  if (wrong !== undefined) {
    const path = wrong.path.length === 0 ? ["options"] : wrong.path
    throw new ConfigurationError({ reason: Issue.format({ ...wrong, path }) }, from)
  }
  return Layer.mergeAll(
    credentialsLayer(options.credentials),
    Layer.mapError(MammothConfig.layerConfig(options), toReason),
    Layer.effect(
      RetryPolicy.RetryPolicy,
      Either.mapLeft(RetryPolicy.read(toPolicy(options.retry ?? {})), (issue) => under("retry", issue))
    )
  ).pipe(
    Layer.provide(options.env === undefined ? Layer.empty : variablesLayer(options.env)),
    Layer.build,
    Effect.scoped,
    Effect.either,
    Effect.runSync,
    Either.getOrThrowWith((reason) => new ConfigurationError({ reason }, from))
  )
}
