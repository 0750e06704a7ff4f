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
 * The workspace and the project of a call.
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
  /** The workspace's id: an integer of 1 or more. */
  readonly workspaceId: Identifier.Input<Identifier.WorkspaceId>
  /** The project's id: an integer of 1 or more. */
  readonly projectId: Identifier.Input<Identifier.ProjectId>
}

/**
 * The id of one webhook in a project.
 *
 * @since 0.1.0
 * @category requests
 */
export interface ById {
  /** The webhook's id: an integer of 1 or more. */
  readonly webhookId: Identifier.Input<Identifier.WebhookId>
}

/**
 * The ids of one webhook and its project: the input of `Webhooks.delete`.
 *
 * @since 0.1.0
 * @category requests
 */
export interface OfWebhook extends InProject, ById {}

/**
 * The filters, order, page and fields of a list. `WebhookQuery` explains the meaning and bounds of each property.
 *
 * @since 0.1.0
 * @category requests
 */
export interface Query<Fields extends WebhookField.Selection = WebhookField.Selection> {
  /** The fields of the webhooks in the response. Default: all fields. */
  readonly fields?: Fields | WebhookField.Selection | undefined
  readonly id?: ReadonlyArray<Identifier.Input<Identifier.WebhookId>> | undefined
  /** The names to look for. A name must have no comma. */
  readonly name?: ReadonlyArray<string> | undefined
  readonly datasetId?: ReadonlyArray<Identifier.Input<Identifier.DatasetId>> | undefined
  readonly mode?: ReadonlyArray<WebhookMode.WebhookMode> | undefined
  /**
   * The maximum number of webhooks on a page: an integer from 0 to 100. For `stream`, the minimum is 1. Default: 50,
   * and 100 for `stream`.
   */
  readonly limit?: number | undefined
  /** The number of webhooks to skip: an integer of 0 or more. Default: 0. */
  readonly offset?: number | undefined
  /** The order of the webhooks. Default: by ascending id. */
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
  /** The mode of the webhook. Default for a new webhook: `replace`. */
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
 * The id of one webhook, and the fields to read.
 *
 * @since 0.1.0
 * @category requests
 */
export interface DetailsQuery<Fields extends WebhookField.Selection = WebhookField.Selection> extends ById {
  /** The fields of the webhook in the response. Default: all fields. */
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
 * The id of a webhook and its changes: settings by name, or an explicit list of changes.
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
 * A webhook as the target of a push: only the properties that the push uses.
 *
 * @since 0.1.0
 * @category requests
 */
export interface TargetWebhook {
  readonly uri: Redacted.Redacted
  readonly secret?: Redacted.Redacted | null
}

/**
 * The target of a push: a webhook, its key, or its whole uri. If the webhook has a secret, the push carries the secret.
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
  /** The schema that checks each row and encodes it as JSON. */
  readonly schema: RowSchema<A>
  /**
   * Set `true` if nobody else writes to the webhook. The push is then retried even if the server may have acted.
   * Default: `false`.
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
 * The operations that manage webhooks. The operations need the services `R`. Each request consists of the operation's
 * input and a `Place`. The `Place` is the project, or empty if the operations already belong to one project.
 *
 * @since 0.1.0
 * @category models
 */
export interface Management<R, Place = InProject> {
  /** Lists the webhooks that match the filters. Returns one page, with only the requested fields of each webhook. */
  readonly list: {
    /**
     * Lists the webhooks that match the filters. Returns one page, with only the requested fields of each webhook.
     *
     * @param request the filters, order, fields and page
     */
    <const Fields extends WebhookField.Selection = "standard">(
      request: Query<Fields> & Place
    ): Effect.Effect<WebhookPage.Selected<Fields>, ReadError, R>
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
     */
    <const Mode extends WebhookMode.WebhookMode | undefined = undefined>(
      request: Spec<Mode> & Place
    ): Effect.Effect<Webhook.OfMode<Mode>, ReadError, R>
  }
  /** Reads one webhook, with only the requested fields. */
  readonly getDetails: {
    /**
     * Reads one webhook, with only the requested fields.
     *
     * @param request the webhook's id, and the fields to read
     */
    <const Fields extends WebhookField.Selection = "standard">(
      request: DetailsQuery<Fields> & Place
    ): Effect.Effect<Webhook.Selected<Fields>, ReadError, R>
  }
  /** Deletes a webhook. If an earlier attempt of the call has deleted the webhook, the call succeeds. */
  readonly delete: {
    /**
     * Deletes a webhook. If an earlier attempt of the call has deleted the webhook, the call succeeds.
     *
     * @param request the webhook's id
     */
    (request: ById & Place): Effect.Effect<void, WebhooksError.Common, R>
  }
  /** Changes a webhook's mode, origins or security. */
  readonly update: {
    /**
     * Changes a webhook's mode, origins or security.
     *
     * @param request the webhook's id, and the settings to change or a list of changes
     */
    (request: Changes & Place): Effect.Effect<Webhook.Webhook, ReadError, R>
  }
  /** Streams every webhook that matches the filters. Requests each page when the stream is pulled. */
  readonly stream: {
    /**
     * Streams every webhook that matches the filters. Requests each page when the stream is pulled.
     *
     * @param request the filters, order and fields; `limit` is the size of a page
     */
    <const Fields extends WebhookField.Selection = "standard">(
      request: Query<Fields> & Place
    ): Stream.Stream<Webhook.Selected<Fields>, ReadError, R>
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
     */
    <const Mode extends WebhookMode.WebhookMode | undefined = undefined>(
      name: string,
      spec: EnsureSettings<Mode> & Place
    ): Effect.Effect<Webhook.OfMode<Mode>, EnsureError, R>
  }
}

/**
 * The operations that push rows. They need a webhook's key, but no account keys.
 *
 * @since 0.1.0
 * @category models
 */
export interface PushService {
  /** Pushes one flat row in the query of a GET request. The push is not retried if the server may have acted. */
  readonly addDataUsingGet: {
    /**
     * Pushes one flat row in the query of a GET request. The push is not retried if the server may have acted.
     *
     * @param target a webhook, its key or its uri
     * @param data an object with at least one property, whose values are strings, finite numbers or booleans
     */
    <A>(target: Target, data: Json.CompatibleFlat<A>): Effect.Effect<void, WebhooksError.Common>
  }
  /**
   * Pushes one JSON document. The push is not retried if the server may have acted. Properties that are `undefined` are
   * left out.
   */
  readonly addData: {
    /**
     * Pushes one JSON document. The push is not retried if the server may have acted. Properties that are `undefined`
     * are left out.
     *
     * @param target a webhook, its key or its uri
     * @param data a row, or another value that JSON can represent
     */
    <A>(target: Target, data: Json.Compatible<A>): Effect.Effect<void, AddDataError>
  }
  /** Pushes a document that is already encoded. The push is not retried if the server may have acted. */
  readonly addEncodedData: {
    /**
     * Pushes a document that is already encoded. The push is not retried if the server may have acted.
     *
     * @param target a webhook, its key or its uri
     * @param document JSON, as a string or as bytes in UTF-8
     * @param options `gzip` is `true` if the document is compressed with gzip
     */
    (
      target: Target,
      document: string | Uint8Array,
      options?: { readonly gzip?: boolean | undefined }
    ): Effect.Effect<void, AddDataError>
  }
}

/**
 * The input of an operation that is called from its declaration. The input has no `fields`, because the type of the
 * response has all fields. To choose fields, call `Webhooks.list` or `Webhooks.getDetails`: the types of their results
 * have only the chosen fields.
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
 * The operations of one project. You call them without the ids of the workspace and the project. The operations need
 * the services `R`.
 *
 * @since 0.1.0
 * @category models
 */
export interface ProjectService<R> extends Management<R, unknown> {
  /** Lists the webhooks that match the filters. Returns one page, with only the requested fields of each webhook. */
  readonly list: {
    /**
     * Lists the webhooks that match the filters. Returns one page, with only the requested fields of each webhook.
     *
     * @param query the filters, order, fields and page
     */
    <const Fields extends WebhookField.Selection = "standard">(
      query?: Query<Fields>
    ): Effect.Effect<WebhookPage.Selected<Fields>, ReadError, R>
  }
  /** Streams every webhook that matches the filters. Requests each page when the stream is pulled. */
  readonly stream: {
    /**
     * Streams every webhook that matches the filters. Requests each page when the stream is pulled.
     *
     * @param query the filters, order and fields; `limit` is the size of a page
     */
    <const Fields extends WebhookField.Selection = "standard">(
      query?: Query<Fields>
    ): Stream.Stream<Webhook.Selected<Fields>, ReadError, R>
  }
}

/**
 * The operations as methods. The module `Webhooks` also has functions that take the service from the environment.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service extends Management<never>, PushService {
  /** Returns the operations of one project. You call them without the ids of the workspace and the project. */
  readonly inProject: {
    /**
     * Returns the operations of one project. You call them without the ids of the workspace and the project.
     *
     * @param project the ids of the workspace and the project
     */
    (project: InProject): ProjectService<never>
  }
  /** Calls any operation from its declaration, such as `Operations.list`. */
  readonly perform: {
    /**
     * Calls any operation from its declaration, such as `Operations.list`.
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
 * The project and the settings of the webhook that `Webhooks.ensure` finds or creates.
 *
 * @since 0.1.0
 * @category requests
 */
export interface EnsureSpec<Mode extends WebhookMode.WebhookMode | undefined = WebhookMode.WebhookMode | undefined>
  extends InProject, EnsureSettings<Mode> {}

/**
 * A difference between a webhook's setting and the requested setting.
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
  /**
   * The action: `create` if no webhook has the name, `update` if settings differ, or `keep` if the webhook already has
   * the settings.
   */
  readonly action: "create" | "update" | "keep"
  /** The id of the webhook that has the name, or `undefined` if the action is `create`. */
  readonly id: Identifier.WebhookId | undefined
  /** The settings to change. The list is empty unless the action is `update`. */
  readonly changes: ReadonlyArray<SettingChange>
}

/**
 * The operations that a test gives to `Webhooks.layerTest`. Each operation is optional. The operations return whole
 * webhooks, and the layer keeps only the fields that a call requests.
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
   * Receives every pushed document: from `Webhooks.addData`, `Webhooks.replaceAll`, `WebhookSink`, `Ingestor` and
   * outboxes. Some callers push a document that is already JSON. The layer then parses the JSON, so this function
   * receives a row or an array of rows.
   */
  readonly addData?: (target: Target, data: unknown) => Effect.Effect<void, AddDataError>
  /**
   * Receives every document that is pushed as JSON, for a test that checks the JSON. If a test gives only `addData` or
   * only `addEncodedData`, every push calls the given function. If a test gives both, `Webhooks.addData` calls
   * `addData`, and all other pushes call `addEncodedData`.
   */
  readonly addEncodedData?: Service["addEncodedData"]
}
