/** Keeps the state that the calls of one layer share: the pauses that servers ask for, and the retry budget. */
import type * as RetryPolicy from "../../RetryPolicy.js"

export interface Shared {
  /**
   * Returns the time until which the server of a base URL asked to wait, in milliseconds. Returns 0 if it did not ask.
   */
  readonly pausedUntil: (baseUrl: string) => number
  /** Remembers that the server of a base URL asks to wait until a time. */
  readonly pause: (baseUrl: string, until: number) => void
  /** Takes one retry out of the budget. Returns `false` if none is left. */
  readonly takeRetry: () => boolean
  /** Puts back a tenth of a retry, after a call that needed none. */
  readonly giveBack: () => void
}

/** Makes the state of a new layer. */
export const makeShared = (policy: RetryPolicy.Service): Shared => {
  const pauses = new Map<string, number>()
  // count in tenths, because fractions would add up to less than a whole
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
