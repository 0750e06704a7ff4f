/** Reads the options of a call. */
import * as Issue from "@mammoth-effect/core/Issue"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import type * as RequestOptions from "../../RequestOptions.js"
import * as RetryPolicy from "../../RetryPolicy.js"
import { isAbortSignal } from "../http/abort.js"

/** The options of a call, as the public `CallOptions` documents them. */
export interface CallOptions extends Omit<RequestOptions.Options, "retry" | "retryRateLimited" | "onResponse"> {
  readonly signal?: AbortSignal | undefined
  readonly retry?: RetryPolicy.Options | false | undefined
  readonly onResponse?: ((response: RequestOptions.RawResponse) => void | PromiseLike<void>) | undefined
}

/** Returns an issue for an option that is read before the call runs. */
export const check = (options: CallOptions): Issue.Issue | undefined => {
  if (!Predicate.isRecord(options) || isAbortSignal(options)) {
    const received = isAbortSignal(options) ? "an AbortSignal" : Issue.shape(options)
    return { path: ["options"], expected: "an object of options, such as { signal }", received }
  }
  // fetch, too, takes `null` for no signal
  return options.signal == null || isAbortSignal(options.signal)
    ? undefined
    : {
        path: ["options", "signal"],
        expected: "an AbortSignal (an AbortController has one in its property `signal`)",
        received: Issue.shape(options.signal)
      }
}

export const toPolicy = (retry: RetryPolicy.Options | false): RetryPolicy.Service | RetryPolicy.Options =>
  retry === false ? RetryPolicy.none : retry

/** Makes an effect of a callback that may return a promise. */
export const toEffect =
  <A>(receive: (received: A) => void | PromiseLike<void>) =>
  (received: A): Effect.Effect<void> =>
    Effect.promise(() => Promise.resolve(receive(received)))

export const toRequestOptions = (options: CallOptions): RequestOptions.Options => ({
  ...options,
  retry: options.retry === undefined ? undefined : toPolicy(options.retry),
  retryRateLimited: undefined,
  onResponse: options.onResponse && toEffect(options.onResponse)
})
