/** Writes the statements that only read: counts, failures and dead rows. */
import * as Effect from "effect/Effect"
import type { Counts } from "../../OutboxStoreService.js"
import type { Integer, Parts, Statements } from "./query.js"

export interface ReadStatements extends Pick<Statements, "failing" | "counts" | "isOpen" | "dead"> {}

export const make = ({ dialect: { now }, sql, table }: Parts): ReadStatements => {
  return {
    failing: (outbox) =>
      Effect.map(
        sql<{
          readonly failing: Integer
          readonly since: Integer
          readonly error: string
        }>`
          select
            count(*) over () as failing,
            min(coalesce(failing_since, offered_at)) over () as since,
            last_error as error
          from ${table}
          where outbox = ${outbox} and available_at > 0 and last_error is not null
            and attempts > 0 and (failing_since is not null or changed_at is null)
          order by coalesce(changed_at, 0) desc, sequence
          limit 1`,
        ([row]) =>
          row === undefined
            ? undefined
            : { rows: Number(row.failing), sinceMillis: Number(row.since), error: row.error }
      ),

    counts: (outbox) =>
      Effect.map(
        sql<{ readonly state: keyof Counts; readonly amount: Integer }>`
          select
            case when state = 'leased' and available_at <= ${now} then 'pending' else state end as state,
            count(*) as amount
          from ${table}
          where outbox = ${outbox} and available_at is not null
          group by 1
          union all
          select state, count(*) as amount
          from ${table}
          where outbox = ${outbox} and state in ('delivered', 'dead') and settled_at is not null
          group by state`,
        (rows) => {
          const of = (state: keyof Counts) => Number(rows.find((row) => row.state === state)?.amount ?? 0)
          return { pending: of("pending"), leased: of("leased"), delivered: of("delivered"), dead: of("dead") }
        }
      ),

    isOpen: (outbox) =>
      Effect.map(
        sql`select 1 from ${table} where outbox = ${outbox} and available_at is not null limit 1`,
        (rows) => rows.length > 0
      ),

    dead: (outbox, after, limit) =>
      Effect.map(
        sql<{
          readonly sequence: Integer
          readonly id: string
          readonly payload: string
          readonly attempts: number
          readonly offered_at: Integer
          readonly settled_at: Integer
          readonly last_error: string | null
        }>`
          select sequence, id, payload, attempts, offered_at, settled_at, last_error from ${table}
          where outbox = ${outbox} and state = 'dead'
            and settled_at is not null and (settled_at, sequence) > (${after.settledAtMillis}, ${after.sequence})
          order by settled_at, sequence
          limit ${limit}`,
        (rows) =>
          rows.map((row) => ({
            sequence: Number(row.sequence),
            id: row.id,
            payload: row.payload,
            attempts: row.attempts,
            offeredAtMillis: Number(row.offered_at),
            settledAtMillis: Number(row.settled_at),
            error: row.last_error ?? ""
          }))
      )
  }
}
