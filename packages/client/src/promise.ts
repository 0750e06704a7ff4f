/**
 * The webhook operations for programs that do not use Effect, with promises, async iteration and plain options.
 *
 * @since 0.1.0
 */
/// <reference lib="esnext.disposable" preserve="true" />
import type * as HttpClient from "@effect/platform/HttpClient"
import type * as Duration from "effect/Duration"
import type * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import type * as IngestReport from "./IngestReport.js"
import { identify } from "./internal/http/call.js"
import { flag, type Of } from "./internal/options/kinds.js"
import { kindOf, properties } from "./internal/promise/callOptions.js"
import * as Calls from "./internal/promise/calls.js"
import { remember } from "./internal/promise/clients.js"
import type { Plain } from "./internal/promise/errors.js"
import { ingest } from "./internal/promise/ingestion.js"
import { ingestOptions } from "./internal/promise/ingestOptions.js"
import { iterate } from "./internal/promise/iteration.js"
import * as Requests from "./internal/promise/requests.js"
import { closing } from "./internal/promise/rows.js"
import { row } from "./internal/promise/rowSchema.js"
import * as Services from "./internal/promise/services.js"
import type { IngestSchema, InputOf, SendsJson } from "./internal/promise/standardSchema.js"
import { traceOf } from "./internal/promise/trace.js"
import type * as Json from "./Json.js"
import type * as MammothConfig from "./MammothConfig.js"
import * as Operations from "./Operations.js"
import type * as RequestOptions from "./RequestOptions.js"
import type * as RetryPolicy from "./RetryPolicy.js"
import type { BadLine, SourceError } from "./SourceError.js"
import type * as Webhook from "./Webhook.js"
import type * as WebhookField from "./WebhookField.js"
import type * as WebhookMode from "./WebhookMode.js"
import type * as WebhookPage from "./WebhookPage.js"
import * as Webhooks from "./Webhooks.js"
import type * as WebhookSink from "./WebhookSink.js"
import type { CombineTarget, ReplaceTarget } from "./WebhookTarget.js"

export {
  ClientClosed,
  ConfigurationError,
  isMammothError,
  type MammothError,
  type Plain,
  retryAfter
} from "./internal/promise/errors.js"

export type {
  IngestSchema,
  InputOf,
  OutputOf,
  SendsJson,
  StandardIssue,
  StandardIssues,
  StandardSchema,
  TakesText
} from "./internal/promise/standardSchema.js"

export { assumeCombine, assumeReplace } from "./WebhookTarget.js"

/**
 * A length of time above zero: a number of milliseconds, or a string such as `"5 seconds"`. `Infinity` means no limit.
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
 * The account's two keys, as strings or as `Redacted` values.
 *
 * @since 0.1.0
 * @category options
 */
export interface Keys {
  readonly apiKey: string | Redacted.Redacted
  readonly apiSecret: string | Redacted.Redacted
  /**
   * The workspace's id, sent as the header `X-WORKSPACE-ID`. The vendor's own SDK sends this header, too. Default: the
   * header is not sent.
   */
  readonly workspaceId?: number | undefined
}

