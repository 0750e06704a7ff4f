/**
 * The operations for programs that do not use Effect: promises, async iteration, and plain options.
 *
 * @since 0.1.0
 */
/// <reference lib="esnext.disposable" preserve="true" />
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import type * as HttpClient from "@effect/platform/HttpClient"
import type * as Identifier from "@mammoth-effect/core/Identifier"
import type * as Json from "@mammoth-effect/core/Json"
import * as Operations from "@mammoth-effect/core/Operations"
import type * as Webhook from "@mammoth-effect/core/Webhook"
import type * as WebhookField from "@mammoth-effect/core/WebhookField"
import type * as WebhookMode from "@mammoth-effect/core/WebhookMode"
import type * as WebhookPage from "@mammoth-effect/core/WebhookPage"
import type * as WebhookPatch from "@mammoth-effect/core/WebhookPatch"
import type * as Duration from "effect/Duration"
import * as Layer from "effect/Layer"
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"
import type * as IngestReport from "./IngestReport.js"
import { identify } from "./internal/http/call.js"
import * as Calls from "./internal/promise/calls.js"
import * as Configuration from "./internal/promise/configuration.js"
import { ingest, row } from "./internal/promise/ingestion.js"
import { iterate } from "./internal/promise/iteration.js"
import type * as MammothConfig from "./MammothConfig.js"
import type * as RequestOptions from "./RequestOptions.js"
import type * as RetryPolicy from "./RetryPolicy.js"
import * as Webhooks from "./Webhooks.js"
import type * as WebhookSink from "./WebhookSink.js"
import type { CombineTarget, ReplaceTarget } from "./WebhookTarget.js"

export {
  ClientClosed,
  ConfigurationError,
  isMammothError,
  type MammothError,
  retryAfter
} from "./internal/promise/errors.js"

export { assumeCombine, assumeReplace } from "./WebhookTarget.js"

/**
 * A length of time above zero: milliseconds, or text such as `"5 seconds"`. `Infinity` means no limit.
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
  /** Sent as `X-WORKSPACE-ID` if given, as the vendor's own SDK does. */
  readonly workspaceId?: number | undefined
}

/**
 * Retry settings. Defaults are those of `RetryPolicy.standard`.
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
 * Options of a client, each optional.
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
export interface Options extends Pick<
  MammothConfig.Options,
  "allowInsecure" | "responseLimits" | "userAgent" | "webhookSecret"
> {
  /**
   * The keys, or a function that is called for each attempt of each call, so that keys can rotate. Default: the
   * variables `MAMMOTHANALYTICS_API_KEY` and `MAMMOTHANALYTICS_API_SECRET`.
   */
  readonly credentials?: Keys | ((signal: AbortSignal) => Keys | PromiseLike<Keys>) | undefined
  /** The source of the variables. Default: the environment of the process. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined
  /** Default: the variable `MAMMOTH_BASE_URL`, or else `https://app.mammoth.io/api/v2`. */
  readonly baseUrl?: string | undefined
  /** The longest time for one attempt. Default: the variable `MAMMOTH_TIMEOUT`, or else 30 seconds. */
  readonly timeout?: Time | undefined
  /**
   * The longest time for one call, with all its attempts. Default: the variable `MAMMOTH_DEADLINE`, or else no limit.
   */
  readonly deadline?: Time | undefined
  /**
   * Retry settings; `false` for no retries. Default: at most four attempts, and no retry that could duplicate a row.
   */
  readonly retry?: RetryOptions | false | undefined
  /** Sends each request. If it throws, and so returns no promise, nothing counts as sent. Default: the global one. */
  readonly fetch?: typeof globalThis.fetch | undefined
  /** A transport of Effect's in place of fetch, such as `NodeHttpClient.layerUndici`. */
  readonly httpClient?: Layer.Layer<HttpClient.HttpClient> | undefined
}

/**
 * Options for one call.
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
  /** The longest time for one attempt. */
  readonly timeout?: Time | undefined
  /** The longest time for the call, with all its attempts. */
  readonly deadline?: Time | undefined
  /** Retry settings; `false` for no retries. */
  readonly retry?: RetryOptions | false | undefined
  /** Retries pushes and `create` after failures that may have written. Rows can be duplicated. */
  readonly atLeastOnce?: boolean | undefined
  /**
   * Further headers, by name. A header that carries credentials, or that frames or routes the message, fails the call
   * with `InvalidRequest`. So you cannot pass on the `headers` of an incoming request as a whole: choose the headers to
   * send.
   */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Another server for this call, under the same rules as the configured one. */
  readonly baseUrl?: string | undefined
  /** Receives the response of each attempt as it came, secrets included. */
  readonly onResponse?: ((response: RequestOptions.RawResponse) => void | PromiseLike<void>) | undefined
}

