/**
 * Stores rows in a database until a webhook of Mammoth Analytics has accepted them.
 *
 * @since 0.1.0
 */
export * as Outbox from "./Outbox.js"
export * as OutboxError from "./OutboxError.js"
export * as OutboxStore from "./OutboxStore.js"
export * as OutboxWorker from "./OutboxWorker.js"
export * as WebhookResolver from "./WebhookResolver.js"
