/**
 * The operations for programs that do not use Effect: promises, async iteration, and plain options.
 *
 * @since 0.1.0
 */
/// <reference lib="esnext.disposable" preserve="true" />
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import type * as HttpClient from "@effect/platform/HttpClient"
import type * as Identifier from "@mammoth-effect/core/Identifier"
import * as Issue from "@mammoth-effect/core/Issue"
import type * as Json from "@mammoth-effect/core/Json"
import type * as Operation from "@mammoth-effect/core/Operation"
import * as Operations from "@mammoth-effect/core/Operations"
import type * as Webhook from "@mammoth-effect/core/Webhook"
import type * as WebhookField from "@mammoth-effect/core/WebhookField"
import type * as WebhookMode from "@mammoth-effect/core/WebhookMode"
import type * as WebhookPage from "@mammoth-effect/core/WebhookPage"
import type * as WebhookPatch from "@mammoth-effect/core/WebhookPatch"
import { CredentialsError, InvalidRequest, type WebhooksError } from "@mammoth-effect/core/WebhooksError"
import * as Cause from "effect/Cause"
import * as Chunk from "effect/Chunk"
import type * as ConfigError from "effect/ConfigError"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as ExecutionStrategy from "effect/ExecutionStrategy"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { AmbiguousName } from "./AmbiguousName.js"
import * as Credentials from "./Credentials.js"
import type { IngestError } from "./IngestError.js"
import type * as IngestReport from "./IngestReport.js"
import { isError } from "./internal/codec/brand.js"
import { isAbortSignal, onAbort } from "./internal/http/abort.js"
import { identify } from "./internal/http/call.js"
import { headersOf } from "./internal/http/keys.js"
import * as MammothConfig from "./MammothConfig.js"
import * as RequestOptions from "./RequestOptions.js"
import * as RetryPolicy from "./RetryPolicy.js"
import * as RowSource from "./RowSource.js"
import * as Webhooks from "./Webhooks.js"
import * as WebhookSink from "./WebhookSink.js"
import type { CombineTarget, ReplaceTarget } from "./WebhookTarget.js"

export {
  /**
   * Says that the webhook of a key is in mode `combine`, so that rows can be ingested by key. Nobody checks it.
   *
   * @since 0.1.0
   * @category webhooks
   */
  assumeCombine,
  /**
   * Says that the webhook of a key is in mode `replace`, so that all its rows can be replaced by key. Nobody checks it.
   *
   * @since 0.1.0
   * @category webhooks
   */
  assumeReplace
} from "./WebhookTarget.js"

/**
 * A length of time above zero: milliseconds, or text such as `"5 seconds"`. `Infinity` stands for no limit.
 *
 * @example
 * import type { Time } from "@mammoth-effect/client/promise"
 *
 * const times: ReadonlyArray<Time> = [500, "5 seconds", "2 minutes"]
 *
 * @since 0.1.0
 * @category options
 */
export type Time = number | `${number} ${Duration.Unit}`

/**
 * The account's two keys, as text or redacted already.
 *
 * @since 0.1.0
 * @category options
 */
export interface Keys {
  readonly apiKey: string | Redacted.Redacted
  readonly apiSecret: string | Redacted.Redacted
  /** Sent as `X-WORKSPACE-ID` where given, as the vendor's own SDK does. */
  readonly workspaceId?: number | undefined
}

/**
 * When a call is attempted again; what is left out is as in `RetryPolicy.standard`.
 *
 * @example
 * import type { RetryOptions } from "@mammoth-effect/client/promise"
 *
 * const patient: RetryOptions = { attempts: 10, maxInterval: "5 minutes" }
 *
 * @since 0.1.0
 * @category options
 */
export interface RetryOptions extends Omit<RetryPolicy.Options, "schedule"> {}

/**
 * What a client is made with; everything may be left out.
 *
 * @example
 * import type { Options } from "@mammoth-effect/client/promise"
 *
 * const local: Options = {
 *   baseUrl: "http://127.0.0.1:4010/api/v2",
 *   credentials: { apiKey: "emulator-key", apiSecret: "emulator-secret" },
 *   retry: false
 * }
 *
 * @since 0.1.0
 * @category options
 */
