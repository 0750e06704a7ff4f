/**
 * The failure of an attempt, as plain data, and the public error that it becomes once the history of the call is known.
 */
import type { Delivery } from "@mammoth-effect/core/Delivery"
import * as WebhooksError from "@mammoth-effect/core/WebhooksError"
import { type Call, identify } from "./call.js"

/** The fields of an error beside those of {@link Past}. */
type Own<E extends WebhooksError.WebhooksError> = Omit<E, keyof WebhooksError.Forbidden | "_tag" | keyof Error>

/** The fields of an error that describe the response. */
type ResponseFields = Pick<WebhooksError.Forbidden, "status" | "requestId" | "excerpt">

interface Of<Tag extends WebhooksError.WebhooksError["_tag"], Fields> {
  readonly _tag: Tag
  /** The delivery of this attempt alone. */
  readonly delivery: Delivery
  /** The status of its response, if there was one. */
  readonly status: number | null
  readonly fields: Fields
}

/** The failure of an attempt. The texts have no secrets. */
export type Failure =
  | Of<"CredentialsError", Own<WebhooksError.CredentialsError>>
  | Of<"TransportError", Own<WebhooksError.TransportError>>
  | Of<"TimedOut", Own<WebhooksError.TimedOut>>
  | Of<"BadRequest", Own<WebhooksError.BadRequest> & ResponseFields>
  | Of<"Unauthorized" | "Forbidden" | "NotFound" | "PayloadTooLarge", ResponseFields>
  | Of<"RateLimited", Own<WebhooksError.RateLimited> & ResponseFields>
  | Of<"ServerError", Own<WebhooksError.ServerError> & ResponseFields>
  | Of<"UnexpectedStatus", Own<WebhooksError.UnexpectedStatus> & ResponseFields>
  | Of<"DecodeError", Own<WebhooksError.DecodeError> & ResponseFields>

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
    case "CredentialsError":
      return new WebhooksError.CredentialsError({ ...call, ...failure.fields })
    case "TransportError":
      return new WebhooksError.TransportError({ ...call, ...failure.fields })
    case "TimedOut":
      return new WebhooksError.TimedOut({ ...call, ...failure.fields })
    case "BadRequest":
      return new WebhooksError.BadRequest({ ...call, ...failure.fields })
    case "Unauthorized":
      return new WebhooksError.Unauthorized({ ...call, ...failure.fields })
    case "Forbidden":
      return new WebhooksError.Forbidden({ ...call, ...failure.fields })
    case "NotFound":
      return new WebhooksError.NotFound({ ...call, ...failure.fields })
    case "PayloadTooLarge":
      return new WebhooksError.PayloadTooLarge({ ...call, ...failure.fields })
    case "RateLimited":
      return new WebhooksError.RateLimited({ ...call, ...failure.fields })
    case "ServerError":
      return new WebhooksError.ServerError({ ...call, ...failure.fields })
    case "UnexpectedStatus":
      return new WebhooksError.UnexpectedStatus({ ...call, ...failure.fields })
    case "DecodeError":
      return new WebhooksError.DecodeError({ ...call, ...failure.fields })
  }
}
