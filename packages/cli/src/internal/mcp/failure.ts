/**
 * The errors that tools return. Each error names the failure and its delivery, and says whether the call is safe to repeat.
 */
import type { AmbiguousName } from "@mammoth-effect/client/AmbiguousName"
import type { IngestError } from "@mammoth-effect/client/IngestError"
import * as Delivery from "@mammoth-effect/core/Delivery"
import type { WebhooksError } from "@mammoth-effect/core/WebhooksError"
import * as Duration from "effect/Duration"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import * as Repeat from "../repeat.js"

/** The outcomes of rows. `accepted` counts rows. Each other property lists the indexes of its rows, counted from 0. */
export const Ends = Schema.Struct({
  accepted: Schema.Number,
  refused: Schema.Array(Schema.Number),
  unknown: Schema.Array(Schema.Number),
  notSent: Schema.Array(Schema.Number)
})

/** The error that an assistant receives. */
export class ToolError extends Schema.TaggedError<ToolError>("@mammoth-effect/cli/ToolError")("ToolError", {
  /** The tag of the SDK's error, such as `MammothNotFound`, or a code of this server. */
  code: Schema.String,
  message: Schema.String,
  delivery: Delivery.Delivery,
  /** `true` if it is safe to repeat the same call, and if the repeated call may succeed. */
  retryable: Schema.Boolean,
  hint: Schema.optional(Schema.String),
  rows: Schema.optional(Ends)
}) {}

/**
 * Makes the error of a call that this server refuses. The delivery is `NotSent`. The call is not retryable, because it
 * would fail again.
 */
export const refusal = (code: string, message: string, hint?: string): ToolError =>
  new ToolError({ code, message, delivery: "NotSent", retryable: false, hint })

/**
 * The minimum length of the input's parts that `quotes` looks for in the server's message. A shorter part can occur in the
 * message by chance.
 */
const leastQuoted = 4

/**
 * Returns true if the server's message contains a string, a number or a property name of the input. Ignores parts of the
 * input that are shorter than `leastQuoted`.
 */
const quotes = (text: string, input: unknown): boolean => {
  if (Predicate.isString(input) || Predicate.isNumber(input)) {
    const part = String(input)
    return part.length >= leastQuoted && text.includes(part)
  }
  return (
    Predicate.isObject(input) && Object.entries(input).some(([key, value]) => quotes(text, key) || quotes(text, value))
  )
}

/**
 * Returns true if the server's message contains 16 or more consecutive characters that are usual in keys and secrets. The
 * server can repeat secrets in its messages.
 */
const mayHoldSecret = (text: string): boolean => /[\w+/=-]{16,}/.test(text)

/**
 * Returns the server's message as a sentence for an error. Returns an empty string if the message is empty, repeats a part
 * of the input, or may contain a secret.
 */
const wordsOf = (detail: string, input: unknown): string =>
  detail === "" || quotes(detail, input) || mayHoldSecret(detail) ? "" : ` Response: ${detail}`

interface Told {
  readonly message: string
  readonly hint?: string
}