export interface Options {
  /**
   * The keys, or a function that is called for each attempt of each call, so that they can rotate. Default: the
   * variables `MAMMOTHANALYTICS_API_KEY` and `MAMMOTHANALYTICS_API_SECRET`.
   */
  readonly credentials?: Keys | ((signal: AbortSignal) => Keys | PromiseLike<Keys>) | undefined
  /** Where the variables are looked up. Default: the environment of the process. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined
  /** Default: the variable `MAMMOTH_BASE_URL`, or else `https://app.mammoth.io/api/v2`. */
  readonly baseUrl?: string | undefined
  /** Allows `http:` to hosts other than loopback, which sends keys in clear. Default `false`. */
  readonly allowInsecure?: boolean | undefined
  /** Default `mammoth-effect`. */
  readonly userAgent?: string | undefined
  /** How long one attempt may take. Default: the variable `MAMMOTH_TIMEOUT`, or else 30 seconds. */
  readonly timeout?: Time | undefined
  /** How long one call may take, with all its attempts. Default: the variable `MAMMOTH_DEADLINE`, or else no limit. */
  readonly deadline?: Time | undefined
  /** When calls are attempted again; `false` for never. Default: at most four attempts, none that could duplicate a row. */
  readonly retry?: RetryOptions | false | undefined
  /** How the secret of a secure webhook is sent. Default header `authorization`, no scheme. */
  readonly webhookSecret?: { readonly header?: string | undefined; readonly scheme?: string | undefined } | undefined
  /**
   * How many bytes of a response's body are read at most, counted after decompression. Default: `needed`, for bodies
   * that a call returns, 32 MiB; `other` 2 MiB.
   */
  readonly responseLimits?: MammothConfig.Options["responseLimits"]
  /** Sends each request. If it throws, and so returns no promise, nothing counts as sent. Default: the global one. */
  readonly fetch?: typeof globalThis.fetch | undefined
  /** A transport of Effect's in place of fetch, such as `NodeHttpClient.layerUndici`. */
  readonly httpClient?: Layer.Layer<HttpClient.HttpClient> | undefined
}

/**
 * What can be changed for one call.
 *
 * @example
 * import type { CallOptions } from "@mammoth-effect/client/promise"
 *
 * const brief: CallOptions = { signal: AbortSignal.timeout(10_000), retry: false }
 *
 * @since 0.1.0
 * @category options
 */
export interface CallOptions {
  /** Ends the call when aborted: its request is torn down, and the promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal | undefined
  /** How long one attempt may take. */
  readonly timeout?: Time | undefined
  /** How long the call may take, with all its attempts. */
  readonly deadline?: Time | undefined
  /** When the call is attempted again; `false` for never. */
  readonly retry?: RetryOptions | false | undefined
  /** Whether a call that writes once is repeated where the server may have acted, which can duplicate rows. */
  readonly atLeastOnce?: boolean | undefined
  /**
   * Further headers, by name. A header that carries credentials or that frames or routes the message is refused as
   * `InvalidRequest`, so that an incoming request's `headers` cannot be handed on whole: choose those to send.
   */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Another server for this call, under the same rules as the configured one. */
  readonly baseUrl?: string | undefined
  /** Receives each attempt's answer as it came, secrets included. */
  readonly onResponse?: ((response: RequestOptions.RawResponse) => void | PromiseLike<void>) | undefined
}

/**
 * What became of the rows that were ingested, complete or so far: an `IngestReport` whose `elapsed` is in milliseconds.
 * `IngestReport.format` makes a line of it, and `IngestReport.rate` rows a second.
 *
 * @example
 * import { format } from "@mammoth-effect/client/IngestReport"
 * import type { Report } from "@mammoth-effect/client/promise"
 *
 * const print = (report: Report) => console.log(`${format(report)}, in ${report.elapsed} ms`)
 *
 * @since 0.1.0
 * @category models
 */
export interface Report extends Omit<IngestReport.IngestReport, "elapsed"> {
  readonly elapsed: number
}

/**
 * How rows are sent; see `WebhookSink.Options` for the meaning and default of each.
 *
 * @example
 * import type { IngestOptions } from "@mammoth-effect/client/promise"
 *
 * const options: IngestOptions<{ id: number }> = {
 *   concurrency: 4,
 *   onBadRow: "continue",
 *   onDeadLetter: ({ index, error }) => console.warn(`row ${index}: ${error.message}`)
 * }
 *
 * @since 0.1.0
 * @category options
 */
