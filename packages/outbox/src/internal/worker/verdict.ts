/** Finds the verdict on a failed delivery, and how long the worker pauses after the failure. */
import type { AddDataError } from "@mammoth-effect/client/Webhooks"
import * as Verdict from "@mammoth-effect/core/Verdict"
import * as Duration from "effect/Duration"
import type { WebhookUnresolved } from "../../OutboxError.js"

/** The errors of a delivery that failed. */
export type Failure = AddDataError | WebhookUnresolved

export const of = (failure: Failure): Verdict.Verdict =>
  failure._tag === "MammothWebhookUnresolved" ? "notSent" : Verdict.of(failure)

/** The longest pause, even if the server requests a longer pause. */
const longest = Duration.hours(1)

/** The shortest pause after a throttled request. */
const shortest = Duration.seconds(1)

/**
 * Returns the time for which the worker sends nothing after a failure. Returns `undefined` if the failure requires no
 * pause.
 */
export const pauseAfter = (failure: Failure): Duration.Duration | undefined => {
  const asked = failure._tag === "MammothWebhookUnresolved" ? undefined : Verdict.retryAfter(failure)
  const bounded = asked === undefined ? undefined : Duration.min(asked, longest)
  return of(failure) === "throttled" ? Duration.max(bounded ?? shortest, shortest) : bounded
}
