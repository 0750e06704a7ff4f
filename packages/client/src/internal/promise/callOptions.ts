/** Reads the options of a call. */
import type * as Issue from "@mammoth-effect/core/Issue"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import type * as RequestOptions from "../../RequestOptions.js"
import * as RetryPolicy from "../../RetryPolicy.js"
import { isAbortSignal } from "../http/abort.js"
import { anything, callback, find, flag, instead, type Kind, type Kinds, type Of } from "../options/kinds.js"

/** The options of a call, as the public `CallOptions` documents them. */
export interface CallOptions extends Omit<RequestOptions.Options, "retry" | "retryRateLimited" | "onResponse"> {
  readonly signal?: AbortSignal | undefined
  readonly retry?: RetryPolicy.Options | false | undefined
  readonly onResponse?: ((response: RequestOptions.RawResponse) => void | PromiseLike<void>) | undefined
}

const retrySettings: Of<RetryPolicy.Options> = {
  attempts: anything,
  times: anything,
  initialInterval: anything,
  exponent: anything,
  maxInterval: anything,
  schedule: anything,
  atLeastOnce: flag,
  retryConnectionErrors: flag,
  maxRetryAfter: anything,
  budget: anything,
  retries: instead("times"),
  maxRetries: instead("times"),
  delay: instead("initialInterval")
}

/** The `Kind` that checks the option `retry` of a call or a client. */
export const retry: Kind = {
  expected: "false, or an object of settings such as { attempts: 3 }",
  holds: (given) => given === false || Predicate.isRecord(given),
  properties: retrySettings
}

/** Names that programs use by mistake instead of `retry`. */
export const notRetry: Kinds = Object.fromEntries(
  ["retries", "maxRetries", "attempts", "times"].map((name) => [
    name,
    instead(`retry: { ${name === "attempts" ? name : "times"} }`)
  ])
)

/** The `Kind` of each option that every call has. */
export const properties: Of<CallOptions> = {
  signal: {
    expected: "an AbortSignal (the `signal` of an AbortController)",
    // Accept `null`, which means no signal, as in fetch.
    holds: (given) => given === null || isAbortSignal(given)
  },
  timeout: anything,
  deadline: anything,
  retry,
  ...notRetry,
  atLeastOnce: flag,
  headers: anything,
  baseUrl: anything,
  onResponse: callback
}

/** Makes the `Kind` that checks an options object. The object can have only these properties. */
export const kindOf = (properties: Kinds): Kind => ({
  expected: "an object of options, such as { signal }",
  holds: (given) => Predicate.isRecord(given) && !isAbortSignal(given),
  properties
})

/** The `Kind` that checks the options of a call. */
export const kind: Kind = kindOf(properties)

/** Returns an issue for options that cannot be used. */
export const check = (kind: Kind, options: unknown): Issue.Issue | undefined => {
  const issue = find(kind, ["options"], options)
  return issue !== undefined && isAbortSignal(options) ? { ...issue, received: "an AbortSignal" } : issue
}

export const toPolicy = (retry: RetryPolicy.Options | false): RetryPolicy.Service | RetryPolicy.Options =>
  retry === false ? RetryPolicy.none : retry

/** Makes an effect from a callback that may return a promise. */
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