export interface IngestOptions<A>
  extends
    Omit<CallOptions, "deadline">,
    Pick<WebhookSink.Options<A, A>, "batch" | "concurrency" | "gzip" | "onBadRow"> {
  /** How long the whole run may wait for a server that asks for fewer requests. Default: as long as it asks. */
  readonly deadline?: Time | undefined
  /** Receives the rows that were refused, here or by the server. */
  readonly onDeadLetter?: ((letter: WebhookSink.DeadLetter<A>) => void | PromiseLike<void>) | undefined
  /** Receives how each row ends. */
  readonly onOutcome?: ((outcome: WebhookSink.Outcome<A>) => void | PromiseLike<void>) | undefined
  /** Receives the counts each second, and once more when the run has ended: also where it failed or was aborted. */
  readonly onReport?: ((report: Report) => void) | undefined
}

/**
 * The client was made with options or variables that cannot be used; nothing was sent.
 *
 * @example
 * import { ConfigurationError } from "@mammoth-effect/client/promise"
 *
 * console.log(new ConfigurationError({ reason: "no keys" }).message) // The client cannot be made: no keys
 *
 * @since 0.1.0
 * @category errors
 */
export class ConfigurationError extends Schema.TaggedError<ConfigurationError>(
  "@mammoth-effect/client/ConfigurationError"
)("ConfigurationError", {
  /** Which option or variable, and what is wrong with it. */
  reason: Schema.String
}) {
  override get message(): string {
    return `The client cannot be made: ${this.reason}`
  }
}

/**
 * The client was closed before this call; nothing was sent.
 *
 * @example
 * import { ClientClosed } from "@mammoth-effect/client/promise"
 *
 * const isClosed = (error: unknown) => error instanceof ClientClosed
 *
 * @since 0.1.0
 * @category errors
 */
export class ClientClosed extends Schema.TaggedError<ClientClosed>("@mammoth-effect/client/ClientClosed")(
  "ClientClosed",
  {}
) {
  override get message(): string {
    return "The client has been closed, and nothing was sent: make another, or close it later"
  }
}

/**
 * What calls reject with, but for the reason of a signal that was aborted.
 *
 * @since 0.1.0
 * @category errors
 */
export type MammothError =
  | WebhooksError
  | AmbiguousName
  | IngestError
  | RowSource.SourceError
  | ConfigurationError
  | ClientClosed

/** Every tag, so that a new error cannot be forgotten here. */
const tags: { readonly [Tag in MammothError["_tag"]]: true } = {
  InvalidRequest: true,
  CredentialsError: true,
  TransportError: true,
  TimedOut: true,
  BadRequest: true,
  Unauthorized: true,
  Forbidden: true,
  NotFound: true,
  PayloadTooLarge: true,
  RateLimited: true,
  ServerError: true,
  UnexpectedStatus: true,
  DecodeError: true,
  AmbiguousName: true,
  RowRefused: true,
  WrongMode: true,
  SourceError: true,
  ConfigurationError: true,
  ClientClosed: true
}

/**
 * Is this an error of this SDK, so that its `_tag` tells which?
 *
 * @example
 * import { type Client, isMammothError } from "@mammoth-effect/client/promise"
 *
 * export const push = (mammoth: Client, uri: string) =>
 *   mammoth.addData(uri, { order: 1 }).catch((error: unknown) => {
 *     if (isMammothError(error) && error._tag === "PayloadTooLarge") return console.warn("send less at once")
 *     throw error
 *   })
 *
 * @since 0.1.0
 * @category errors
 */
export const isMammothError = (error: unknown): error is MammothError =>
  isError(error) && Predicate.hasProperty(error, "_tag") && Object.hasOwn(tags, String(error._tag))

/**
 * How long the server asks to wait, in milliseconds; none where it does not say, or the error is another one.
 *
 * @example
 * import { retryAfter } from "@mammoth-effect/client/promise"
 *
 * const pause = (error: unknown) => retryAfter(error) ?? 1000
 *
 * @since 0.1.0
 * @category errors
 */
export const retryAfter = (error: unknown): number | undefined =>
  isMammothError(error) && (error._tag === "RateLimited" || error._tag === "ServerError")
    ? Option.getOrUndefined(Option.map(error.retryAfter, Duration.toMillis))
    : undefined

/**
 * The text of a webhook's `uri` or `secret`, which print as `<redacted>` everywhere else.
 *
 * @example
 * import { type Client, reveal } from "@mammoth-effect/client/promise"
 *
 * export const addressOf = async (mammoth: Client): Promise<string> => {
 *   const webhook = await mammoth.getDetails({ workspaceId: 4, projectId: 4, webhookId: 8 })
 *   return reveal(webhook.uri)
 * }
 *
 * @since 0.1.0
 * @category webhooks
 */
