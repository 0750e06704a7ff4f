/**
 * Describes the failure of an attempt as plain data, and makes the public error when the history of the call is known.
 */
import type { Delivery } from "@mammoth-effect/core/Delivery"
import * as WebhooksError from "@mammoth-effect/core/WebhooksError"
import { type Call, identify } from "./call.js"

/**
 * The fields of an error, without the fields that `Forbidden` also has. `Forbidden` has only common fields, such as the
 * route and the status.
 */
type Own<E extends WebhooksError.WebhooksError> = Omit<E, keyof WebhooksError.Forbidden | "_tag" | keyof Error>

/** The fields of an error that describe the response. */
type ResponseFields = Pick<WebhooksError.Forbidden, "status" | "requestId" | "excerpt">

interface Of<Tag extends WebhooksError.WebhooksError["_tag"], Fields> {
  readonly _tag: Tag
  /** The delivery of this attempt alone, regardless of earlier attempts. */
  readonly delivery: Delivery
  /** The status of the response, if there was a response. */
  readonly status: number | undefined
  readonly fields: Fields
}

/** The failure of an attempt. Its strings contain no secrets. */
export type Failure =
  | Of<"MammothCredentialsError", Own<WebhooksError.CredentialsError>>
  | Of<"MammothTransportError", Own<WebhooksError.TransportError>>
  | Of<"MammothTimedOut", Own<WebhooksError.TimedOut>>
  | Of<"MammothBadRequest", Own<WebhooksError.BadRequest> & ResponseFields>
  | Of<"MammothUnauthorized" | "MammothForbidden" | "MammothNotFound" | "MammothPayloadTooLarge", ResponseFields>
  | Of<"MammothRateLimited", Own<WebhooksError.RateLimited> & ResponseFields>
  | Of<"MammothServerError", Own<WebhooksError.ServerError> & ResponseFields>
  | Of<"MammothUnexpectedStatus", Own<WebhooksError.UnexpectedStatus> & ResponseFields>
  | Of<"MammothDecodeError", Own<WebhooksError.DecodeError> & ResponseFields>

/** The fields of an error that describe all attempts of a call. */
export type Past = Pick<WebhooksError.Forbidden, "delivery" | "attempts" | "history">

/** Makes the public error of a call whose last attempt failed. */
export const toError = (
  { calledAs, operation }: Call,
  past: Past,
  failure: Failure
): Exclude<WebhooksError.WebhooksError, WebhooksError.InvalidRequest> => {
  const call = { ...identify(operation, calledAs), ...past }
  switch (failure._tag) {
    case "MammothCredentialsError":
      return new WebhooksError.CredentialsError({ ...call, ...failure.fields })
    case "MammothTransportError":
      return new WebhooksError.TransportError({ ...call, ...failure.fields })
    case "MammothTimedOut":
      return new WebhooksError.TimedOut({ ...call, ...failure.fields })
    case "MammothBadRequest":
      return new WebhooksError.BadRequest({ ...call, ...failure.fields })
    case "MammothUnauthorized":
      return new WebhooksError.Unauthorized({ ...call, ...failure.fields })
    case "MammothForbidden":
      return new WebhooksError.Forbidden({ ...call, ...failure.fields })
    case "MammothNotFound":
      return new WebhooksError.NotFound({ ...call, ...failure.fields })
    case "MammothPayloadTooLarge":
      return new WebhooksError.PayloadTooLarge({ ...call, ...failure.fields })
    case "MammothRateLimited":
      return new WebhooksError.RateLimited({ ...call, ...failure.fields })
    case "MammothServerError":
      return new WebhooksError.ServerError({ ...call, ...failure.fields })
    case "MammothUnexpectedStatus":
      return new WebhooksError.UnexpectedStatus({ ...call, ...failure.fields })
    case "MammothDecodeError":
      return new WebhooksError.DecodeError({ ...call, ...failure.fields })
  }
}
