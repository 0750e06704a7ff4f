/**
 * The operations of the webhooks API, each declared once.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import * as Identifier from "./Identifier.js"
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

const none = Schema.Struct({})

const inProject = {
  workspaceId: Schema.propertySignature(integerFromText(Identifier.WorkspaceId, { type: "integer", minimum: 1 })).pipe(
    Schema.fromKey("workspace_id")
  ),
  projectId: Schema.propertySignature(integerFromText(Identifier.ProjectId, { type: "integer", minimum: 1 })).pipe(
    Schema.fromKey("project_id")
  )
}

const ofWebhook = {
  ...inProject,
  webhookId: Schema.propertySignature(integerFromText(Identifier.WebhookId, { type: "integer" })).pipe(
    Schema.fromKey("webhook_id")
  )
}

const ofKey = {
  key: Schema.propertySignature(WebhookKey.WebhookKey).pipe(Schema.fromKey("webhook_uri"))
}

const Details = Webhook.details(WebhookField.all)

/**
 * Lists the webhooks of a project, a page at a time.
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
export const list = Operation.make({
  name: "list",
  operationId: "ListWebhooks",
  summary: "Lists the webhooks of a project",
  method: "GET",
  route: "/workspaces/{workspace_id}/projects/{project_id}/webhooks",
  path: Schema.Struct(inProject),
  query: WebhookQuery.WebhookQuery,
  body: undefined,
  success: WebhookPage.WebhookPage,
  status: 200,
  repeat: "read",
  errors: ["DecodeError"],
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
export const create = Operation.make({
  name: "create",
  operationId: "CreateAWebhook",
  summary: "Creates a webhook and its dataset",
  method: "POST",
  route: list.route,
  path: Schema.Struct(inProject),
  query: none,
  body: WebhookSpec.WebhookSpec,
  success: Details,
  status: 201,
  repeat: "once",
  errors: ["DecodeError"]
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
export const getDetails = Operation.make({
  name: "getDetails",
  operationId: "GetWebhookDetails",
  summary: "Reads one webhook",
  method: "GET",
  route: "/workspaces/{workspace_id}/projects/{project_id}/webhooks/{webhook_id}",
  path: Schema.Struct(ofWebhook),
  query: Schema.Struct({ fields: Schema.optional(WebhookQuery.Fields) }),
  body: undefined,
  success: Details,
  status: 200,
  repeat: "read",
  errors: ["DecodeError"],
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
const deleteOperation = Operation.make({
  name: "delete",
  operationId: "DeleteWebhook",
  summary: "Deletes a webhook",
  method: "DELETE",
  route: getDetails.route,
  path: Schema.Struct(ofWebhook),
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
export const update = Operation.make({
  name: "update",
  operationId: "UpdateWebhookConfigurations",
  summary: "Changes the configuration of a webhook",
  method: "PATCH",
  route: getDetails.route,
  path: Schema.Struct(ofWebhook),
  query: none,
  body: WebhookPatch.WebhookPatch,
  success: Details,
  status: 200,
  repeat: "idempotent",
  errors: ["DecodeError"]
})

/**
 * Pushes one flat row to a webhook in the query of a GET. It writes, so it is never repeated as if it were a read.
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
export const addDataUsingGet = Operation.make({
  name: "addDataUsingGet",
  operationId: "AddDataToWebhookUsingGetMethod",
  summary: "Pushes one flat row to a webhook in the query of a GET",
  method: "GET",
  route: "/webhooks/data/{webhook_uri}",
  path: Schema.Struct(ofKey),
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
 * Source: published API description, AddDataToWebhook, which declares no request body; the server turns an object into
 * a row.
 *
 * @example
 * import { Operations } from "@mammoth-effect/core"
 *
 * console.log(Operations.addData.errors) // ["PayloadTooLarge"]
 *
 * @since 0.1.0
 * @category operations
 */
export const addData = Operation.make({
  name: "addData",
  operationId: "AddDataToWebhook",
  summary: "Pushes one JSON document to a webhook",
  method: "POST",
  route: addDataUsingGet.route,
  path: Schema.Struct(ofKey),
  query: none,
  body: Json.Json,
  success: Schema.Unknown,
  status: 201,
  repeat: "once",
  errors: ["PayloadTooLarge"]
})