export function reveal(redacted: Redacted.Redacted): string
export function reveal(redacted: Redacted.Redacted | null): string | null
export function reveal(redacted: Redacted.Redacted | null): string | null {
  return redacted === null ? null : Redacted.value(redacted)
}

/**
 * The operations of one project, without its ids in every call.
 *
 * @since 0.1.0
 * @category models
 */
export interface ProjectClient {
  /** As {@link Client.list}, in this project. */
  readonly list: <const Fields extends WebhookField.Selection = "standard">(
    query?: Webhooks.Query<Fields>,
    options?: CallOptions
  ) => Promise<WebhookPage.Selected<Fields>>
  /** As {@link Client.create}, in this project. */
  readonly create: <const Mode extends WebhookMode.WebhookMode | undefined = undefined>(
    spec: Webhooks.Spec<Mode>,
    options?: CallOptions
  ) => Promise<Webhook.OfMode<Mode>>
  /** As {@link Client.getDetails}, in this project. */
  readonly getDetails: <const Fields extends WebhookField.Selection = "standard">(
    request: Omit<Webhooks.GetDetailsRequest<Fields>, keyof Webhooks.InProject>,
    options?: CallOptions
  ) => Promise<Webhook.Selected<Fields>>
  /** As {@link Client.delete}, in this project. */
  readonly delete: (
    request: { readonly webhookId: Identifier.Input<Identifier.WebhookId> },
    options?: CallOptions
  ) => Promise<void>
  /** As {@link Client.update}, in this project. */
  readonly update: (
    request: { readonly webhookId: Identifier.Input<Identifier.WebhookId> } & (
      | WebhookPatch.Settings
      | { readonly patch: ReadonlyArray<WebhookPatch.Change> }
    ),
    options?: CallOptions
  ) => Promise<Webhook.Webhook>
  /** As {@link Client.stream}, in this project. */
  readonly stream: <const Fields extends WebhookField.Selection = "standard">(
    query?: Webhooks.Query<Fields>,
    options?: CallOptions
  ) => AsyncIterable<Webhook.Selected<Fields>>
  /** As {@link Client.ensure}, in this project. */
  readonly ensure: <const Mode extends WebhookMode.WebhookMode | undefined = undefined>(
    name: string,
    spec: Omit<Webhooks.EnsureSpec<Mode>, keyof Webhooks.InProject>,
    options?: CallOptions
  ) => Promise<Webhook.OfMode<Mode>>
}

/**
 * The operations, as promises. What a call rejects with is an `Error` whose `_tag` tells which (see
 * {@link isMammothError}), or the reason of its signal.
 *
 * @since 0.1.0
 * @category models
 */
export interface Client {
  /** One page of the webhooks that match. */
  readonly list: <const Fields extends WebhookField.Selection = "standard">(
    request: Webhooks.ListRequest<Fields>,
    options?: CallOptions
  ) => Promise<WebhookPage.Selected<Fields>>
  /** Creates a webhook and its dataset. */
  readonly create: <const Mode extends WebhookMode.WebhookMode | undefined = undefined>(
    request: Webhooks.CreateRequest<Mode>,
    options?: CallOptions
  ) => Promise<Webhook.OfMode<Mode>>
  /** Reads one webhook. */
  readonly getDetails: <const Fields extends WebhookField.Selection = "standard">(
    request: Webhooks.GetDetailsRequest<Fields>,
    options?: CallOptions
  ) => Promise<Webhook.Selected<Fields>>
  /** Deletes a webhook. */
  readonly delete: (request: Webhooks.OfWebhook, options?: CallOptions) => Promise<void>
  /** Changes a webhook's mode, origins or security. */
  readonly update: (request: Webhooks.UpdateRequest, options?: CallOptions) => Promise<Webhook.Webhook>
  /** Every webhook that matches, page by page as it is asked for. Leaving the loop ends the request under way. */
  readonly stream: <const Fields extends WebhookField.Selection = "standard">(
    request: Webhooks.ListRequest<Fields>,
    options?: CallOptions
  ) => AsyncIterable<Webhook.Selected<Fields>>
  /** Finds the webhook of this name, or creates it, or changes its mode and origins to match. */
  readonly ensure: <const Mode extends WebhookMode.WebhookMode | undefined = undefined>(
    name: string,
    spec: Webhooks.EnsureSpec<Mode>,
    options?: CallOptions
  ) => Promise<Webhook.OfMode<Mode>>
  /** Pushes one JSON document. An aborted push may have been written. */
  readonly addData: <A>(webhook: Webhooks.Target, data: A & Json.Compatible<A>, options?: CallOptions) => Promise<void>
  /** Pushes one flat row in the query of a GET. */
  readonly addDataUsingGet: <A>(
    webhook: Webhooks.Target,
    data: A & Json.CompatibleFlat<A>,
    options?: CallOptions
  ) => Promise<void>
  /** Replaces all rows of a `replace` webhook, in one push of one array. */
  readonly replaceAll: <A>(
    webhook: ReplaceTarget,
    rows: Iterable<A & Json.Compatible<A>>,
    options?: CallOptions & { readonly isSoleWriter?: boolean | undefined }
  ) => Promise<void>
  /** Appends the rows of an iterable, however many, and tells what became of them: see the guide on ingestion. */
  readonly ingest: <A>(
    webhook: CombineTarget,
    rows: AsyncIterable<A & Json.Compatible<A>> | Iterable<A & Json.Compatible<A>>,
    options?: IngestOptions<A>
  ) => Promise<Report>
  /** The operations of one project. */
  readonly inProject: (project: Webhooks.InProject) => ProjectClient
  /**
   * Takes no further call, waits for those under way, ends iterations, and releases the connections. To end calls
   * sooner, abort their signals.
   */
  readonly close: () => Promise<void>
  /** As {@link Client.close}, for `await using`. */
  readonly [Symbol.asyncDispose]: () => Promise<void>
}

