/** Writes the statements with which a worker claims rows and renews its leases. */
import * as Effect from "effect/Effect"
import { type Integer, type Parts, sequences, type Statements } from "./query.js"

export interface ClaimStatements extends Pick<Statements, "claim" | "renew"> {}

export const make = ({ dialect, sql, table }: Parts): ClaimStatements => {
  const { boundsLocks, given, isDue, isFresh, now, once, skipLocked } = dialect
  return {
    claim: (outbox, { leaseMillis, limit, owner }) =>
      Effect.map(
        sql<{
          readonly sequence: Integer
          readonly id: string
          readonly payload: string
          readonly attempts: number
          readonly claims: number
          readonly trace: string | null
        }>`
          with due as ${once} (
            select sequence from (
              select sequence from ${table}
              where ${isDue(outbox)}
              order by outbox, available_at, sequence
              limit ${limit}
              ${skipLocked}
            ) as waited
            union all
            select sequence from (
              select sequence from ${table}
              where ${isFresh(outbox)}
              order by outbox, available_at, sequence
              limit ${limit}
              ${skipLocked}
            ) as fresh
            limit ${limit}
          )
          update ${table}
          set
            state = 'leased',
            claims = claims + 1,
            attempts = attempts + 1,
            lease_owner = ${owner},
            available_at = ${now} + ${leaseMillis},
            changed_at = ${now}
          where sequence in (select sequence from due)
          returning sequence, id, payload, attempts, claims, trace`,
        (rows) =>
          rows
            .map(({ sequence, ...row }) => ({ ...row, sequence: Number(sequence) }))
            .toSorted((a, b) => a.sequence - b.sequence)
      ),

    renew: (owner, claims, leaseMillis) =>
      sequences(
        sql<{ readonly sequence: Integer }>`
          update ${table}
          set available_at = ${now} + ${leaseMillis}, changed_at = ${now}
          from ${given(JSON.stringify(claims.map(({ claims, sequence }) => ({ claimed: sequence, claim: claims }))), {
            claimed: "bigint",
            claim: "bigint"
          })}
          where sequence = given.claimed and claims = given.claim and lease_owner = ${owner}
            and ${boundsLocks}
          returning sequence`
      )
  }
}
