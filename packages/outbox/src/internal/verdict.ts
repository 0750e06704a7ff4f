/** What an answer means for the rows that were sent. */
import type { AddDataError } from "@mammoth-effect/client/Webhooks"
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import type { WebhookUnresolved } from "../OutboxError.js"

/** Why rows were not delivered. */
export type Failure = AddDataError | WebhookUnresolved

export type Verdict =
  /** The server has them. */
  | { readonly _tag: "Delivered" }
  /** The server refuses them for what they are, and would again. */
  | { readonly _tag: "Refused" }
  /** They may be sent again, after a time where the server names one. */
  | { readonly _tag: "Again"; readonly after: Option.Option<Duration.Duration> }

/**
 * The statuses that speak of the document: sent as it is, it would be refused again. All others speak of the sender, the
 * webhook or the moment, which an operator or time can put right, so that rows outlive them.
 */
const refusals: ReadonlyArray<number> = [400, 409, 413, 415, 422]

/** A server that asks for more is asked again before. */
const longest = Duration.hours(1)

export const of = (failure: Failure): Verdict => {
  if (failure._tag === "WebhookUnresolved") return { _tag: "Again", after: Option.none() }
  // it acted, and only its answer is of no use
  if (failure.delivery === "Accepted") return { _tag: "Delivered" }
  if (failure.delivery === "Rejected" && "status" in failure && refusals.includes(failure.status)) {
    return { _tag: "Refused" }
  }
  const after = "retryAfter" in failure ? failure.retryAfter : Option.none<Duration.Duration>()
  return { _tag: "Again", after: Option.map(after, (asked) => Duration.min(asked, longest)) }
}