/** The keys, or which of them cannot be used: programs without types pass `undefined` on. */
const toKeys = (given: Keys): Either.Either<Credentials.Keys, string> =>
  Either.mapBoth(headersOf(given), {
    onLeft: (issue) => Issue.format({ ...issue, path: ["credentials", ...issue.path] }),
    onRight: () => {
      const { apiKey, apiSecret, workspaceId } = given
      return {
        apiKey: Redacted.isRedacted(apiKey) ? apiKey : Redacted.make(apiKey),
        apiSecret: Redacted.isRedacted(apiSecret) ? apiSecret : Redacted.make(apiSecret),
        workspaceId
      }
    }
  })

/** What was thrown may hold a key, so that it is told by its name alone, unless it was made to be told. */
const toCredentialsError = (thrown: unknown): CredentialsError =>
  isMammothError(thrown) && thrown._tag === "CredentialsError"
    ? thrown
    : new CredentialsError({
        reason: `the function that yields them threw ${isError(thrown) ? `an error (${thrown.name})` : Issue.shape(thrown)}; throw a CredentialsError to say more`
      })

const toReason = (error: ConfigError.ConfigError): string =>
  error._op === "And" || error._op === "Or"
    ? `${toReason(error.left)}; ${toReason(error.right)}`
    : `${error.path.join(".")}: ${error.message}`

const credentialsLayer = (given: Options["credentials"]) => {
  if (given === undefined) {
    return Layer.mapError(
      Credentials.layerConfig(),
      (error) => `${toReason(error)}; set these variables, or give the option credentials`
    )
  }
  if (typeof given !== "function") {
    return Layer.effect(
      Credentials.Credentials,
      Either.map(toKeys(given), (keys) => ({ keys: Effect.succeed(keys) }))
    )
  }
  return Credentials.layerEffect(
    Effect.tryPromise({ try: (signal) => Promise.resolve(given(signal)), catch: toCredentialsError }).pipe(
      Effect.flatMap((keys) => Either.mapLeft(toKeys(keys), (reason) => new CredentialsError({ reason })))
    )
  )
}

/** The variables that are text. Some runtimes keep other things beside them, such as bindings. */
const variables = (env: Readonly<Record<string, unknown>>) =>
  Layer.setConfigProvider(
    ConfigProvider.fromMap(
      new Map(Object.entries(env).flatMap(([name, text]) => (Predicate.isString(text) ? [[name, text] as const] : [])))
    )
  )

/** Refuses variables of ours that are no text, as a program without types can give them. */
const checkVariables = (env: Readonly<Record<string, unknown>> = {}): Effect.Effect<void, string> => {
  const wrong = Object.entries(env).find(
    ([name, text]) => name.startsWith("MAMMOTH") && text !== undefined && !Predicate.isString(text)
  )
  return wrong === undefined
    ? Effect.void
    : Effect.fail(
        Issue.format({
          path: ["env", wrong[0]],
          expected: "a text, such as reveal gives",
          received: Issue.shape(wrong[1])
        })
      )
}

