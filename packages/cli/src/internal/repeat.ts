/** Decides whether a failed operation may be repeated. `retryable` and the hints of errors follow this decision. */
import * as Verdict from "@mammoth-effect/core/Verdict"
import type { WebhooksError } from "@mammoth-effect/core/WebhooksError"

/** `safe` if the operation may be repeated when the server may have acted, or has acted. */
export type Kind = "safe" | "once"

/**
 * - `later`: the server did nothing for this request, and may do so later;
 * - `again`: the server may have acted, and a repetition does no harm;
 * - `corrected`: the server would refuse the same request again;
 * - `never`: the server may have acted, and a repetition would act twice.
 */
export type Repeat = "later" | "again" | "corrected" | "never"

/** Decides about a failed operation. */
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

/** Is it safe to repeat the same operation, and may that help? */
export const isRetryable = (repeat: Repeat): boolean => repeat === "later" || repeat === "again"
