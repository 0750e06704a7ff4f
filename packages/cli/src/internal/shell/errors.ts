/** The errors that the command itself defines, one for each cause. Errors of the client and the outbox are not wrapped. */
import { Delivery } from "@mammoth-effect/core/Delivery"
import * as Schema from "effect/Schema"
import { endings } from "./exitCodes.js"

/** The command line is not valid, or a confirmation is missing. Nothing was changed. */
export class UsageError extends Schema.TaggedError<UsageError>("@mammoth-effect/cli/UsageError")("MammothCliUsage", {
  message: Schema.String,
  hint: Schema.String
}) {}

/** A setting is missing or not valid. */
export class ConfigurationError extends Schema.TaggedError<ConfigurationError>(
  "@mammoth-effect/cli/ConfigurationError"
)("MammothCliConfiguration", { message: Schema.String, hint: Schema.String }) {}

/** No webhook of the project has the given name. */
export class UnknownName extends Schema.TaggedError<UnknownName>("@mammoth-effect/cli/UnknownName")(
  "MammothCliUnknownName",
  { webhookName: Schema.String }
) {
  override get message(): string {
    return `the project has no webhook named ${JSON.stringify(this.webhookName)}`
  }
}

/** Several webhooks of the project have the given name. */
export class SharedName extends Schema.TaggedError<SharedName>("@mammoth-effect/cli/SharedName")(
  "MammothCliSharedName",
  { webhookName: Schema.String, ids: Schema.Array(Schema.Number) }
) {
  override get message(): string {
    const ids = this.ids.slice(0, 20).join(", ") + (this.ids.length > 20 ? ", …" : "")
    return `${this.ids.length} webhooks are named ${JSON.stringify(this.webhookName)}: ids ${ids}`
  }
}

/** A file could not be read or written. */
export class FileError extends Schema.TaggedError<FileError>("@mammoth-effect/cli/FileError")("MammothCliFile", {
  path: Schema.String,
  reason: Schema.String
}) {
  override get message(): string {
    return `${this.path}: ${this.reason}`
  }
}

/** Webhooks differ from the wanted state. */
export class Drift extends Schema.TaggedError<Drift>("@mammoth-effect/cli/Drift")("MammothCliDrift", {
  differing: Schema.Number,
  total: Schema.Number
}) {
  override get message(): string {
    return `${this.differing} of ${this.total} webhooks differ from the wanted state`
  }
}

/** The reader of the output has closed the pipe. */
export class ClosedPipe extends Schema.TaggedError<ClosedPipe>("@mammoth-effect/cli/ClosedPipe")(
  "MammothCliClosedPipe",
  {}
) {}

/** The output could not be written, for example because the disk is full. */
export class OutputFailed extends Schema.TaggedError<OutputFailed>("@mammoth-effect/cli/OutputFailed")(
  "MammothCliOutput",
  {
    reason: Schema.String,
    /** The change that was already made, such as `webhook 1 was created`. */
    done: Schema.optional(Schema.String)
  }
) {
  override get message(): string {
    const failed = `the output could not be written: ${this.reason}`
    return this.done === undefined ? failed : `${this.done}, but ${failed}`
  }
}

/**
 * Makes a function for the errors that occur after a change. The function adds `done`, the description of the change, to an
 * `OutputFailed`. The function returns any other error unchanged.
 */
export const afterChange =
  (done: string) =>
  <E>(error: E | OutputFailed): E | OutputFailed =>
    error instanceof OutputFailed ? new OutputFailed({ reason: error.reason, done }) : error

/** Rows could not be read from their source. */
export class InputError extends Schema.TaggedError<InputError>("@mammoth-effect/cli/InputError")("MammothCliInput", {
  path: Schema.String,
  reason: Schema.String,
  /** `true` if only one line or element is wrong. The run can then skip this line or element. */
  isLine: Schema.optional(Schema.Boolean)
}) {
  override get message(): string {
    return `${this.path}: ${this.reason}`
  }
}

/** The client of the MCP server broke the protocol. */
export class ProtocolError extends Schema.TaggedError<ProtocolError>("@mammoth-effect/cli/ProtocolError")(
  "MammothCliProtocol",
  { message: Schema.String }
) {}

/** A run of `ingest` or `replay` has ended, and not all rows were delivered. */
export class Undelivered extends Schema.TaggedError<Undelivered>("@mammoth-effect/cli/Undelivered")(
  "MammothCliUndelivered",
  {
    message: Schema.String,
    hint: Schema.String,
    /** The name of the exit code in `exitCodes`. */
    ending: Schema.Literal(...endings),
    delivery: Delivery
  }
) {}

/** A signal has stopped a run of `ingest` or `replay`. */
export class Stopped extends Schema.TaggedError<Stopped>("@mammoth-effect/cli/Stopped")("MammothCliStopped", {
  message: Schema.String,
  hint: Schema.String,
  delivery: Delivery
}) {}

/** A check of the settings, the server, the keys or the clock has failed. */
export class Unhealthy extends Schema.TaggedError<Unhealthy>("@mammoth-effect/cli/Unhealthy")("MammothCliUnhealthy", {
  check: Schema.String,
  detail: Schema.String,
  advice: Schema.String,
  /** The name of the exit code in `exitCodes`. */
  ending: Schema.Literal(...endings)
}) {
  override get message(): string {
    return `the ${this.check} check failed: ${this.detail}`
  }
}
