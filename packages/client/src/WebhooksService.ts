/**
 * The types of the webhook operations: requests, errors and services. `Webhooks` exports them, too.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import type * as Stream from "effect/Stream"
import type { AmbiguousName } from "./AmbiguousName.js"
import type * as Identifier from "./Identifier.js"
import type * as Json from "./Json.js"
import type * as Operation from "./Operation.js"
import type { RowSchema } from "./RowSchema.js"
import type * as Webhook from "./Webhook.js"
import type * as WebhookField from "./WebhookField.js"
import type * as WebhookKey from "./WebhookKey.js"
import type * as WebhookMode from "./WebhookMode.js"
import type * as WebhookPage from "./WebhookPage.js"
import type * as WebhookPatch from "./WebhookPatch.js"
import type * as WebhookQuery from "./WebhookQuery.js"
import type * as WebhooksError from "./WebhooksError.js"
import type * as WebhookSpec from "./WebhookSpec.js"

/**
 * The project of a call.
 *
 * @example
 * import type { Webhooks } from "@mammoth-effect/client"
 *
 * const project: Webhooks.InProject = { workspaceId: 4, projectId: 4 }
 *
 * @since 0.1.0
 * @category requests
 */
export interface InProject {
  /** An integer from 1. */
  readonly workspaceId: Identifier.Input<Identifier.WorkspaceId>
  /** An integer from 1. */
  readonly projectId: Identifier.Input<Identifier.ProjectId>
}

/**
 * Names one webhook of a project.
 *
 * @since 0.1.0
 * @category requests
 */
export interface ById {
  /** An integer from 1. */
  readonly webhookId: Identifier.Input<Identifier.WebhookId>
}

/**
 * Names one webhook: the input of `Webhooks.delete`.
 *
 * @since 0.1.0
 * @category requests
 */
export interface OfWebhook extends InProject, ById {}

/**
 * Filters, order and fields of a list: see `WebhookQuery` for the meaning and bounds of each.
 *
 * @since 0.1.0
 * @category requests
 */
export interface Query<Fields extends WebhookField.Selection = WebhookField.Selection> {
  /** The fields of the webhooks in the response. Default: all. */
  readonly fields?: Fields | WebhookField.Selection | undefined
  readonly id?: ReadonlyArray<Identifier.Input<Identifier.WebhookId>> | undefined
  /** Names, none with a comma. */
  readonly name?: ReadonlyArray<string> | undefined
  readonly datasetId?: ReadonlyArray<Identifier.Input<Identifier.DatasetId>> | undefined
  readonly mode?: ReadonlyArray<WebhookMode.WebhookMode> | undefined
  /** From 0 to 100; for `stream` from 1. Default: 50; for `stream` 100. */
  readonly limit?: number | undefined
  /** From 0. Default: 0. */
  readonly offset?: number | undefined
  /** Default: by ascending id. */
  readonly sort?: ReadonlyArray<WebhookQuery.SortKey> | undefined
}

/**
 * The input of `Webhooks.list` and `Webhooks.stream`.
 *
 * @example
 * import type { Webhooks } from "@mammoth-effect/client"
 *
 * const request: Webhooks.ListRequest = { workspaceId: 4, projectId: 4, mode: ["combine"], sort: [["name", "asc"]] }
 *
 * @since 0.1.0
 * @category requests
 */
export interface ListRequest<Fields extends WebhookField.Selection = WebhookField.Selection>
  extends InProject, Query<Fields> {}

/**
 * The settings of a webhook to create. The mode decides the type of the response.
 *
 * @since 0.1.0
 * @category requests
 */
export interface Spec<
  Mode extends WebhookMode.WebhookMode | undefined = WebhookMode.WebhookMode | undefined
> extends Omit<WebhookSpec.WebhookSpec, "mode"> {
  /** Default: `replace`. */
  readonly mode?: Mode | WebhookMode.WebhookMode
}

/**
 * The input of `Webhooks.create`.
 *
 * @example
 * import type { Webhooks } from "@mammoth-effect/client"
 *
 * const request: Webhooks.CreateRequest = { workspaceId: 4, projectId: 4, name: "orders", mode: "combine" }
 *
 * @since 0.1.0
 * @category requests
 */
export interface CreateRequest<Mode extends WebhookMode.WebhookMode | undefined = WebhookMode.WebhookMode | undefined>
  extends InProject, Spec<Mode> {}

/**
 * Names one webhook, and the fields to read.
 *
 * @since 0.1.0
 * @category requests
 */
export interface DetailsQuery<Fields extends WebhookField.Selection = WebhookField.Selection> extends ById {
  /** The fields of the webhook in the response. Default: all. */
  readonly fields?: Fields | WebhookField.Selection | undefined
}

