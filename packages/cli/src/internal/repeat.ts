/** Decides whether an operation that failed may be repeated. Flags and hints of errors follow from this decision. */
import * as Verdict from "@mammoth-effect/core/Verdict"
import type { WebhooksError } from "@mammoth-effect/core/WebhooksError"

/** `safe` if the operation may be repeated when the server may have acted, or has acted. */
export type Kind = "safe" | "once"

/**
 * - `later`: the server did nothing for this request, and may do so later;
 * - `again`: the server may have acted, and to do the same once more does no harm;
 * - `corrected`: the server would refuse the same request again;
 * - `never`: the server may have acted, and would act twice.
 */
export type Repeat = "later" | "again" | "corrected" | "never"

/** Decides about the operation that failed. */
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

/** Is it safe to repeat the operation as it is, and may that help? */
export const isRetryable = (repeat: Repeat): boolean => repeat === "later" || repeat === "again"