const tell = (error: WebhooksError | AmbiguousName | IngestError, input: unknown): Told => {
  switch (error._tag) {
    case "MammothInvalidRequest":
      return {
        message: `The request is not valid: ${error.issues.map(({ expected, received }) => `expected ${expected}, received ${received}`).join("; ")}.`,
        hint: "Correct the arguments."
      }
    case "MammothCredentialsError":
      return { message: "There are no usable credentials.", hint: "Check the keys in this server's environment." }
    case "MammothTransportError":
      return {
        message: `There was no complete response (${error.reason}${error.code === undefined ? "" : `, ${error.code}`}).`,
        hint: "Check the network and MAMMOTH_BASE_URL."
      }
    case "MammothTimedOut":
      return { message: `There was no response within ${Duration.format(error.duration)}.` }
    case "MammothBadRequest":
      return { message: `400: the server refused the request.${wordsOf(error.detail, input)}` }
    case "MammothUnauthorized":
      return {
        message: "401: the server did not accept the credentials.",
        hint: "Check MAMMOTHANALYTICS_API_KEY and MAMMOTHANALYTICS_API_SECRET in this server's environment."
      }
    case "MammothForbidden":
      return {
        message: "403: the credentials do not permit this call.",
        hint: "Check the workspace and the project that this server was started with."
      }
    case "MammothNotFound":
      return {
        message: "404: the webhook, the project or the workspace does not exist.",
        hint: "Find ids with list_webhooks."
      }
    case "MammothPayloadTooLarge":
      return { message: "413: the rows are larger than the server accepts.", hint: "Send fewer or smaller rows." }
    case "MammothRateLimited":
      return {
        message: "429: too many requests.",
        hint:
          error.retryAfter === undefined
            ? "Wait before the next call."
            : `Wait ${Math.ceil(Duration.toSeconds(error.retryAfter))} s before the next call.`
      }
    case "MammothServerError":
      return { message: `${error.status}: the server or a gateway failed.` }
    case "MammothUnexpectedStatus":
      return { message: `Unexpected status ${error.status}.`, hint: "Check MAMMOTH_BASE_URL." }
    case "MammothDecodeError":
      return {
        message: `The server responded with status ${error.status}, but the response is unusable.`,
        hint: "Check MAMMOTH_BASE_URL."
      }
    case "MammothAmbiguousName":
      return {
        message: `Several webhooks have this name (ids ${error.ids.slice(0, 20).join(", ")}), so no webhook was chosen.${error.undeleted === undefined ? "" : ` This call created webhook ${error.undeleted.id}, and could not delete it.`}`,
        hint: "Ask the user to keep one of these webhooks and delete the others."
      }
    case "MammothWrongMode":
      return {
        message: `The webhook is not in mode "${error.wanted}".`,
        hint:
          error.wanted === "combine"
            ? "Use push_rows only with a webhook in mode combine. Find these webhooks with list_webhooks."
            : "Use replace_rows only with a webhook in mode replace. To append rows to a webhook in mode combine, use push_rows."
      }
    case "MammothRowRefused":
      return {
        message: `Row ${error.index} is not valid: ${error.issues.map(({ expected, received }) => `expected ${expected}, received ${received}`).join("; ")}.`,
        hint: "Correct the row."
      }
  }
}

const deliveryOf = (error: WebhooksError | AmbiguousName | IngestError): Delivery.Delivery => {
  switch (error._tag) {
    case "MammothWrongMode":
    case "MammothRowRefused":
      return "NotSent"
    case "MammothAmbiguousName":
      // Report `Accepted` if this call created a webhook. Do not use the error's property `delivery`, which is about rows
      // only.
      return error.undeleted === undefined ? "NotSent" : "Accepted"
    default:
      return error.delivery
  }
}

const isRetryable = (error: WebhooksError | AmbiguousName | IngestError, kind: Repeat.Kind): boolean => {
  switch (error._tag) {
    case "MammothWrongMode":
    case "MammothRowRefused":
    case "MammothAmbiguousName":
      return false
    default:
      return Repeat.isRetryable(Repeat.of(error, kind))
  }
}

/**
 * Converts an error of the SDK to an error for the assistant. The result contains no input and no internal details. Set
 * `repeat` to `safe` if the operation may be repeated even after the server has acted.
 */
export const toToolError =
  (repeat: Repeat.Kind, input: unknown) =>
  (error: WebhooksError | AmbiguousName | IngestError): ToolError => {
    const { hint, message } = tell(error, input)
    const delivery = deliveryOf(error)
    const retryable = isRetryable(error, repeat)
    const ifUnknown =
      delivery === "Unknown" && repeat === "once"
        ? "The server may have acted. Do not repeat the call until somebody has checked the dataset."
        : undefined
    return new ToolError({ code: error._tag, message, delivery, retryable, hint: ifUnknown ?? hint })
  }