const policyLayer = (retry: Options["retry"]) =>
  Layer.effect(
    RetryPolicy.RetryPolicy,
    Either.mapLeft(RetryPolicy.read(toPolicy(retry ?? {})), (issue) =>
      Issue.format({ ...issue, path: ["retry", ...issue.path] })
    )
  )

/** Reads options and variables now rather than with the first call, so that what is wrong shows when a program starts. */
const configure = (options: Options) =>
  Layer.mergeAll(
    credentialsLayer(options.credentials),
    Layer.mapError(MammothConfig.layerConfig(options), toReason),
    policyLayer(options.retry)
  ).pipe(
    Layer.provide(options.env === undefined ? Layer.empty : variables(options.env)),
    Layer.build,
    Effect.scoped,
    (configured) => Effect.zipRight(checkVariables(options.env), configured),
    Effect.either,
    Effect.runSync,
    Either.getOrThrowWith((reason) => new ConfigurationError({ reason }))
  )

const toPolicy = (retry: RetryOptions | false): RetryPolicy.Service | RetryPolicy.Options =>
  retry === false ? RetryPolicy.none : retry

const toEffect =
  <A>(receive: (received: A) => void | PromiseLike<void>) =>
  (received: A): Effect.Effect<void> =>
    Effect.promise(() => Promise.resolve(receive(received)))

const toRequestOptions = (options: CallOptions): RequestOptions.Options => ({
  timeout: options.timeout,
  deadline: options.deadline,
  retry: options.retry === undefined ? undefined : toPolicy(options.retry),
  atLeastOnce: options.atLeastOnce,
  headers: options.headers,
  baseUrl: options.baseUrl,
  onResponse: options.onResponse && toEffect(options.onResponse)
})

/** What was called, which errors name. */
interface Called {
  readonly operation: Operation.Operation
  readonly calledAs: string
}

const called = (operation: Operation.Operation, calledAs: string = operation.name): Called => ({ operation, calledAs })

/** Rows as they are; what JSON would change or drop is refused where they are encoded. */
const row = <A>() => Schema.declare((given: unknown): given is A => given !== undefined, { description: "a row" })

/** Finds what is wrong with the options of a call that are read before the call runs. */
const checkCall = (call: CallOptions): Issue.Issue | undefined => {
  if (!Predicate.isRecord(call) || isAbortSignal(call)) {
    const received = isAbortSignal(call) ? "an AbortSignal" : Issue.shape(call)
    return { path: ["options"], expected: "an object of options, such as { signal }", received }
  }
  // fetch, too, takes `null` for no signal
  return call.signal == null || isAbortSignal(call.signal)
    ? undefined
    : {
        path: ["options", "signal"],
        expected: "an AbortSignal (an AbortController has one in its property `signal`)",
        received: Issue.shape(call.signal)
      }
}

/**
 * What a call rejects with: the tagged error itself, the reason of the signal that ended it, or what should never be
 * thrown and was.
 */
const rejection = (cause: Cause.Cause<unknown>, signal: AbortSignal | undefined): unknown => {
  if (!Cause.isInterruptedOnly(cause)) return Cause.originalError(Cause.squash(cause))
  return signal?.aborted === true ? signal.reason : new ClientClosed()
}

/**
 * Makes a client. It reads options and variables at once, throwing a {@link ConfigurationError} where they cannot be
 * used, and opens no connection before the first call.
 *
 * @example
 * import { makeClient } from "@mammoth-effect/client/promise"
 *
 * const mammoth = makeClient({ timeout: "10 seconds" })
 *
 * export const main = async () => {
 *   const orders = await mammoth.ensure("orders", { workspaceId: 4, projectId: 4, mode: "combine" })
 *   await mammoth.addData(orders, { order: 1, total: 9.5 })
 *   for await (const { name } of mammoth.stream({ workspaceId: 4, projectId: 4, fields: ["name"] })) console.log(name)
 *   await mammoth.close()
 * }
 *
 * @since 0.1.0
 * @category constructors
 */