/**
 * The input of `Webhooks.getDetails`.
 *
 * @since 0.1.0
 * @category requests
 */
export interface GetDetailsRequest<Fields extends WebhookField.Selection = WebhookField.Selection>
  extends InProject, DetailsQuery<Fields> {}

/**
 * Changes of one webhook: settings by name, or an explicit list.
 *
 * @since 0.1.0
 * @category requests
 */
export type Changes = ById & WebhookPatch.Input

/**
 * The input of `Webhooks.update`: settings by name, or an explicit list of changes.
 *
 * @example
 * import type { Webhooks } from "@mammoth-effect/client"
 *
 * const byName: Webhooks.UpdateRequest = { workspaceId: 4, projectId: 4, webhookId: 8, mode: "combine" }
 * const explicit: Webhooks.UpdateRequest = {
 *   workspaceId: 4,
 *   projectId: 4,
 *   webhookId: 8,
 *   patch: [{ path: "isSecure", value: true }]
 * }
 *
 * @since 0.1.0
 * @category requests
 */
export type UpdateRequest = InProject & Changes

/**
 * The properties of a webhook that a push needs.
 *
 * @since 0.1.0
 * @category requests
 */
export interface TargetWebhook {
  readonly uri: Redacted.Redacted
  readonly secret?: Redacted.Redacted | null
}

/**
 * A target of a push: a webhook, its key, or its whole uri. If the webhook has a secret, the secret is sent, too.
 *
 * @example
 * import type { Webhooks } from "@mammoth-effect/client"
 * import { WebhookKey } from "@mammoth-effect/client"
 *
 * const targets: ReadonlyArray<Webhooks.Target> = [
 *   WebhookKey.make("g7rHe3mUqUGPEpnc4XxeDWJa"),
 *   "/webhook/data/g7rHe3mUqUGPEpnc4XxeDWJa"
 * ]
 *
 * @since 0.1.0
 * @category requests
 */
export type Target = TargetWebhook | WebhookKey.WebhookKey | Redacted.Redacted | string

/**
 * Options of `Webhooks.replaceAll`.
 *
 * @since 0.1.0
 * @category requests
 */
export interface ReplaceOptions<A> {
  /** The schema of a row. It also encodes the row as JSON. */
  readonly schema: RowSchema<A>
  /**
   * Retries the push even if the server may have acted. Use it only if nobody else writes to the webhook. Default:
   * `false`.
   */
  readonly isSoleWriter?: boolean | undefined
}

/**
 * The errors of `Webhooks.list`, `Webhooks.stream`, `Webhooks.create`, `Webhooks.getDetails` and `Webhooks.update`.
 *
 * @since 0.1.0
 * @category errors
 */
export type ReadError = WebhooksError.Common | WebhooksError.DecodeError

/**
 * The errors of `Webhooks.addData`.
 *
 * @since 0.1.0
 * @category errors
 */
export type AddDataError = WebhooksError.Common | WebhooksError.PayloadTooLarge

/**
 * The errors of `Webhooks.ensure`.
 *
 * @since 0.1.0
 * @category errors
 */
export type EnsureError = ReadError | AmbiguousName

/**
 * The operations on webhooks themselves, which need `R` in the environment. Each request has a `Place` beside its own
 * input. The `Place` is a project, or nothing if the operations belong to one project.
 *
 * @since 0.1.0
 * @category models
 */