/**
 * Retry settings. The defaults are those of `RetryPolicy.standard`.
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
 * Options of a client. All of them are optional.
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
   * The account's keys, or a function that returns them. The client calls the function for each attempt of each call,
   * so that keys can rotate. Default: the variables `MAMMOTHANALYTICS_API_KEY` and `MAMMOTHANALYTICS_API_SECRET`.
   */
  readonly credentials?: Keys | ((signal: AbortSignal) => Keys | PromiseLike<Keys>) | undefined
  /** The object from which the client reads variables. Default: the environment of the process. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined
  /** The base URL of the server. Default: the variable `MAMMOTH_BASE_URL`, or else `https://app.mammoth.io/api/v2`. */
  readonly baseUrl?: string | undefined
  /** The longest time for one attempt. Default: the variable `MAMMOTH_TIMEOUT`, or else 30 seconds. */
  readonly timeout?: Time | undefined
  /**
   * The longest time for one call, with all its attempts. Default: the variable `MAMMOTH_DEADLINE`, or else no limit.
   */
  readonly deadline?: Time | undefined
  /**
   * Retry settings, or `false` for no retries. Default: at most four attempts, and no retry that could duplicate a row.
   */
  readonly retry?: RetryOptions | false | undefined
  /**
   * The function that sends each request. If the function throws instead of returning a promise, the client assumes
   * that nothing was sent. Default: the global `fetch`.
   */
  readonly fetch?: typeof globalThis.fetch | undefined
  /** An Effect transport that replaces `fetch`, such as `NodeHttpClient.layerUndici`. */
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
  /**
   * The signal that ends the call. When the signal is aborted, the client cancels the request, and rejects the promise
   * with the signal's reason.
   */
  readonly signal?: AbortSignal | undefined
  /** The longest time for one attempt. */
  readonly timeout?: Time | undefined
  /** The longest time for the call, with all its attempts. */
  readonly deadline?: Time | undefined
  /** Retry settings, or `false` for no retries. Default: the client's settings. */
  readonly retry?: RetryOptions | false | undefined
  /**
   * Set `true` to retry pushes and `create` even if the failed attempt may have written. A retry can then duplicate
   * rows.
   */
  readonly atLeastOnce?: boolean | undefined
  /**
   * Additional headers, by name. The call fails with `InvalidRequest` if a header carries credentials, or controls the
   * framing or routing of the message, such as `content-length` or `host`. So you cannot pass on all `headers` of an
   * incoming request: choose the headers to send.
   */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** The base URL of another server for this call. The URL must follow the same rules as the client's base URL. */
  readonly baseUrl?: string | undefined
  /** Receives the unchanged response of each attempt, including its secrets. */
  readonly onResponse?: ((response: RequestOptions.RawResponse) => void | PromiseLike<void>) | undefined
}

/**
 * The final or current counts of an ingestion: an `IngestReport` whose `elapsed` is in milliseconds.
 * `IngestReport.format` formats the report in one line. `IngestReport.rate` returns the accepted rows per second.
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
 * A row that its schema or the server refused, with the error as plain data.
 *
 * @example
 * import type { DeadLetter } from "@mammoth-effect/client/promise"
 *
 * const print = ({ error, index }: DeadLetter<unknown>) => console.warn(`row ${index}: ${error.message}`)
 *
 * @since 0.1.0
 * @category models
 */
export interface DeadLetter<A> extends Omit<WebhookSink.DeadLetter<A>, "error"> {
  readonly error: Plain<WebhookSink.DeadLetter<A>["error"]>
}

/**
 * The outcome of one row, with the error as plain data. `error` is `undefined` if the server accepted the row.
 *
 * @example
 * import type { Outcome } from "@mammoth-effect/client/promise"
 *
 * const print = ({ end, index }: Outcome<unknown>) => console.log(`row ${index}: ${end}`)
 *
 * @since 0.1.0
 * @category models
 */
export interface Outcome<A> extends Omit<WebhookSink.Outcome<A>, "error"> {
  readonly error: Plain<WebhookSink.DeadLetter<A>["error"]> | undefined
}

/**
 * Options for sending rows. `WebhookSink.Options` explains batches, concurrency, compression, bad rows and the throttle
 * deadline, with their defaults.
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
   * The signal that ends the run when it is aborted, such as `AbortSignal.timeout(60_000)`. `onReport` then receives
   * the final counts.
   */
  readonly signal?: AbortSignal | undefined
  /**
   * The longest time for which the server can delay the run by asking for fewer requests, counted from the start of the
   * run. Default: no limit, so the run waits as long as the server asks.
   */
  readonly throttleDeadline?: Time | undefined
  /** Receives each row that the SDK or the server refused. */
  readonly onDeadLetter?: ((letter: DeadLetter<A>) => void | PromiseLike<void>) | undefined
  /** Receives the outcome of each row. */
  readonly onOutcome?: ((outcome: Outcome<A>) => void | PromiseLike<void>) | undefined
  /**
   * Receives the counts at the start, each second, and once more when the run has ended. This includes a run that failed
   * or was aborted.
   */
  readonly onReport?: ((report: Report) => void | PromiseLike<void>) | undefined
}

/**
 * A source of rows: an array or another iterable, an async iterable, a Node stream in object mode, or a web stream.
 *
 * The client closes a Node or web stream when the run ends, even if the run fails before it reads a row.
 *
 * @example
 * import type { Rows } from "@mammoth-effect/client/promise"
 *
 * const orders: Rows<{ id: number }> = new Set([{ id: 1 }, { id: 2 }])
 *
 * @since 0.1.0
 * @category models
 */