export const makeClient = (options: Options = {}): Client => {
  const runtime = ManagedRuntime.make(
    Layer.mergeAll(
      Layer.provide(Webhooks.layer, [
        Layer.succeedContext(configure(options)),
        options.httpClient ?? FetchHttpClient.layer
      ]),
      // read at each call, not when the layer is built
      options.fetch === undefined ? Layer.empty : Layer.succeed(FetchHttpClient.Fetch, options.fetch),
      Layer.scope
    )
  )
  const running = new Set<Promise<unknown>>()
  let closed: Promise<void> | undefined

  /** The one place where an effect becomes a promise. An iteration also ends its calls when it is left. */
  const run = <A, E>(
    { calledAs, operation }: Called,
    effect: Effect.Effect<A, E, Webhooks.Webhooks | Scope.Scope>,
    call: CallOptions = {},
    left?: AbortSignal
  ): Promise<A> => {
    if (closed !== undefined) return Promise.reject(new ClientClosed())
    const issue = checkCall(call)
    if (issue !== undefined) {
      return Promise.reject(new InvalidRequest({ ...identify(operation, calledAs), issues: [issue], omitted: 0 }))
    }
    const { signal } = call
    // an effect runs up to its first wait before it can be interrupted, and its request would have left by then
    if (signal?.aborted === true) return Promise.reject(signal.reason)
    if (left?.aborted === true) return Promise.reject(left.reason)
    const ending = new AbortController()
    const stops = [signal, left].map((given) => given && onAbort(given, () => ending.abort()))
    const exit = runtime.runPromiseExit(RequestOptions.provide(toRequestOptions(call))(effect), {
      signal: ending.signal
    })
    const forget = () => {
      for (const stopListening of stops) stopListening?.()
      running.delete(exit)
    }
    running.add(exit)
    exit.then(forget, forget)
    return exit.then((ended) => (Exit.isSuccess(ended) ? ended.value : Promise.reject(rejection(ended.cause, signal))))
  }

  const using = <A, E>(
    called: Called,
    use: (webhooks: Webhooks.Service) => Effect.Effect<A, E, Webhooks.Webhooks>,
    call: CallOptions | undefined
  ): Promise<A> => run(called, Effect.flatMap(Webhooks.Webhooks, use), call)

  const iterate = <A, E>(
    called: Called,
    stream: Stream.Stream<A, E, Webhooks.Webhooks>,
    call: CallOptions | undefined
  ): AsyncIterable<A> => ({
    [Symbol.asyncIterator]: () => {
      const left = new AbortController()
      const end = { done: true, value: undefined } as const
      let opened: Promise<Opened<A, E>> | undefined
      let chunk: Iterator<A> = Chunk.empty<A>()[Symbol.iterator]()
      let turn: Promise<unknown> = Promise.resolve()

      const take = (): Promise<IteratorResult<A, undefined>> => {
        const next = chunk.next()
        if (next.done !== true) return Promise.resolve(next)
        if (left.signal.aborted) return Promise.resolve(end)
        opened ??= run(called, open(stream), call)
        return opened
          .then(({ pull }) => run(called, pull, call, left.signal))
          .then(
            (pulled) => {
              if (Option.isNone(pulled)) return release()
              chunk = pulled.value[Symbol.iterator]()
              return take()
            },
            (error: unknown) => {
              const isLeft = left.signal.aborted
              return release().then((ended) => (isLeft ? ended : Promise.reject(error)))
            }
          )
      }

      const release = (): Promise<typeof end> => {
        left.abort()
        chunk = Chunk.empty<A>()[Symbol.iterator]()
        return opened === undefined
          ? Promise.resolve(end)
          : opened.then(
              ({ close }) => Effect.runPromise(Effect.as(close, end)),
              () => end
            )
      }

      // one step after the other, as an async generator takes them
      const step = <B>(take: () => Promise<B>): Promise<B> => {
        const taken = turn.then(() => take())
        turn = taken.catch(() => undefined)
        return taken
      }

      return {
        next: () => step(take),
        return: () => {
          left.abort()
          return step(release)
        }
      }
    }
  })

  const client: Omit<Client, "inProject"> = {
    list: (request, call) => using(called(Operations.list), (webhooks) => webhooks.list(request), call),
    create: (request, call) => using(called(Operations.create), (webhooks) => webhooks.create(request), call),
    getDetails: (request, call) =>
      using(called(Operations.getDetails), (webhooks) => webhooks.getDetails(request), call),
    delete: (request, call) => using(called(Operations.delete), (webhooks) => webhooks.delete(request), call),
    update: (request, call) => using(called(Operations.update), (webhooks) => webhooks.update(request), call),
    stream: (request, call) => iterate(called(Operations.list, "stream"), Webhooks.stream(request), call),
    ensure: (name, spec, call) =>
      using(called(Operations.list, "ensure"), (webhooks) => webhooks.ensure(name, spec), call),
    addData: (webhook, data, call) =>
      using(called(Operations.addData), (webhooks) => webhooks.addData<unknown>(webhook, data), call),
    addDataUsingGet: (webhook, data, call) =>
      using(called(Operations.addDataUsingGet), (webhooks) => webhooks.addDataUsingGet<unknown>(webhook, data), call),
    replaceAll: (webhook, rows, call) =>
      run(
        called(Operations.addData, "replaceAll"),
        Webhooks.replaceAll(webhook, rows, { schema: row(), isSoleWriter: call?.isSoleWriter }),
        call
      ),
    ingest: (webhook, rows, call = {}) =>
      run(
        called(Operations.addData, "ingest"),
        ingestion(webhook, rows, call),
        // the deadline is for the whole run
        Predicate.isRecord(call) ? { ...call, deadline: undefined } : call
      ),
    close: () => {
      closed ??= Promise.allSettled(running).then(() => runtime.dispose())
      return closed
    },
    [Symbol.asyncDispose]: () => client.close()
  }

  return {
    ...client,
    inProject: (project) => ({
      list: (query, call) => client.list({ ...query, ...project }, call),
      create: (spec, call) => client.create({ ...spec, ...project }, call),
      getDetails: (request, call) => client.getDetails({ ...request, ...project }, call),
      delete: (request, call) => client.delete({ ...request, ...project }, call),
      update: (request, call) => client.update({ ...request, ...project }, call),
      stream: (query, call) => client.stream({ ...query, ...project }, call),
      ensure: (name, spec, call) => client.ensure(name, { ...spec, ...project }, call)
    })
  }
}

