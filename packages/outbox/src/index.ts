/**
 * A durable outbox before Mammoth Analytics webhooks.
 *
 * @since 0.1.0
 */
export * as Outbox from "./Outbox.js"
export * as OutboxError from "./OutboxError.js"
export * as OutboxStore from "./OutboxStore.js"
export * as OutboxWorker from "./OutboxWorker.js"
export * as WebhookResolver from "./WebhookResolver.js"
