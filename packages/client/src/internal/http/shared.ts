/** Keeps the state that the calls of one layer share: the pauses that servers requested, and the retry budget. */
import type * as RetryPolicy from "../../RetryPolicy.js"

export interface Shared {
  /**
   * Returns the time at which the pause for a base URL ends, in milliseconds. Returns 0 if the server requested no
   * pause.
   */
  readonly pausedUntil: (baseUrl: string) => number
  /**
   * Records that the server at a base URL requested a pause. `until` is the time at which the pause ends, in
   * milliseconds.
   */
  readonly pause: (baseUrl: string, until: number) => void
  /** Takes one retry out of the budget. Returns `false` if no retry is left. */
  readonly takeRetry: () => boolean
  /** Puts a tenth of a retry back into the budget. Call this after a call that succeeded without a retry. */
  readonly giveBack: () => void
}

/** Makes the shared state of a new layer. */
export const makeShared = (policy: RetryPolicy.Service): Shared => {
  const pauses = new Map<string, number>()
  // Count in tenths of a retry, because adding 0.1 ten times would give less than 1.
  const capacity = 10 * (policy.budget ?? Number.POSITIVE_INFINITY)
  let tenths = capacity
  return {
    pausedUntil: (baseUrl) => pauses.get(baseUrl) ?? 0,
    pause: (baseUrl, until) => void pauses.set(baseUrl, Math.max(pauses.get(baseUrl) ?? 0, until)),
    takeRetry: () => {
      if (tenths < 10) return false
      tenths -= 10
      return true
    },
    giveBack: () => {
      tenths = Math.min(capacity, tenths + 1)
    }
  }
}
