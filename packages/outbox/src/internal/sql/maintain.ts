/** Writes the statements that restart waits, make dead rows pending again, and delete rows. */
import type { Fragment } from "@effect/sql/Statement"
import { length, type Parts, type Statements } from "./query.js"

export interface MaintainStatements extends Pick<Statements, "restart" | "redrive" | "purge" | "prune"> {}

export const make = ({ dialect, sql, table }: Parts): MaintainStatements => {
  const { boundsLocks, given, now } = dialect
  /** Restricts a statement to the rows of the given ids, if ids are given. */
  const isNamed = (ids: ReadonlyArray<string> | undefined): Fragment =>
    ids === undefined
      ? sql.literal("true")
      : sql`id in (select given.id from ${given(JSON.stringify(ids.map((id) => ({ id }))), { id: "text" })})`

  return {
    restart: (outbox) =>
      length(sql`
        update ${table}
        set available_at = ${now} + available_at - changed_at, changed_at = ${now}
        where outbox = ${outbox} and available_at > ${now} and changed_at > ${now} and ${boundsLocks}
        returning sequence`),

    redrive: (outbox, ids) =>
      length(sql`
        update ${table}
        set state = 'pending', available_at = 0, settled_at = null, attempts = 0, failing_since = null
        where outbox = ${outbox} and state = 'dead' and settled_at is not null and ${isNamed(ids)}
          and ${boundsLocks}
        returning sequence`),

    purge: (outbox, ids) =>
      length(sql`
        delete from ${table}
        where outbox = ${outbox} and state = 'dead' and settled_at is not null and ${isNamed(ids)}
          and ${boundsLocks}
        returning sequence`),

    prune: (outbox, ageMillis, limit) =>
      length(sql`
        delete from ${table}
        where sequence in (
          select sequence from ${table}
          where outbox = ${outbox} and state = 'delivered' and settled_at <= ${now} - ${ageMillis}
          order by settled_at
          limit ${limit}
        ) and ${boundsLocks}
        returning sequence`)
  }
}
