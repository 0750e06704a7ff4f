/** Describes each error for people and scripts: the failure, its delivery, and the remedy. */
import type { AmbiguousName } from "@mammoth-effect/client/AmbiguousName"
import type { IngestError } from "@mammoth-effect/client/IngestError"
import type { SourceError } from "@mammoth-effect/client/SourceError"
import type { Delivery } from "@mammoth-effect/core/Delivery"
import * as Operations from "@mammoth-effect/core/Operations"
import * as Verdict from "@mammoth-effect/core/Verdict"
import type { WebhooksError } from "@mammoth-effect/core/WebhooksError"
import type { ForeignTransaction, InvalidOptions, StoreError } from "@mammoth-effect/outbox/OutboxError"
import * as Repeat from "../repeat.js"
import type {
  ClosedPipe,
  ConfigurationError,
  Drift,
  FileError,
  InputError,
  ProtocolError,
  Unhealthy,
  Undelivered,
  OutputFailed,
  SharedName,
  Stopped,
  UnknownName,
  UsageError
} from "./errors.js"
import type { Ending } from "./exitCodes.js"

/** The errors with which a command can end. */
export type CliError =
  | WebhooksError
  | IngestError
  | AmbiguousName
  | SourceError
  | StoreError
  | ForeignTransaction
  | InvalidOptions
  | UsageError
  | ConfigurationError
  | UnknownName
  | SharedName
  | Stopped
  | FileError
  | InputError
  | Unhealthy
  | Undelivered
  | ProtocolError
  | Drift
  | ClosedPipe
  | OutputFailed

/** The description of an error. */
export interface Failure {
  readonly ending: Ending
  /** The name of the error, such as `MammothNotFound` or `Usage`. */
  readonly code: string
  readonly message: string
  readonly delivery: Delivery | undefined
  readonly hint: string
  readonly retryable: boolean
}

/** The operations that must not be repeated after the server has acted, because a repeated call makes a second change. */
const once: ReadonlyArray<string> = [Operations.create.name, Operations.addData.name, Operations.addDataUsingGet.name]

/**
 * Returns true if the failed request changes something. Checks the method of the request, because an operation such as
 * `ensure` sends requests that only read, and requests that change something.
 */
const isChange = ({ method, operation }: WebhooksError): boolean =>
  method !== "GET" || operation === Operations.addDataUsingGet.name

const endingOf = (error: WebhooksError): Ending => {
  if (isChange(error) && (error.delivery === "Unknown" || error.delivery === "Accepted")) return "unknown"
  switch (error._tag) {
    case "MammothInvalidRequest":
      return "usage"
    case "MammothCredentialsError":
    case "MammothUnauthorized":
    case "MammothForbidden":
      return "authentication"
    case "MammothNotFound":
      return "notFound"
    case "MammothBadRequest":
    case "MammothPayloadTooLarge":
      return "failed"
    case "MammothRateLimited":
    case "MammothTransportError":
    case "MammothTimedOut":
    case "MammothServerError":
    case "MammothDecodeError":
      return "repeatable"
    case "MammothUnexpectedStatus":
      return error.delivery === "Rejected" && Verdict.of(error) !== "throttled" ? "failed" : "repeatable"
  }
}

const hints: { readonly [E in Ending]: string } = {
  done: "",
  failed: "Correct the request before you repeat it.",
  usage: "Correct the values, and run the command again.",
  configuration: "Run mammoth-webhooks doctor.",
  authentication: "Check the keys and ids with mammoth-webhooks doctor.",
  notFound: "Look up names and ids with mammoth-webhooks list.",
  drift: "Apply the wanted state with mammoth-webhooks ensure, without --check.",
  repeatable: "Run the command again later.",
  unknown: "Check whether the change was made before you run the command again.",
  partial: "",
  interrupted: "",
  terminated: ""
}

/** Returns true if the request may have reached the wrong server. */
const isElsewhere = (error: WebhooksError): boolean =>
  error._tag === "MammothDecodeError"
  || (error._tag === "MammothUnexpectedStatus" && Verdict.of(error) === "blocked")
  || (error._tag === "MammothTransportError" && ["connect", "dns", "tls"].includes(error.reason))

const hintOf = (error: WebhooksError, ending: Ending, repeat: Repeat.Repeat): string => {
  if (ending === "unknown") {
    return repeat === "never"
      ? hints.unknown
      : "The change may have been made. It is safe to run the command again, because the result is the same."
  }
  if (isElsewhere(error)) {
    return Repeat.isRetryable(repeat)
      ? "Check --base-url or MAMMOTH_BASE_URL, or run the command again later."
      : "Check --base-url or MAMMOTH_BASE_URL."
  }
  return hints[ending]
}

const ofWebhooks = (error: WebhooksError): Failure => {
  const ending = endingOf(error)
  const repeat = Repeat.of(error, once.includes(error.operation) ? "once" : "safe")
  return {
    ending,
    code: error._tag,
    message: error.message,
    delivery: error.delivery,
    hint: hintOf(error, ending, repeat),
    retryable: Repeat.isRetryable(repeat)
  }
}

const own = (
  code: string,
  ending: Ending,
  message: string,
  hint: string = hints[ending],
  retryable = false
): Failure => ({
  ending,
  code,
  message,
  delivery: "NotSent",
  hint,
  retryable
})

