/**
 * Every statement that the outbox runs, each on its own and so whole or not at all. A list travels as one JSON parameter,
 * so that a statement is the same for one row and for thousands.
 */
import type * as SqlClient from "@effect/sql/SqlClient"
import { SqlError } from "@effect/sql/SqlError"
import type { Fragment } from "@effect/sql/Statement"
import * as Effect from "effect/Effect"
import type { Counts, Failure, Service } from "../../OutboxStoreService.js"
import * as Dialect from "./dialect.js"

/** Postgres answers 64-bit integers as strings. */
type Integer = number | string

/** A request to the store as one statement of its database. */
type Statement<Request> = Request extends (...parameters: infer Parameters) => Effect.Effect<infer A, Failure>
  ? (...parameters: Parameters) => Effect.Effect<A, SqlError>
  : never

/** The statements of a store, one for each of its requests. */
export type Statements = { readonly [Name in keyof Service]: Statement<Service[Name]> }

export const make = (sql: SqlClient.SqlClient, tableName: string, settings?: Dialect.Settings): Statements => {
  const table = sql(tableName)
  const { boundsLocks, given, isDue, isFresh, now, once, skipLocked, text } = Dialect.of(sql, settings)

  const sequences = Effect.map((rows: ReadonlyArray<{ readonly sequence: Integer }>) =>
    rows.map((row) => Number(row.sequence))
  )
  const length = Effect.map((rows: ReadonlyArray<object>) => rows.length)

  const isNamed = (ids: ReadonlyArray<string> | undefined): Fragment =>
    ids === undefined
      ? sql.literal("true")
      : sql`id in (select given.id from ${given(JSON.stringify(ids.map((id) => ({ id }))), { id: "text" })})`

  return {
    insert: (outbox, rows, trace) =>
      Effect.flatMap(
        Effect.try({
          // throws if the text would be longer than a string can be
          try: () => JSON.stringify(rows.map(({ id, payload }) => ({ id, payload: text(payload) }))),
          catch: (cause) => new SqlError({ cause, message: "Failed to write the rows as JSON" })
        }),
        (json) => sql<{ readonly id: string }>`
          insert into ${table} (outbox, id, payload, offered_at, available_at, trace)
          select ${outbox}, given.id, given.payload, ${now}, 0, ${trace ?? null}
          from ${given(json, { id: "text", payload: "text" })}
          where ${boundsLocks}
          on conflict (id, outbox) do nothing
          returning id`
      ).pipe(Effect.map((stored) => stored.map(({ id }) => id))),

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
      ),

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
      ),

    restart: (outbox) =>
      length(sql`
        update ${table}
        set available_at = ${now} + available_at - changed_at, changed_at = ${now}
        where outbox = ${outbox} and available_at > ${now} and changed_at > ${now} and ${boundsLocks}
        returning sequence`),

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
      ),

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
