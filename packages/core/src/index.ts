/**
 * The contract of Mammoth Analytics webhooks: schemas, identifiers, tagged errors and operations. It does no I/O.
 *
 * @since 0.1.0
 */
export * as Delivery from "./Delivery.js"
export * as Examples from "./Examples.js"
export * as Identifier from "./Identifier.js"
export * as Issue from "./Issue.js"
export * as Json from "./Json.js"
export * as JsonText from "./JsonText.js"
export * as Operation from "./Operation.js"
export * as Operations from "./Operations.js"
export * as RowSchema from "./RowSchema.js"
export * as Time from "./Time.js"
export * as Verdict from "./Verdict.js"
export * as Wait from "./Wait.js"
export * as Webhook from "./Webhook.js"
export * as WebhookField from "./WebhookField.js"
export * as WebhookKey from "./WebhookKey.js"
export * as WebhookMode from "./WebhookMode.js"
export * as WebhookPage from "./WebhookPage.js"
export * as WebhookPatch from "./WebhookPatch.js"
export * as WebhookQuery from "./WebhookQuery.js"
export * as WebhooksApi from "./WebhooksApi.js"
export * as WebhooksError from "./WebhooksError.js"
export * as WebhookSpec from "./WebhookSpec.js"
