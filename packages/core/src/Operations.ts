/**
 * The operations of the webhooks API, each declared once.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import * as Identifier from "./Identifier.js"
import { component } from "./internal/component.js"
import { none } from "./internal/none.js"
import { integerFromText } from "./internal/text.js"
import * as Json from "./Json.js"
import * as Operation from "./Operation.js"
import * as Webhook from "./Webhook.js"
import * as WebhookField from "./WebhookField.js"
import * as WebhookKey from "./WebhookKey.js"
import * as WebhookPage from "./WebhookPage.js"
import * as WebhookPatch from "./WebhookPatch.js"
import * as WebhookQuery from "./WebhookQuery.js"
import * as WebhookSpec from "./WebhookSpec.js"

/**
 * The path parameters of an operation on a project.
 *
 * @since 0.1.0
 * @category models
 */
export interface ProjectPath {
  readonly workspaceId: Identifier.WorkspaceId
  readonly projectId: Identifier.ProjectId
}

/**
 * The wire format of {@link ProjectPath}.
 *
 * @since 0.1.0
 * @category models
 */
export interface EncodedProjectPath {
  readonly workspace_id: string
  readonly project_id: string
}

/**
 * The path parameters of an operation on one webhook.
 *
 * @since 0.1.0
 * @category models
 */
export interface WebhookPath extends ProjectPath {
  readonly webhookId: Identifier.WebhookId
}

/**
 * The wire format of {@link WebhookPath}.
 *
 * @since 0.1.0
 * @category models
 */
export interface EncodedWebhookPath extends EncodedProjectPath {
  readonly webhook_id: string
}

/**
 * The path parameters of a push to a webhook.
 *
 * @since 0.1.0
 * @category models
 */
export interface DataPath {
  readonly key: WebhookKey.WebhookKey
}

/**
 * The wire format of {@link DataPath}.
 *
 * @since 0.1.0
 * @category models
 */
export interface EncodedDataPath {
  readonly webhook_uri: string
}

/**
 * The query of an operation whose only parameter selects the fields of the response.
 *
 * @since 0.1.0
 * @category models
 */
export interface FieldsQuery {
  readonly fields?: WebhookField.Selection | undefined
}

/**
 * The wire format of {@link FieldsQuery}.
 *
 * @since 0.1.0
 * @category models
 */
export interface EncodedFieldsQuery {
  readonly fields?: string | undefined
}

// Keep the routes in constants, so that no operation refers to another operation. An app then bundles only the
// operations that it uses.
const webhooks = "/workspaces/{workspace_id}/projects/{project_id}/webhooks"
const webhook = `${webhooks}/{webhook_id}` as const
const data = "/webhooks/data/{webhook_uri}"

const inProject = {
  workspaceId: Schema.propertySignature(
    integerFromText(Identifier.WorkspaceId, {
      type: "integer",
      minimum: 1,
      description: "The id of the workspace, which is a collection of projects."
    })
  ).pipe(Schema.fromKey("workspace_id")),
  projectId: Schema.propertySignature(
    integerFromText(Identifier.ProjectId, {
      type: "integer",
      minimum: 1,
      description: "The id of the project in the workspace."
    })
  ).pipe(Schema.fromKey("project_id"))
}

const ProjectPath: Schema.Schema<ProjectPath, EncodedProjectPath> = Schema.Struct(inProject)

const WebhookPath: Schema.Schema<WebhookPath, EncodedWebhookPath> = Schema.Struct({
  ...inProject,
  webhookId: Schema.propertySignature(
    integerFromText(Identifier.WebhookId, { type: "integer", description: "The id of the webhook in the project." })
  ).pipe(Schema.fromKey("webhook_id"))
})

const DataPath: Schema.Schema<DataPath, EncodedDataPath> = Schema.Struct({
  key: Schema.propertySignature(WebhookKey.WebhookKey).pipe(Schema.fromKey("webhook_uri")).annotations({
    description:
      "The webhook's key, which is the last segment of its `uri`, such as `g7rHe3mUqUGPEpnc4XxeDWJa`. It is a credential: anyone who has it can write."
  })
})

