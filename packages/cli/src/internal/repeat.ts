/**
 * Decides whether a failed operation may be repeated. The property `retryable` and the hints of errors are based on this
 * decision.
 */
import * as Verdict from "@mammoth-effect/core/Verdict"
import type { WebhooksError } from "@mammoth-effect/core/WebhooksError"

/**
 * `safe` operations may be repeated even if the server has acted. `once` operations must not be repeated if the server may
 * have acted.
 */
export type Kind = "safe" | "once"

/**
 * The possible decisions about a failed operation.
 *
 * - `later`: the server did not act, and the same operation may succeed later;
 * - `again`: the server may have acted, and repeating the operation does no harm;
 * - `corrected`: the server would refuse the same request again, so correct it first;
 * - `never`: the server may have acted, and would act twice if the operation were repeated.
 */
export type Repeat = "later" | "again" | "corrected" | "never"

/** Decides whether a failed operation may be repeated. */
export const of = (error: WebhooksError, kind: Kind): Repeat => {
  switch (Verdict.of(error)) {
    case "throttled":
    case "notSent":
      return "later"
    case "refused":
    case "blocked":
      return "corrected"
    case "delivered":
    case "unknown":
      return kind === "safe" ? "again" : "never"
  }
}

/** Returns true if it is safe to repeat the same operation, and if the repeated operation may succeed. */
export const isRetryable = (repeat: Repeat): boolean => repeat === "later" || repeat === "again"