export type Rows<A> = Iterable<A> | AsyncIterable<A> | ReadableStream<A>

/**
 * The content of a file: `{ path }`, a `file:` URL, bytes, a `Blob`, or a Node or web stream of bytes.
 *
 * A plain string is not accepted, because the string could be a path or the content. A relative path starts at the
 * working directory of the process. The client reads a stream no faster than it sends the rows, and closes the stream
 * at the end.
 *
 * @example
 * import type { FileSource } from "@mammoth-effect/client/promise"
 *
 * const sources: ReadonlyArray<FileSource> = [
 *   { path: "orders.ndjson" },
 *   new URL("./orders.ndjson", import.meta.url),
 *   new TextEncoder().encode('{ "id": 1 }')
 * ]
 *
 * @since 0.1.0
 * @category models
 */
export type FileSource =
  | { readonly path: string }
  | URL
  | Uint8Array
  | Blob
  | ReadableStream<Uint8Array | string>
  | AsyncIterable<Uint8Array | string>

/**
 * A line that was skipped because it is not a row. No part of the line was sent. A skipped line has `line`, `end` and
 * `error`, like the outcome of a row, so that one function can receive both.
 *
 * @since 0.1.0
 * @category models
 */
export interface SkippedLine extends Omit<BadLine, "error"> {
  /** The error that says why the line cannot be read. */
  readonly error: LineError
  /** The number of the line at which the bad row begins, counted from 1. */
  readonly line: number | undefined
  readonly end: "skipped"
}

/**
 * The error of a line that cannot be read. The error is a `Plain<SourceError>`, and never holds the content of the
 * line.
 *
 * @since 0.1.0
 * @category errors
 */
export interface LineError extends Error {
  /** The tag that identifies the kind of error. */
  readonly _tag: SourceError["_tag"]
  /** The kind of the source, such as `"CSV"`. */
  readonly source: SourceError["source"]
  /** The number of the line, counted from 1. Blank lines count, too. */
  readonly line: SourceError["line"]
  /** The reason why the line cannot be read. */
  readonly reason: SourceError["reason"]
}

/**
 * The outcome of one row of a file, with the number of the line at which the row begins. Lines are counted from 1.
 *
 * @since 0.1.0
 * @category models
 */
export interface FileOutcome<A> extends Outcome<A> {
  readonly line: number
}

/**
 * A refused row of a file, with the number of the line at which the row begins. Lines are counted from 1.
 *
 * @since 0.1.0
 * @category models
 */
export interface FileDeadLetter<A> extends DeadLetter<A> {
  readonly line: number
}

/**
 * The counts of a file's rows, and the number of the file's bad lines.
 *
 * @since 0.1.0
 * @category models
 */
export interface FileReport extends Report {
  /** The number of bad lines that `onBadLine` received. No other count of the report includes them. */
  readonly badLines: number
}

/**
 * Options for sending the rows of a file.
 *
 * @example
 * import type { FileIngestOptions } from "@mammoth-effect/client/promise"
 *
 * const tell = ({ end, error, line }: { end: string; error?: Error | undefined; line: number | undefined }) => {
 *   if (end !== "accepted") console.warn(`line ${line}: ${end}: ${error?.message}`)
 * }
 * const options: FileIngestOptions<unknown> = { onBadRow: "continue", onBadLine: tell, onOutcome: tell }
 *
 * @since 0.1.0
 * @category options
 */
export interface FileIngestOptions<A> extends Omit<IngestOptions<A>, "onDeadLetter" | "onOutcome" | "onReport"> {
  /**
   * Receives each bad line, which is a line that is not a row. The run then continues with the next row. If the
   * function throws, the run ends. Default: the run ends at the first bad line, with a `SourceError` that holds the
   * line's number.
   */
  readonly onBadLine?: ((bad: SkippedLine) => void | PromiseLike<void>) | undefined
  /** Receives each row that the SDK or the server refused. */
  readonly onDeadLetter?: ((letter: FileDeadLetter<A>) => void | PromiseLike<void>) | undefined
  /** Receives the outcome of each row. */
  readonly onOutcome?: ((outcome: FileOutcome<A>) => void | PromiseLike<void>) | undefined
  /**
   * Receives the counts at the start, each second, and once more when the run has ended. This includes a run that failed
   * or was aborted.
   */
  readonly onReport?: ((report: FileReport) => void | PromiseLike<void>) | undefined
}

