/**
 * Decides what an error means for the rows of a request. Sinks, ingestors and the outbox follow these verdicts. Your
 * own code that sends rows can follow them, too.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"
import type { InvalidRequest, WebhooksError } from "./WebhooksError.js"

/**
 * The meaning of an error for the rows of a request:
 *
 * - `delivered`: the server has the rows, although the response is unusable.
 * - `refused`: the document is at fault, and would be refused again (400, 409, 413, 415, 422, or an `InvalidRequest`
 *   about the document). Send the rows in halves, and set aside a row that is refused alone.
 * - `blocked`: the sender, the webhook or the settings are at fault (401, 403, 404, any other 4xx, `CredentialsError`,
 *   any other `InvalidRequest`). Every row would fail in the same way. Keep the rows, and stop until somebody has
 *   corrected the fault.
 * - `throttled`: the server asks to send the request later (429, 421, 425). Keep the rows, wait, and send more slowly.
 * - `notSent`: the server did not act (no connection, no time left before sending). Keep the rows, and retry later.
 * - `unknown`: the server may have acted (5xx, 408, 3xx, a reset or timeout after sending). The rows may be there,
 *   so send them again only if duplicates are acceptable.
 *
 * @example
 * import { Verdict } from "@mammoth-effect/core"
 *
 * const mayBeThere = (verdict: Verdict.Verdict) => verdict === "delivered" || verdict === "unknown"
 *
 * @since 0.1.0
 * @category schemas
 */
export const Verdict: Schema.Literal<["delivered", "refused", "blocked", "throttled", "notSent", "unknown"]> =
  Schema.Literal("delivered", "refused", "blocked", "throttled", "notSent", "unknown")

/**
 * One of the six meanings that an error can have for the rows of a request.
 *
 * @since 0.1.0
 * @category models
 */
export type Verdict = typeof Verdict.Type

/** The first key in the path of an issue about a document. */
const document = "data"

const ofInvalid = ({ issues }: Pick<InvalidRequest, "issues">): Verdict =>
  issues.every(({ path }) => path[0] === document) ? "refused" : "blocked"

/** The statuses of an `UnexpectedStatus` with which the server refuses the document. */
const refusals: ReadonlyArray<number> = [409, 413, 415, 422]

/** The statuses of an `UnexpectedStatus` after which the caller can send the same request again. */
const throttles: ReadonlyArray<number> = [421, 425]

/** The fields of an error that decide the error's verdict. The errors of the promise API also have these fields. */
type Deciding<E> = E extends WebhooksError
  ? Pick<E, Extract<keyof E, "_tag" | "delivery" | "issues" | "status">>
  : never

/**
 * Decides what an error means for the rows of its request. The error's delivery covers all attempts of the call, and
 * takes precedence over the status of the last attempt. If the last attempt got a 400, but an
 * earlier attempt may have written the rows, the verdict is `unknown`.
 *
 * @example
 * import { Verdict, type WebhooksError } from "@mammoth-effect/core"
 *
 * const isPoison = (error: WebhooksError.WebhooksError) => Verdict.of(error) === "refused"
 *
 * @since 0.1.0
 * @category deciding
 */
export const of = (error: Deciding<WebhooksError>): Verdict => {
  if (error.delivery === "Accepted") return "delivered"
  if (error.delivery === "Unknown") return "unknown"
  switch (error._tag) {
    case "MammothInvalidRequest":
      return ofInvalid(error)
    case "MammothBadRequest":
    case "MammothPayloadTooLarge":
      return "refused"
    case "MammothRateLimited":
      return "throttled"
    case "MammothTransportError":
    case "MammothTimedOut":
      return "notSent"
    case "MammothUnexpectedStatus":
      return refusals.includes(error.status) ? "refused" : throttles.includes(error.status) ? "throttled" : "blocked"
    case "MammothCredentialsError":
    case "MammothUnauthorized":
    case "MammothForbidden":
    case "MammothNotFound":
      return "blocked"
    // Return `unknown`, because after these errors the server has acted or may have acted.
    case "MammothServerError":
    case "MammothDecodeError":
      return "unknown"
  }
}

/**
 * Returns the wait that the server requested, or `undefined` if the error carries no wait.
 *
 * @example
 * import { Verdict, type WebhooksError } from "@mammoth-effect/core"
 * import { Duration } from "effect"
 *
 * const pause = (error: WebhooksError.WebhooksError) => Verdict.retryAfter(error) ?? Duration.seconds(1)
 *
 * @since 0.1.0
 * @category deciding
 */
export const retryAfter = (error: WebhooksError): Duration.Duration | undefined =>
  error._tag === "MammothRateLimited" || error._tag === "MammothServerError" ? error.retryAfter : undefined
