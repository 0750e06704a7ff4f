/** Writes the statement that records how deliveries ended. */
import { type Integer, type Parts, sequences, type Statements } from "./query.js"

export interface SettleStatements extends Pick<Statements, "settle"> {}

export const make = ({ dialect, sql, table }: Parts): SettleStatements => {
  const { boundsLocks, given, now, text } = dialect
  return {
    settle: (owner, settlements) =>
      sequences(
        sql<{ readonly sequence: Integer }>`
          update ${table}
          set
            state = given.becomes,
            available_at = case
              when given.becomes <> 'pending' then null
              when given.delay = 0 and failing_since is null then 0
              else ${now} + given.delay
            end,
            changed_at = ${now},
            failing_since = case
              when given.becomes = 'pending' and given.error is not null then coalesce(failing_since, ${now})
              else failing_since
            end,
            settled_at = case when given.becomes <> 'pending' then ${now} end,
            attempts = attempts - given.uncounted,
            lease_owner = null,
            last_error = coalesce(given.error, last_error)
          from ${given(
            JSON.stringify(
              settlements.map((settlement) => ({
                claimed: settlement.sequence,
                claim: settlement.claims,
                becomes: settlement.state,
                delay: Math.round(settlement.delayMillis ?? 0),
                uncounted: settlement.uncounted === true ? 1 : 0,
                error: settlement.error === null ? null : text(settlement.error)
              }))
            ),
            { claimed: "bigint", claim: "bigint", becomes: "text", delay: "bigint", uncounted: "bigint", error: "text" }
          )}
          where sequence = given.claimed and claims = given.claim and lease_owner = ${owner}
            and ${boundsLocks}
          returning sequence`
      )
  }
}