/**
 * The counts of the rows of an ingestion, complete or so far: an `IngestReport` whose `elapsed` is in milliseconds.
 * `IngestReport.format` formats it in one line, and `IngestReport.rate` returns its rows per second.
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
 * Options for sending rows; see `WebhookSink.Options` for the meaning and default of each.
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
  extends Omit<CallOptions, "deadline">, Pick<WebhookSink.Options<A>, "batch" | "concurrency" | "gzip" | "onBadRow"> {
  /**
   * The longest time that the whole run may wait for a server that asks for fewer requests. Default: as long as it
   * asks.
   */
  readonly deadline?: Time | undefined
  /** Receives the rows that were refused, here or by the server. */
  readonly onDeadLetter?: ((letter: WebhookSink.DeadLetter<A>) => void | PromiseLike<void>) | undefined
  /** Receives the end of each row. */
  readonly onOutcome?: ((outcome: WebhookSink.Outcome<A>) => void | PromiseLike<void>) | undefined
  /** Receives the counts each second, and once more when the run has ended, even if it failed or was aborted. */
  readonly onReport?: ((report: Report) => void) | undefined
}

/**
 * Returns the text of a webhook's `uri` or `secret`, which print as `<redacted>` everywhere else.
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
 * The operations, as promises. A call rejects with an `Error` that has a `_tag` (see {@link isMammothError}), or with
 * the reason of its signal.
 *
 * @since 0.1.0
 * @category models
 */
export interface Client {
  /** Returns one page of the webhooks that match. */
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
  /**
   * Iterates over every webhook that matches, and requests each page when it is needed. Leaving the loop ends the
   * request in flight.
   */
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
  readonly addData: <A>(webhook: Webhooks.Target, data: Json.Compatible<A>, options?: CallOptions) => Promise<void>
  /** Pushes one flat row in the query of a GET. */
  readonly addDataUsingGet: <A>(
    webhook: Webhooks.Target,
    data: Json.CompatibleFlat<A>,
    options?: CallOptions
  ) => Promise<void>
  /** Replaces all rows of a `replace` webhook, in one push of one array. */
  readonly replaceAll: <A>(
    webhook: ReplaceTarget,
    rows: Iterable<Json.Compatible<A>>,
    options?: CallOptions & { readonly isSoleWriter?: boolean | undefined }
  ) => Promise<void>
  /** Appends the rows of an iterable of any length, and returns their counts: see the guide on ingestion. */
  readonly ingest: <A>(
    webhook: CombineTarget,
    rows: AsyncIterable<A & Json.Compatible<A>> | Iterable<A & Json.Compatible<A>>,
    options?: IngestOptions<A>
  ) => Promise<Report>
  /** The operations of one project. */
  readonly inProject: (project: Webhooks.InProject) => ProjectClient
  /**
   * Takes no further call, waits for those in flight, ends iterations, and releases the connections. To end calls
   * sooner, abort their signals.
   */
  readonly close: () => Promise<void>
  /** As {@link Client.close}, for `await using`. */
  readonly [Symbol.asyncDispose]: () => Promise<void>
}

/**
 * Makes a client. It reads options and variables at once, and throws a {@link ConfigurationError} if they cannot be
 * used. It opens no connection before the first call.
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
  const layer = Layer.provide(Webhooks.layer, [
    Layer.succeedContext(Configuration.read(options)),
    options.httpClient ?? FetchHttpClient.layer
  ])
  // read at each call, not when the layer is built
  const fetch = options.fetch === undefined ? Layer.empty : Layer.succeed(FetchHttpClient.Fetch, options.fetch)
  const { close, run } = Calls.make(Layer.merge(layer, fetch))
  const { addData, addDataUsingGet, create, getDetails, list, update } = Operations

  const client: Omit<Client, "inProject"> = {
    list: (request, call) => run(identify(list), Webhooks.list(request), call),
    create: (request, call) => run(identify(create), Webhooks.create(request), call),
    getDetails: (request, call) => run(identify(getDetails), Webhooks.getDetails(request), call),
    delete: (request, call) => run(identify(Operations.delete), Webhooks.delete(request), call),
    update: (request, call) => run(identify(update), Webhooks.update(request), call),
    stream: (request, call) =>
      iterate(Webhooks.stream(request), (effect, left) => run(identify(list, "stream"), effect, call, left)),
    ensure: (name, spec, call) => run(identify(list, "ensure"), Webhooks.ensure(name, spec), call),
    addData: (webhook, data, call) => run(identify(addData), Webhooks.addData<unknown>(webhook, data), call),
    addDataUsingGet: (webhook, data, call) =>
      run(identify(addDataUsingGet), Webhooks.addDataUsingGet<unknown>(webhook, data), call),
    replaceAll: (webhook, rows, call) =>
      run(
        identify(addData, "replaceAll"),
        Webhooks.replaceAll(webhook, rows, { schema: row(), isSoleWriter: call?.isSoleWriter }),
        call
      ),
    ingest: (webhook, rows, call = {}) => {
      const named = identify(addData, "ingest")
      // the deadline is for the whole run
      const each = Predicate.isRecord(call) ? { ...call, deadline: undefined } : call
      return run(named, ingest(named, webhook, rows, call), each)
    },
    close,
    [Symbol.asyncDispose]: close
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
