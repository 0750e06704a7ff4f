/** Stores the pending faults. */
import type * as Fault from "../Fault.js"

/** The pending faults, in the order in which they were injected. */
export interface Faults {
  readonly inject: (fault: Fault.Fault) => void
  readonly clear: () => void
  /**
   * Returns each pending fault with the number of requests to which it will still apply. The number is infinite for
   * `"every"`.
   */
  readonly pending: () => ReadonlyArray<{ readonly fault: Fault.Fault; readonly left: number }>
  /** Returns the first pending fault that applies to this operation, and counts the fault as shown. */
  readonly take: (operation: string) => Fault.Fault | undefined
}

export const make = (): Faults => {
  let pending: ReadonlyArray<{ readonly fault: Fault.Fault; left: number }> = []
  return {
    inject: (fault) => {
      const left = fault.times === "every" ? Number.POSITIVE_INFINITY : (fault.times ?? 1)
      pending = [...pending, { fault, left }]
    },
    clear: () => {
      pending = []
    },
    pending: () => pending,
    take: (operation) => {
      if (pending.length === 0) return undefined
      const found = pending.find(({ fault }) => fault.operation === undefined || fault.operation === operation)
      if (found === undefined) return undefined
      found.left -= 1
      if (found.left <= 0) pending = pending.filter((each) => each !== found)
      return found.fault
    }
  }
}
