/** Decides whether the policy of a failed call allows a retry. */
import type { Call } from "./call.js"
import type { Failure } from "./failure.js"

/** Matches a proxy's statuses for which a retry is useless: every 4xx except the temporary 408, 425 and 429. */
const refusals = /^4(?!08|25|29)/

/** Returns `true` if a call may be retried after this failure. */
export const isRetryable = (failure: Failure, { operation, settings }: Call): boolean => {
  const policy = settings.retry
  const mayHaveActed = operation.repeat !== "once" || policy.atLeastOnce
  switch (failure._tag) {
    case "MammothTransportError": {
      if (!policy.retryConnectionErrors) return false
      if (failure.delivery !== "NotSent") return mayHaveActed
      const { code, proxyStatus, reason } = failure.fields
      if (proxyStatus !== undefined && refusals.test(String(proxyStatus))) return false
      return reason === "connect" || reason === "reset" || code === "EAI_AGAIN" || code === "ECONNRESET"
    }
    case "MammothTimedOut":
      if (failure.fields.stage === "credentials") return false
      return failure.delivery === "Accepted" ? operation.repeat === "read" : mayHaveActed
    case "MammothRateLimited":
      return settings.retryRateLimited
    case "MammothServerError":
      return mayHaveActed
    case "MammothUnexpectedStatus":
      return failure.status === 421 || failure.status === 425 || (failure.status === 408 && mayHaveActed)
    case "MammothDecodeError":
      return operation.repeat === "read"
    default:
      return false
  }
}