/** Describes an error. Returns `undefined` if the reader of the output has closed the pipe. */
export const describe = (error: CliError): Failure | undefined => {
  switch (error._tag) {
    case "MammothCliClosedPipe":
      return undefined
    case "MammothCliUsage":
      return own("Usage", "usage", error.message, error.hint)
    case "MammothCliConfiguration":
      return own("Configuration", "configuration", error.message, error.hint)
    case "MammothCliUnknownName":
      return own("UnknownName", "notFound", error.message)
    case "MammothCliSharedName":
      return own("SharedName", "usage", error.message, "Nothing was changed. Give one of the ids instead of the name.")
    case "MammothAmbiguousName":
      return error.undeleted === undefined
        ? own("AmbiguousName", "usage", error.message, "Nothing was changed. Delete the webhooks that you do not need.")
        : {
            ...own("AmbiguousName", "failed", error.message, "Delete the webhooks that you do not need."),
            delivery: undefined
          }
    case "MammothCliFile":
      return own("File", "usage", error.message, "Check the path and its permissions.")
    case "MammothCliDrift":
      return own("Drift", "drift", error.message)
    case "MammothCliOutput":
      return error.done === undefined
        ? {
            ...own("Output", "failed", error.message, "Check the disk, and the command that reads the output."),
            delivery: undefined
          }
        : {
            ...own(
              "Output",
              "unknown",
              error.message,
              "Do not run the command again. Check the disk, and the command that reads the output."
            ),
            delivery: "Accepted"
          }
    case "MammothCliStopped":
      return { ...own("Stopped", "interrupted", error.message, error.hint), delivery: error.delivery }
    case "MammothCliUnhealthy":
      return {
        ...own("Unhealthy", error.ending, error.message, error.advice, error.ending === "repeatable"),
        delivery: undefined
      }
    case "MammothCliInput":
      return own(
        "Input",
        "failed",
        error.message,
        error.isLine === true ? "Correct the line, or skip bad lines with --dead-letters FILE." : "Correct the input."
      )
    case "MammothCliProtocol":
      return {
        ...own(
          "Protocol",
          "failed",
          error.message,
          "The MCP server has stopped. Send smaller messages, and use mammoth-webhooks ingest for files."
        ),
        delivery: undefined
      }
    case "MammothCliUndelivered":
      return { ...own("Undelivered", error.ending, error.message, error.hint), delivery: error.delivery }
    case "MammothSourceError":
      return own("Source", "failed", error.message, "Correct the input.")
    case "MammothRowRefused":
      return own("RowRefused", "failed", error.message, "Correct the row, or keep bad rows with --dead-letters FILE.")
    case "MammothWrongMode":
      return own(
        "WrongMode",
        "usage",
        error.message,
        "Choose another webhook, or change this one with mammoth-webhooks update --mode combine."
      )
    case "MammothStoreError": {
      const isBusy = error.reason === "busy" || error.reason === "connection"
      const isSetUp = error.reason === "storage" || error.reason === "schema" || error.reason === "driver"
      return {
        ...own(
          "Store",
          isBusy ? "repeatable" : isSetUp ? "configuration" : "failed",
          error.message,
          isBusy ? hints.repeatable : "Check --file, --url and --table.",
          isBusy
        ),
        delivery: undefined
      }
    }
    case "MammothForeignTransaction":
      return own("ForeignTransaction", "failed", error.message)
    case "MammothInvalidOptions":
      return own("InvalidOptions", "usage", error.message)
    default:
      return ofWebhooks(error)
  }
}

/** Describes the failure of a command that a signal ended. If the command only reads, the failure has no delivery. */
export const interrupted = (onlyReads: boolean): Failure => ({
  ending: "interrupted",
  code: "Interrupted",
  message: "interrupted",
  delivery: onlyReads ? undefined : "Unknown",
  hint: onlyReads ? "" : "Check whether the change was made before you run the command again.",
  retryable: onlyReads
})

/** Describes a defect, without any values from the program. */
export const defect: Failure = {
  ending: "failed",
  code: "Defect",
  message: "the command has a defect",
  delivery: undefined,
  hint: "Run the command again with --verbose, and report the output.",
  retryable: false
}

const words: { readonly [D in Delivery]: string } = {
  NotSent: "not sent",
  Rejected: "rejected",
  Unknown: "unknown",
  Accepted: "accepted"
}

/** Returns true if the command failed before it sent anything. The formatted line then leaves out the delivery. */
const isEarly = ({ code }: Failure): boolean => code === "Usage" || code === "Configuration"

/** Formats a failure in one line. */
export const format = (program: string, failure: Failure): string =>
  [
    `${program}: ${failure.message.trim().replace(/\.$/, "")}`,
    ...(failure.delivery === undefined || isEarly(failure) ? [] : [`delivery: ${words[failure.delivery]}`]),
    failure.hint
  ]
    .filter((part) => part !== "")
    .join("; ")

/** Formats a failure as JSON, in one line. */
export const formatJson = ({ code, delivery, hint, message, retryable }: Failure): string =>
  JSON.stringify({ error: { code, message, delivery: delivery ?? null, hint, retryable } })