/** A stream that is being pulled, chunk by chunk, until it is closed or the client is. */
interface Opened<A, E> {
  readonly pull: Effect.Effect<Option.Option<Chunk.Chunk<A>>, E, Webhooks.Webhooks>
  readonly close: Effect.Effect<void>
}

const open = <A, E>(
  stream: Stream.Stream<A, E, Webhooks.Webhooks>
): Effect.Effect<Opened<A, E>, never, Webhooks.Webhooks | Scope.Scope> =>
  Effect.gen(function* () {
    const scope = yield* Scope.fork(yield* Effect.scope, ExecutionStrategy.sequential)
    const pull = yield* Scope.extend(Stream.toPull(stream), scope)
    return {
      pull: Effect.map(pull, Option.some).pipe(
        Effect.catchAll(Option.match({ onNone: () => Effect.succeedNone, onSome: Effect.fail }))
      ),
      close: Scope.close(scope, Exit.void)
    }
  })

const toReport = (report: IngestReport.IngestReport): Report => ({
  ...report,
  elapsed: Duration.toMillis(report.elapsed)
})

const ingestion = <A>(
  webhook: CombineTarget,
  rows: AsyncIterable<A> | Iterable<A>,
  options: IngestOptions<A>
): Effect.Effect<Report, IngestError | RowSource.SourceError, Webhooks.Webhooks> =>
  Effect.gen(function* () {
    const wrong = Issue.isAsyncIterable(rows) ? undefined : Issue.ofRows(rows)
    if (wrong !== undefined) {
      return yield* new InvalidRequest({ ...identify(Operations.addData, "ingest"), issues: [wrong], omitted: 0 })
    }
    const { onDeadLetter, onOutcome, onReport, ...settings } = options
    const { report, sink } = yield* WebhookSink.make<A, A>(webhook, {
      schema: row<A>(),
      batch: settings.batch,
      concurrency: settings.concurrency,
      gzip: settings.gzip,
      onBadRow: settings.onBadRow,
      deadline: settings.deadline,
      onDeadLetter: onDeadLetter && toEffect(onDeadLetter),
      onOutcome: onOutcome && toEffect(onOutcome)
    })
    const source = Issue.isAsyncIterable(rows)
      ? RowSource.fromAsyncIterable(() => rows)
      : RowSource.fromIterable(() => rows)
    const ingested = Effect.map(Stream.run(source, sink), toReport)
    if (onReport === undefined) return yield* ingested
    const told = Effect.map(report, (counts) => onReport(toReport(counts)))
    return yield* Effect.forkScoped(Effect.repeat(told, Schedule.spaced("1 second"))).pipe(
      Effect.zipRight(ingested),
      Effect.scoped,
      Effect.ensuring(told)
    )
  })
