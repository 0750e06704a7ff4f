/** The leases that a worker holds, by this process's own clock, which never tells them longer than the database does. */
import type { Claim, ClaimedRow } from "./statements.js"

export interface Leases {
  /** Notes rows that were claimed by a statement which began at this time. */
  readonly hold: (rows: ReadonlyArray<ClaimedRow>, beganAt: number) => void
  /** Notes which of some claims a statement that began at this time has renewed; the others are lost. Yields how many. */
  readonly renewed: (asked: ReadonlyArray<Claim>, sequences: ReadonlyArray<number>, beganAt: number) => number
  /** Notes rows that are being settled: their leases last until that is done, which then tells whether they were lost. */
  readonly settling: (claims: ReadonlyArray<Claim>) => void
  readonly release: (claims: ReadonlyArray<Claim>) => void
  /** Is the row held, and for so much longer? */
  readonly lasts: (claim: Claim, now: number, millis: number) => boolean
  readonly all: () => ReadonlyArray<Claim>
  readonly size: () => number
}

export const make = (leaseMillis: number): Leases => {
  const held = new Map<number, { readonly claim: Claim; until: number; isSettling: boolean }>()
  return {
    hold: (rows, beganAt) => {
      for (const { claims, sequence } of rows) {
        held.set(sequence, { claim: { sequence, claims }, until: beganAt + leaseMillis, isSettling: false })
      }
    },
    renewed: (asked, sequences, beganAt) => {
      const kept = new Set(sequences)
      let lost = 0
      for (const { claims, sequence } of asked) {
        const lease = held.get(sequence)
        // settled, or claimed anew, while the statement ran
        if (lease === undefined || lease.claim.claims !== claims) continue
        if (kept.has(sequence)) {
          lease.until = beganAt + leaseMillis
        } else if (!lease.isSettling) {
          held.delete(sequence)
          lost += 1
        }
      }
      return lost
    },
    settling: (claims) => {
      for (const claim of claims) {
        const lease = held.get(claim.sequence)
        if (lease?.claim.claims === claim.claims) lease.isSettling = true
      }
    },
    release: (claims) => {
      for (const claim of claims) {
        if (held.get(claim.sequence)?.claim.claims === claim.claims) held.delete(claim.sequence)
      }
    },
    lasts: (claim, now, millis) => {
      const lease = held.get(claim.sequence)
      return lease !== undefined && lease.claim.claims === claim.claims && lease.until - now >= millis
    },
    all: () => Array.from(held.values(), ({ claim }) => claim),
    size: () => held.size
  }
}