/**
 * Options for replacing all rows of a webhook.
 *
 * @since 0.1.0
 * @category options
 */
export interface ReplaceOptions extends CallOptions {
  /**
   * Set `true` if nobody else writes to the webhook. The push is then retried even if the server may have acted.
   * Default: `false`.
   */
  readonly isSoleWriter?: boolean | undefined
}

/**
 * Returns a webhook's `uri` or `secret` as a string. If you print the property itself, you see `<redacted>`.
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
  if (redacted !== null && !Redacted.isRedacted(redacted)) {
    throw new TypeError("reveal: expected a webhook's uri or secret")
  }
  return redacted === null ? null : Redacted.value(redacted)
}

/**
 * The operations of one project. You call them without the ids of the workspace and the project.
 *
 * @since 0.1.0
 * @category models
 */
export interface ProjectClient {
  /** Lists the webhooks that match the filters. Returns one page, with only the requested fields of each webhook. */
  readonly list: {
    /**
     * Lists the webhooks that match the filters. Returns one page, with only the requested fields of each webhook.
     *
     * @param query the filters, order, fields and page
     * @param options settings of this call, such as its `signal` and `timeout`
     */
    <const Fields extends WebhookField.Selection = "standard">(
      query?: Webhooks.Query<Fields>,
      options?: CallOptions
    ): Promise<WebhookPage.Selected<Fields>>
  }
  /**
   * Creates a webhook and its dataset. If you give a `mode` and the response has another mode, the call fails with
   * `DecodeError`. If `mode` is a literal, the type of the result has this mode.
   */
  readonly create: {
    /**
     * Creates a webhook and its dataset. If you give a `mode` and the response has another mode, the call fails with
     * `DecodeError`. If `mode` is a literal, the type of the result has this mode.
     *
     * @param spec the name, mode and other settings; the server has a default for each
     * @param options settings of this call, such as its `signal` and `timeout`
     */
    <const Mode extends WebhookMode.WebhookMode | undefined = undefined>(
      spec: Webhooks.Spec<Mode>,
      options?: CallOptions
    ): Promise<Webhook.OfMode<Mode>>
  }
  /** Reads one webhook, with only the requested fields. */
  readonly getDetails: {
    /**
     * Reads one webhook, with only the requested fields.
     *
     * @param request the webhook's id, and the fields to read
     * @param options settings of this call, such as its `signal` and `timeout`
     */
    <const Fields extends WebhookField.Selection = "standard">(
      request: Webhooks.DetailsQuery<Fields>,
      options?: CallOptions
    ): Promise<Webhook.Selected<Fields>>
  }
  /** Deletes a webhook. If an earlier attempt of the call has deleted the webhook, the call succeeds. */
  readonly delete: {
    /**
     * Deletes a webhook. If an earlier attempt of the call has deleted the webhook, the call succeeds.
     *
     * @param request the webhook's id
     * @param options settings of this call, such as its `signal` and `timeout`
     */
    (request: Webhooks.ById, options?: CallOptions): Promise<void>
  }
  /** Changes a webhook's mode, origins or security. */
  readonly update: {
    /**
     * Changes a webhook's mode, origins or security.
     *
     * @param request the webhook's id, and the settings to change or a list of changes
     * @param options settings of this call, such as its `signal` and `timeout`
     */
    (request: Webhooks.Changes, options?: CallOptions): Promise<Webhook.Webhook>
  }
  /**
   * Iterates over every webhook that matches the filters. Requests each page when the loop needs it. Leaving the loop
   * cancels the request in flight.
   */
  readonly stream: {
    /**
     * Iterates over every webhook that matches the filters. Requests each page when the loop needs it. Leaving the loop
     * cancels the request in flight.
     *
     * @param query the filters, order and fields; `limit` is the size of a page
     * @param options settings of this call, such as its `signal` and `timeout`
     */
    <const Fields extends WebhookField.Selection = "standard">(
      query?: Webhooks.Query<Fields>,
      options?: CallOptions
    ): AsyncIterable<Webhook.Selected<Fields>>
  }
  /**
   * Finds the webhook with exactly this name, or creates it. Changes the mode and origins of the webhook if they differ
   * from `spec`.
   */
  readonly ensure: {
    /**
     * Finds the webhook with exactly this name, or creates it. Changes the mode and origins of the webhook if they
     * differ from `spec`.
     *
     * @param name the whole name, at least one character long
     * @param spec the mode and origins to set, and other settings that apply only when the webhook is created
     * @param options settings of this call, such as its `signal` and `timeout`
     */
    <const Mode extends WebhookMode.WebhookMode | undefined = undefined>(
      name: string,
      spec: Webhooks.EnsureSettings<Mode>,
      options?: CallOptions
    ): Promise<Webhook.OfMode<Mode>>
  }
}

