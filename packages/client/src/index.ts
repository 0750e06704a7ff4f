/**
 * Mammoth Analytics webhooks as Effect services, layers and streams. The modules of `@mammoth-effect/core` are exported, too,
 * so that a program needs one import and one install.
 *
 * @since 0.1.0
 */
export * as AmbiguousName from "./AmbiguousName.js"
export * as Bisection from "./Bisection.js"
export * as Credentials from "./Credentials.js"
export * as DeadLetters from "./DeadLetters.js"
export * as EventLoop from "./EventLoop.js"
export * as FileRow from "./FileRow.js"
export * as IngestError from "./IngestError.js"
export * as Ingestor from "./Ingestor.js"
export * as IngestReport from "./IngestReport.js"
export * as MammothConfig from "./MammothConfig.js"
export * as RequestOptions from "./RequestOptions.js"
export * as RetryPolicy from "./RetryPolicy.js"
export * as RowSource from "./RowSource.js"
export * as Webhooks from "./Webhooks.js"
export * as WebhookSink from "./WebhookSink.js"
export * as WebhookTarget from "./WebhookTarget.js"
export * from "@mammoth-effect/core"
