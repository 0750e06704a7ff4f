/**
 * Tracks the leases of a worker by the clock of this process. Here, a lease ends at the same time as in the database,
 * or earlier.
 */
import type { Claim, ClaimedRow } from "../../OutboxStoreService.js"

export interface Leases {
  /**
   * Records rows that a statement has claimed. Their leases begin at `beganAt`, when the statement began. Returns the
   * rows that are new to this worker. The other rows are already in flight: this worker paused until their leases had
   * ended, and then claimed these rows again before another worker did. When their request ends, these rows are settled
   * under the new claim.
   */
  readonly hold: (rows: ReadonlyArray<ClaimedRow>, beganAt: number) => ReadonlyArray<ClaimedRow>
  /**
   * Records the claims that a statement has renewed. Their leases begin again at `beganAt`, when the statement began.
   * Claims in `asked` that the statement could not renew are lost. Returns the number of lost claims.
   */
  readonly renewed: (asked: ReadonlyArray<Claim>, sequences: ReadonlyArray<number>, beganAt: number) => number
  /**
   * Returns the claim under which to settle a row. After this call, `renewed` does not count the row as lost,
   * because settling the row shows if its lease was lost.
   */
  readonly claimToSettle: (row: Claim) => Claim
  readonly release: (claims: ReadonlyArray<Claim>) => void
  /** Returns true if the lease of the row lasts for at least the given time. */
  readonly lasts: (row: Claim, now: number, millis: number) => boolean
  readonly all: () => ReadonlyArray<Claim>
}

interface Lease {
  /** The first claim of this delivery. An older claim belongs to an earlier delivery, which has lost the row. */
  readonly first: number
  claim: Claim
  until: number
  isSettling: boolean
}

export const make = (leaseMillis: number): Leases => {
  const held = new Map<number, Lease>()
  const of = ({ claims, sequence }: Claim): Lease | undefined => {
    const lease = held.get(sequence)
    return lease === undefined || claims < lease.first ? undefined : lease
  }
  return {
    hold: (rows, beganAt) =>
      rows.filter(({ claims, sequence }) => {
        const lease = held.get(sequence)
        const claim = { sequence, claims }
        if (lease === undefined) {
          held.set(sequence, { first: claims, claim, until: beganAt + leaseMillis, isSettling: false })
          return true
        }
        lease.claim = claim
        lease.until = beganAt + leaseMillis
        return false
      }),
    renewed: (asked, sequences, beganAt) => {
      const kept = new Set(sequences)
      let lost = 0
      for (const { claims, sequence } of asked) {
        const lease = held.get(sequence)
        // Skip a row that was settled or claimed again while the statement ran.
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
    claimToSettle: (row) => {
      const lease = of(row)
      if (lease === undefined) return { sequence: row.sequence, claims: row.claims }
      lease.isSettling = true
      return lease.claim
    },
    release: (claims) => {
      for (const claim of claims) if (of(claim) !== undefined) held.delete(claim.sequence)
    },
    lasts: (row, now, millis) => {
      const lease = of(row)
      return lease !== undefined && lease.until - now >= millis
    },
    all: () => Array.from(held.values(), ({ claim }) => claim)
  }
}