/**
 * The operations as methods that return promises. A failed call rejects with an `Error` that has a `_tag` (see
 * {@link isMammothError}). An aborted call rejects with the reason of its signal.
 *
 * @since 0.1.0
 * @category models
 */
export interface Client {
  /** Lists the webhooks that match the filters. Returns one page, with only the requested fields of each webhook. */
  readonly list: {
    /**
     * Lists the webhooks that match the filters. Returns one page, with only the requested fields of each webhook.
     *
     * @param request the filters, order, fields and page
     * @param options settings of this call, such as its `signal` and `timeout`
     */
    <const Fields extends WebhookField.Selection = "standard">(
      request: Webhooks.ListRequest<Fields>,
      options?: CallOptions
    ): Promise<WebhookPage.Selected<Fields>>
  }
  /**
   * Creates a webhook and its dataset. If you give a `mode` and the response has another mode, the call fails with
   * `DecodeError`. If `mode` is a literal, the type of the result has this mode.
   */
  readonly create: {
    /**
     * Creates a webhook and its dataset. If you give a `mode` and the response has another mode, the call fails with
     * `DecodeError`. If `mode` is a literal, the type of the result has this mode.
     *
     * @param request the name, mode and other settings; the server has a default for each
     * @param options settings of this call, such as its `signal` and `timeout`
     */
    <const Mode extends WebhookMode.WebhookMode | undefined = undefined>(
      request: Webhooks.CreateRequest<Mode>,
      options?: CallOptions
    ): Promise<Webhook.OfMode<Mode>>
  }
  /** Reads one webhook, with only the requested fields. */
  readonly getDetails: {
    /**
     * Reads one webhook, with only the requested fields.
     *
     * @param request the webhook's id, and the fields to read
     * @param options settings of this call, such as its `signal` and `timeout`
     */
    <const Fields extends WebhookField.Selection = "standard">(
      request: Webhooks.GetDetailsRequest<Fields>,
      options?: CallOptions
    ): Promise<Webhook.Selected<Fields>>
  }
  /** Deletes a webhook. If an earlier attempt of the call has deleted the webhook, the call succeeds. */
  readonly delete: {
    /**
     * Deletes a webhook. If an earlier attempt of the call has deleted the webhook, the call succeeds.
     *
     * @param request the webhook's id
     * @param options settings of this call, such as its `signal` and `timeout`
     */
    (request: Webhooks.OfWebhook, options?: CallOptions): Promise<void>
  }
  /** Changes a webhook's mode, origins or security. */
  readonly update: {
    /**
     * Changes a webhook's mode, origins or security.
     *
     * @param request the webhook's id, and the settings to change or a list of changes
     * @param options settings of this call, such as its `signal` and `timeout`
     */
    (request: Webhooks.UpdateRequest, options?: CallOptions): Promise<Webhook.Webhook>
  }
  /**
   * Iterates over every webhook that matches the filters. Requests each page when the loop needs it. Leaving the loop
   * cancels the request in flight.
   */
  readonly stream: {
    /**
     * Iterates over every webhook that matches the filters. Requests each page when the loop needs it. Leaving the loop
     * cancels the request in flight.
     *
     * @param request the filters, order and fields; `limit` is the size of a page
     * @param options settings of this call, such as its `signal` and `timeout`
     */
    <const Fields extends WebhookField.Selection = "standard">(
      request: Webhooks.ListRequest<Fields>,
      options?: CallOptions
    ): AsyncIterable<Webhook.Selected<Fields>>
  }
  /**
   * Finds the webhook with exactly this name, or creates it. Changes the mode and origins of the webhook if they differ
   * from `spec`.
   */
  readonly ensure: {
    /**
     * Finds the webhook with exactly this name, or creates it. Changes the mode and origins of the webhook if they
     * differ from `spec`.
     *
     * @param name the whole name, at least one character long
     * @param spec the mode and origins to set, and other settings that apply only when the webhook is created
     * @param options settings of this call, such as its `signal` and `timeout`
     */
    <const Mode extends WebhookMode.WebhookMode | undefined = undefined>(
      name: string,
      spec: Webhooks.EnsureSpec<Mode>,
      options?: CallOptions
    ): Promise<Webhook.OfMode<Mode>>
  }
  /**
   * Pushes one JSON document. The push is not retried if the server may have acted. Properties that are `undefined` are
   * left out. The server may still write a push that you abort.
   */
  readonly addData: {
    /**
     * Pushes one JSON document. The push is not retried if the server may have acted. Properties that are `undefined`
     * are left out. The server may still write a push that you abort.
     *
     * @param webhook a webhook, its key or its uri
     * @param data a row, or another value that JSON can represent
     * @param options settings of this call, such as its `signal` and `timeout`
     */
    <A>(webhook: Webhooks.Target, data: Json.Compatible<A>, options?: CallOptions): Promise<void>
  }
  /**
   * Pushes one flat row in the query of a GET request. The push is not retried if the server may have acted. The server
   * may still write a push that you abort.
   */
  readonly addDataUsingGet: {
    /**
     * Pushes one flat row in the query of a GET request. The push is not retried if the server may have acted. The
     * server may still write a push that you abort.
     *
     * @param webhook a webhook, its key or its uri
     * @param data an object with at least one property, whose values are strings, finite numbers or booleans
     * @param options settings of this call, such as its `signal` and `timeout`
     */
    <A>(webhook: Webhooks.Target, data: Json.CompatibleFlat<A>, options?: CallOptions): Promise<void>
  }
  /** Replaces all rows of a `replace` webhook. Sends the new rows as one array in one push. */
  readonly replaceAll: {
    /**
     * Replaces all rows of a `replace` webhook. Sends the new rows as one array in one push.
     *
     * @param webhook a webhook that is known to be in mode `replace`
     * @param rows all rows of the dataset
     * @param options settings of this call; if nobody else writes to the webhook, set `isSoleWriter` so that the push
     * is retried
     */
    <A>(webhook: ReplaceTarget, rows: Iterable<Json.Compatible<A>>, options?: ReplaceOptions): Promise<void>
  }
  /**
   * Appends any number of rows from an iterable or a stream, and returns the counts of the rows. See the guide on
   * promises.
   */
  readonly ingest: {
    /**
     * Appends any number of rows from an iterable or a stream, and returns the counts of the rows. See the guide on
     * promises.
     *
     * @param webhook a webhook that is known to be in mode `combine`
     * @param rows the rows, pulled no faster than the server accepts them
     * @param options the batch limits, the concurrency, and functions that receive the outcomes of rows
     */
    <A>(
      webhook: CombineTarget,
      rows: Rows<A & Json.Compatible<A>>,
      options?: IngestOptions<A> & { readonly schema?: undefined }
    ): Promise<Report>
    /**
     * Checks each row with a schema, appends the schema's output, and returns the counts of the rows.
     *
     * The schema may come from zod, valibot, arktype, Effect, or any other library with the Standard Schema interface.
     * A row that the schema refuses ends the run, or becomes a dead letter if `onBadRow` is `"continue"`. The error
     * holds the path and the message of each issue, but not the value. If the schema validates asynchronously, every
     * row is refused.
     *
     * @param webhook a webhook that is known to be in mode `combine`
     * @param rows the rows to check with the schema, pulled no faster than the server accepts them
     * @param options the schema, the batch limits, the concurrency, and functions that receive the outcomes of rows
     */
    <S extends IngestSchema>(
      webhook: CombineTarget,
      rows: Rows<InputOf<NoInfer<S>>>,
      options: IngestOptions<InputOf<NoInfer<S>>> & { readonly schema: S & SendsJson<S> }
    ): Promise<Report>
  }
  /** Returns the operations of one project. You call them without the ids of the workspace and the project. */
  readonly inProject: {
    /**
     * Returns the operations of one project. You call them without the ids of the workspace and the project.
     *
     * @param project the ids of the workspace and the project
     */
    (project: Webhooks.InProject): ProjectClient
  }
  /**
   * Rejects new calls, waits for the calls in flight, ends iterations, and releases the connections. To end calls
   * sooner, abort their signals.
   */
  readonly close: () => Promise<void>
  /** Closes the client at the end of an `await using` block. */
  readonly [Symbol.asyncDispose]: () => Promise<void>
}