const FieldsQuery: Schema.Schema<FieldsQuery, EncodedFieldsQuery> = Schema.Struct({
  fields: Schema.optional(WebhookQuery.Fields)
})

const Details: Schema.Schema<Webhook.Details, Webhook.EncodedDetails> = Webhook.details(WebhookField.all).annotations(
  component("WebhookDetails")
)

/**
 * Lists the webhooks of a project, one page at a time.
 *
 * Source: published API description, ListWebhooks.
 *
 * @example
 * import { Operations } from "@mammoth-effect/core"
 *
 * console.log(Operations.list.operationId) // ListWebhooks
 *
 * @since 0.1.0
 * @category operations
 */
export const list: Operation.Operation<
  "list",
  Schema.Schema<ProjectPath, EncodedProjectPath>,
  Schema.Schema<WebhookQuery.WebhookQuery, WebhookQuery.Encoded>,
  undefined,
  Schema.Schema<WebhookPage.WebhookPage, WebhookPage.Encoded>,
  readonly ["MammothDecodeError"]
> = Operation.make({
  name: "list",
  operationId: "ListWebhooks",
  summary: "Lists the webhooks of a project",
  method: "GET",
  route: webhooks,
  path: ProjectPath,
  query: WebhookQuery.WebhookQuery,
  body: undefined,
  success: WebhookPage.WebhookPage,
  status: 200,
  repeat: "read",
  errors: ["MammothDecodeError"],
  projection: WebhookPage.projection
})

/**
 * Creates a webhook and the dataset that it writes to.
 *
 * Source: published API description, CreateAWebhook.
 *
 * @example
 * import { Operations } from "@mammoth-effect/core"
 *
 * console.log(Operations.create.status) // 201
 *
 * @since 0.1.0
 * @category operations
 */
export const create: Operation.Operation<
  "create",
  Schema.Schema<ProjectPath, EncodedProjectPath>,
  Schema.Schema<{}>,
  Schema.Schema<WebhookSpec.WebhookSpec, WebhookSpec.Encoded>,
  Schema.Schema<Webhook.Details, Webhook.EncodedDetails>,
  readonly ["MammothDecodeError"]
> = Operation.make({
  name: "create",
  operationId: "CreateAWebhook",
  summary: "Creates a webhook and its dataset",
  method: "POST",
  route: webhooks,
  path: ProjectPath,
  query: none,
  body: WebhookSpec.WebhookSpec,
  success: Details,
  status: 201,
  repeat: "once",
  errors: ["MammothDecodeError"]
})

/**
 * Reads one webhook.
 *
 * Source: published API description, GetWebhookDetails.
 *
 * @example
 * import { Operations } from "@mammoth-effect/core"
 *
 * console.log(Operations.getDetails.repeat) // read
 *
 * @since 0.1.0
 * @category operations
 */
export const getDetails: Operation.Operation<
  "getDetails",
  Schema.Schema<WebhookPath, EncodedWebhookPath>,
  Schema.Schema<FieldsQuery, EncodedFieldsQuery>,
  undefined,
  Schema.Schema<Webhook.Details, Webhook.EncodedDetails>,
  readonly ["MammothDecodeError"]
> = Operation.make({
  name: "getDetails",
  operationId: "GetWebhookDetails",
  summary: "Reads one webhook",
  method: "GET",
  route: webhook,
  path: WebhookPath,
  query: FieldsQuery,
  body: undefined,
  success: Details,
  status: 200,
  repeat: "read",
  errors: ["MammothDecodeError"],
  projection: Webhook.details
})

/**
 * Deletes a webhook.
 *
 * Source: published API description, DeleteWebhook.
 *
 * @example
 * import { Operations } from "@mammoth-effect/core"
 *
 * console.log(Operations.delete.repeat) // idempotent
 *
 * @since 0.1.0
 * @category operations
 */
