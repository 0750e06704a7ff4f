/** What a failure means for the rows that were to be delivered. */
import type { AddDataError } from "@mammoth-effect/client/Webhooks"
import * as Verdict from "@mammoth-effect/core/Verdict"
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import type { WebhookUnresolved } from "../../OutboxError.js"

/** Why rows were not delivered. */
export type Failure = AddDataError | WebhookUnresolved

export const of = (failure: Failure): Verdict.Verdict =>
  failure._tag === "WebhookUnresolved" ? "notSent" : Verdict.of(failure)

/** A server that asks for more is asked again before. */
const longest = Duration.hours(1)

/** How long the worker waits at least after a throttled request. */
const shortest = Duration.seconds(1)

/** How long the server has to be left alone after a failure, if that is known. */
export const pauseAfter = (failure: Failure): Option.Option<Duration.Duration> => {
  const asked = failure._tag === "WebhookUnresolved" ? Option.none() : Verdict.retryAfter(failure)
  const bounded = Option.map(asked, Duration.min(longest))
  return of(failure) === "throttled"
    ? Option.some(
        Duration.max(
          Option.getOrElse(bounded, () => shortest),
          shortest
        )
      )
    : bounded
}