const replaceOptions = kindOf({ ...properties, isSoleWriter: flag } satisfies Of<ReplaceOptions>)

/**
 * Makes a client. The function reads options and variables immediately, and throws a {@link ConfigurationError} if one
 * of them cannot be used. The client opens the first connection at the first call.
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
  const { close, run } = Calls.make(Services.layer(options, traceOf(makeClient)))

  /**
   * Makes the methods that a client and a project client share. `outer` returns the object whose methods the program
   * calls, so that an error shows the stack of the program's call.
   */
  const managing = (
    outer: () => { readonly [Name in keyof ProjectClient]: (...args: never) => unknown }
  ): Pick<Client, keyof ProjectClient> => ({
    list: (request, call) =>
      run(Calls.called(outer().list, identify(Operations.list), Requests.list(request)), Webhooks.list(request), call),
    create: (request, call) =>
      run(
        Calls.called(outer().create, identify(Operations.create), Requests.create(request)),
        Webhooks.create(request),
        call
      ),
    getDetails: (request, call) =>
      run(
        Calls.called(outer().getDetails, identify(Operations.getDetails), Requests.getDetails(request)),
        Webhooks.getDetails(request),
        call
      ),
    delete: (request, call) =>
      run(
        Calls.called(outer().delete, identify(Operations.delete), Requests.delete(request)),
        Webhooks.delete(request),
        call
      ),
    update: (request, call) =>
      run(
        Calls.called(outer().update, identify(Operations.update), Requests.update(request)),
        Webhooks.update(request),
        call
      ),
    stream: (request, call) => {
      const made = Calls.called(outer().stream, identify(Operations.list, "stream"), Requests.list(request))
      return iterate(Webhooks.stream(request), (effect, left) => run(made, effect, call, left))
    },
    ensure: (name, spec, call) =>
      run(
        Calls.called(outer().ensure, identify(Operations.list, "ensure"), Requests.name(name) ?? Requests.spec(spec)),
        Webhooks.ensure(name, spec),
        call
      )
  })

  const client: Omit<Client, "inProject"> = {
    ...managing(() => client),
    addData: (webhook, data, call) =>
      run(Calls.called(client.addData, identify(Operations.addData)), Webhooks.addData<unknown>(webhook, data), call),
    addDataUsingGet: (webhook, data, call) =>
      run(
        Calls.called(client.addDataUsingGet, identify(Operations.addDataUsingGet)),
        Webhooks.addDataUsingGet<unknown>(webhook, data),
        call
      ),
    replaceAll: (webhook, rows, call) =>
      run(
        Calls.called(
          client.replaceAll,
          identify(Operations.addData, "replaceAll"),
          Requests.target("assumeReplace")(webhook),
          replaceOptions
        ),
        Webhooks.replaceAll(webhook, rows, { schema: row(), isSoleWriter: call?.isSoleWriter }),
        call
      ),
    ingest: <A>(
      webhook: CombineTarget,
      rows: Rows<A>,
      call: IngestOptions<A> & { readonly schema?: IngestSchema | undefined } = {}
    ) => {
      const named = identify(Operations.addData, "ingest")
      const made = Calls.called(client.ingest, named, Requests.target("assumeCombine")(webhook), ingestOptions)
      return closing(rows, run(made, ingest(named, webhook, rows, call), call))
    },
    close,
    [Symbol.asyncDispose]: close
  }

  const made: Client = {
    ...client,
    inProject: (project) => {
      const { create, delete: delete_, ensure, getDetails, list, stream, update } = managing(() => methods)
      const methods: ProjectClient = {
        list: (query, call) => list({ ...query, ...project }, call),
        create: (spec, call) => create({ ...spec, ...project }, call),
        getDetails: (request, call) => getDetails({ ...request, ...project }, call),
        delete: (request, call) => delete_({ ...request, ...project }, call),
        update: (request, call) => update({ ...request, ...project }, call),
        stream: (query, call) => stream({ ...query, ...project }, call),
        ensure: (name, spec, call) => ensure(name, { ...spec, ...project }, call)
      }
      return methods
    }
  }
  return remember(made, run)
}