export interface Management<R, Place = InProject> {
  /** Lists the webhooks that match, one page at a time, narrowed to the requested fields. */
  readonly list: {
    /**
     * Lists the webhooks that match, one page at a time, narrowed to the requested fields.
     *
     * @param request the filters, order, fields and page
     */
    <const Fields extends WebhookField.Selection = "standard">(
      request: Query<Fields> & Place
    ): Effect.Effect<WebhookPage.Selected<Fields>, ReadError, R>
  }
  /** Creates a webhook and its dataset. A literal `mode` is checked in the response and shows in its type. */
  readonly create: {
    /**
     * Creates a webhook and its dataset. A literal `mode` is checked in the response and shows in its type.
     *
     * @param request the name, mode and other settings; the server has a default for each
     */
    <const Mode extends WebhookMode.WebhookMode | undefined = undefined>(
      request: Spec<Mode> & Place
    ): Effect.Effect<Webhook.OfMode<Mode>, ReadError, R>
  }
  /** Reads one webhook, narrowed to the requested fields. */
  readonly getDetails: {
    /**
     * Reads one webhook, narrowed to the requested fields.
     *
     * @param request the id, and the fields to read
     */
    <const Fields extends WebhookField.Selection = "standard">(
      request: DetailsQuery<Fields> & Place
    ): Effect.Effect<Webhook.Selected<Fields>, ReadError, R>
  }
  /** Deletes a webhook. It also succeeds if an earlier attempt of the call has deleted the webhook. */
  readonly delete: {
    /**
     * Deletes a webhook. It also succeeds if an earlier attempt of the call has deleted the webhook.
     *
     * @param request the id
     */
    (request: ById & Place): Effect.Effect<void, WebhooksError.Common, R>
  }
  /** Changes a webhook's mode, origins or security. */
  readonly update: {
    /**
     * Changes a webhook's mode, origins or security.
     *
     * @param request the id, with the settings to change or a list of changes
     */
    (request: Changes & Place): Effect.Effect<Webhook.Webhook, ReadError, R>
  }
  /** Streams every webhook that matches, and requests each page when it is pulled. */
  readonly stream: {
    /**
     * Streams every webhook that matches, and requests each page when it is pulled.
     *
     * @param request the filters, order and fields; `limit` is the size of a page
     */
    <const Fields extends WebhookField.Selection = "standard">(
      request: Query<Fields> & Place
    ): Stream.Stream<Webhook.Selected<Fields>, ReadError, R>
  }
  /** Finds the webhook of exactly this name or creates it, and gives it the mode and origins. */
  readonly ensure: {
    /**
     * Finds the webhook of exactly this name or creates it, and gives it the mode and origins.
     *
     * @param name the whole name, of at least one character
     * @param spec the mode and origins; the other settings apply only if the webhook is created
     */
    <const Mode extends WebhookMode.WebhookMode | undefined = undefined>(
      name: string,
      spec: EnsureSettings<Mode> & Place
    ): Effect.Effect<Webhook.OfMode<Mode>, EnsureError, R>
  }
}

/**
 * The operations for which a webhook's key is enough.
 *
 * @since 0.1.0
 * @category models
 */
export interface PushService {
  /** Pushes one flat row in the query of a GET. It is not retried if the server may have acted. */
  readonly addDataUsingGet: {
    /**
     * Pushes one flat row in the query of a GET. It is not retried if the server may have acted.
     *
     * @param target a webhook, its key or its uri
     * @param data an object of strings, finite numbers and booleans, at least one
     */
    <A>(target: Target, data: Json.CompatibleFlat<A>): Effect.Effect<void, WebhooksError.Common>
  }
  /** Pushes one JSON document. It is not retried if the server may have acted. A property that is `undefined` is left out. */
  readonly addData: {
    /**
     * Pushes one JSON document. It is not retried if the server may have acted. A property that is `undefined` is left out.
     *
     * @param target a webhook, its key or its uri
     * @param data a row, or another value that JSON can represent
     */
    <A>(target: Target, data: Json.Compatible<A>): Effect.Effect<void, AddDataError>
  }
  /** Pushes a document that is encoded already. It is not retried if the server may have acted. */
  readonly addEncodedData: {
    /**
     * Pushes a document that is encoded already. It is not retried if the server may have acted.
     *
     * @param target a webhook, its key or its uri
     * @param document JSON, as text or in UTF-8
     * @param options `gzip` is `true` if the document is gzipped
     */
    (
      target: Target,
      document: string | Uint8Array,
      options?: { readonly gzip?: boolean | undefined }
    ): Effect.Effect<void, AddDataError>
  }
}

/**
 * The input of an operation that is called as data. It has no `fields`, because the type of the response has all of
 * them. To choose fields, call `Webhooks.list` or `Webhooks.getDetails`, whose types follow the fields.
 *
 * @example
 * import type { Webhooks } from "@mammoth-effect/client"
 * import type { Operations } from "@mammoth-effect/client"
 *
 * const request: Webhooks.WholeRequest<typeof Operations.list> = { workspaceId: 4, projectId: 4, mode: ["combine"] }
 *
 * @since 0.1.0
 * @category models
 */
export type WholeRequest<O extends Operation.Operation> = Operation.Request<O> & { readonly fields?: undefined }

/**
 * The operations of one project, without its ids in every call. They need `R` in the environment.
 *
 * @since 0.1.0
 * @category models
 */
export interface ProjectService<R> extends Management<R, unknown> {
  /** Lists the webhooks that match, one page at a time, narrowed to the requested fields. */
  readonly list: {
    /**
     * Lists the webhooks that match, one page at a time, narrowed to the requested fields.
     *
     * @param query the filters, order, fields and page
     */
    <const Fields extends WebhookField.Selection = "standard">(
      query?: Query<Fields>
    ): Effect.Effect<WebhookPage.Selected<Fields>, ReadError, R>
  }
  /** Streams every webhook that matches, and requests each page when it is pulled. */
  readonly stream: {
    /**
     * Streams every webhook that matches, and requests each page when it is pulled.
     *
     * @param query the filters, order and fields; `limit` is the size of a page
     */
    <const Fields extends WebhookField.Selection = "standard">(
      query?: Query<Fields>
    ): Stream.Stream<Webhook.Selected<Fields>, ReadError, R>
  }
}