const deleteOperation: Operation.Operation<
  "delete",
  Schema.Schema<WebhookPath, EncodedWebhookPath>,
  Schema.Schema<{}>,
  undefined,
  typeof Schema.Void,
  readonly []
> = Operation.make({
  name: "delete",
  operationId: "DeleteWebhook",
  summary: "Deletes a webhook",
  method: "DELETE",
  route: webhook,
  path: WebhookPath,
  query: none,
  body: undefined,
  success: Schema.Void,
  status: 204,
  repeat: "idempotent",
  errors: []
})
export { deleteOperation as delete }

/**
 * Changes the configuration of a webhook.
 *
 * Source: published API description, UpdateWebhookConfigurations.
 *
 * @example
 * import { Operations } from "@mammoth-effect/core"
 *
 * console.log(Operations.update.method) // PATCH
 *
 * @since 0.1.0
 * @category operations
 */
export const update: Operation.Operation<
  "update",
  Schema.Schema<WebhookPath, EncodedWebhookPath>,
  Schema.Schema<{}>,
  Schema.Schema<WebhookPatch.WebhookPatch, WebhookPatch.Encoded>,
  Schema.Schema<Webhook.Details, Webhook.EncodedDetails>,
  readonly ["MammothDecodeError"]
> = Operation.make({
  name: "update",
  operationId: "UpdateWebhookConfigurations",
  summary: "Changes the configuration of a webhook",
  method: "PATCH",
  route: webhook,
  path: WebhookPath,
  query: none,
  body: WebhookPatch.WebhookPatch,
  success: Details,
  status: 200,
  repeat: "idempotent",
  errors: ["MammothDecodeError"]
})

/**
 * Pushes one flat row in the query of a GET request. For this request, the SDK follows the retry rules of a write,
 * although the method is GET.
 *
 * Source: published API description, AddDataToWebhookUsingGetMethod.
 *
 * @example
 * import { Operations } from "@mammoth-effect/core"
 *
 * console.log(Operations.addDataUsingGet.repeat) // once
 *
 * @since 0.1.0
 * @category operations
 */
export const addDataUsingGet: Operation.Operation<
  "addDataUsingGet",
  Schema.Schema<DataPath, EncodedDataPath>,
  Schema.Schema<Json.Flat, { readonly [key: string]: string }>,
  undefined,
  typeof Schema.Void,
  readonly []
> = Operation.make({
  name: "addDataUsingGet",
  operationId: "AddDataToWebhookUsingGetMethod",
  summary: "Pushes one flat row in the query of a GET request",
  method: "GET",
  route: data,
  path: DataPath,
  query: Json.Flat,
  body: undefined,
  success: Schema.Void,
  status: 200,
  repeat: "once",
  errors: []
})

/**
 * Pushes one JSON document to a webhook.
 *
 * Source: published API description, AddDataToWebhook. The description declares no request body. The server turns an
 * object into a row.
 *
 * @example
 * import { Operations } from "@mammoth-effect/core"
 *
 * console.log(Operations.addData.errors) // ["MammothPayloadTooLarge"]
 *
 * @since 0.1.0
 * @category operations
 */
export const addData: Operation.Operation<
  "addData",
  Schema.Schema<DataPath, EncodedDataPath>,
  Schema.Schema<{}>,
  Schema.Schema<Json.Json>,
  Schema.Schema<unknown>,
  readonly ["MammothPayloadTooLarge"]
> = Operation.make({
  name: "addData",
  operationId: "AddDataToWebhook",
  summary: "Pushes one JSON document to a webhook",
  method: "POST",
  route: data,
  path: DataPath,
  query: none,
  body: Json.Json,
  success: Schema.Unknown.annotations({
    jsonSchema: { anyOf: ["object", "array", "string", "number", "boolean", "null"].map((type) => ({ type })) }
  }),
  status: 201,
  repeat: "once",
  errors: ["MammothPayloadTooLarge"]
})