/**
 * The operations, as methods. Each is also a function of `Webhooks` that takes the service from the environment.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service extends Management<never>, PushService {
  /** Makes the operations of one project, without its ids in every call. */
  readonly inProject: {
    /**
     * Makes the operations of one project, without its ids in every call.
     *
     * @param project the ids of the workspace and the project
     */
    (project: InProject): ProjectService<never>
  }
  /** Calls any operation that is declared as data. */
  readonly perform: {
    /**
     * Calls any operation that is declared as data.
     *
     * @param operation the declaration, such as `Operations.list`
     * @param request the input of the operation, without `fields`
     */
    <O extends Operation.Operation>(
      operation: O,
      request: WholeRequest<O>
    ): Effect.Effect<Operation.Success<O>, Operation.Error<O>>
  }
}

/**
 * The settings of the webhook that `Webhooks.ensure` finds or creates. The mode decides the type of the response.
 *
 * @since 0.1.0
 * @category requests
 */
export interface EnsureSettings<
  Mode extends WebhookMode.WebhookMode | undefined = WebhookMode.WebhookMode | undefined
> extends Omit<Spec<Mode>, "name"> {}

/**
 * The webhook that `Webhooks.ensure` finds or creates, without its name.
 *
 * @since 0.1.0
 * @category requests
 */
export interface EnsureSpec<Mode extends WebhookMode.WebhookMode | undefined = WebhookMode.WebhookMode | undefined>
  extends InProject, EnsureSettings<Mode> {}

/**
 * A setting of a webhook that differs from the wanted one.
 *
 * @since 0.1.0
 * @category models
 */
export interface SettingChange {
  readonly setting: "mode" | "origins"
  readonly from: string | null
  readonly to: string
}

/**
 * The action that `Webhooks.ensure` would take: the result of `NamedWebhooks.plan`.
 *
 * @since 0.1.0
 * @category models
 */
export interface EnsurePlan {
  /** `create` if no webhook has the name, `update` if settings differ, `keep` if the webhook fits already. */
  readonly action: "create" | "update" | "keep"
  /** The id of the webhook that has the name. It is `undefined` if the action is `create`. */
  readonly id: Identifier.WebhookId | undefined
  /** The settings to change, if the action is `update`. */
  readonly changes: ReadonlyArray<SettingChange>
}

/**
 * The operations that a test gives to `Webhooks.layerTest`. Each is optional. They return whole webhooks, and a call
 * receives the fields that it requests.
 *
 * @since 0.1.0
 * @category testing
 */
export interface TestOperations {
  /** Replaces `Webhooks.list`. */
  readonly list?: (request: ListRequest) => Effect.Effect<WebhookPage.WebhookPage, ReadError>
  /** Replaces `Webhooks.create`. */
  readonly create?: (request: CreateRequest) => Effect.Effect<Webhook.Webhook, ReadError>
  /** Replaces `Webhooks.getDetails`. */
  readonly getDetails?: (request: GetDetailsRequest) => Effect.Effect<Webhook.Webhook, ReadError>
  /** Replaces `Webhooks.delete`. */
  readonly delete?: (request: OfWebhook) => Effect.Effect<void, WebhooksError.Common>
  /** Replaces `Webhooks.update`. */
  readonly update?: (request: UpdateRequest) => Effect.Effect<Webhook.Webhook, ReadError>
  /** Replaces `Webhooks.stream`. */
  readonly stream?: (request: ListRequest) => Stream.Stream<Webhook.Webhook, ReadError>
  /** Replaces `Webhooks.ensure`. */
  readonly ensure?: (name: string, spec: EnsureSpec) => Effect.Effect<Webhook.Webhook, EnsureError>
  /** Replaces `Webhooks.addDataUsingGet`. */
  readonly addDataUsingGet?: (target: Target, data: unknown) => Effect.Effect<void, WebhooksError.Common>
  /**
   * Replaces every push of a document: `Webhooks.addData`, `Webhooks.replaceAll`, `WebhookSink`, `Ingestor` and
   * outboxes. A document that is JSON already is decoded first, to a row or to the array of a batch's rows.
   */
  readonly addData?: (target: Target, data: unknown) => Effect.Effect<void, AddDataError>
  /**
   * Replaces every push of a document, for a test that checks the JSON. If a test gives only one of `addData` and
   * `addEncodedData`, every push calls that one.
   */
  readonly addEncodedData?: Service["addEncodedData"]
}
