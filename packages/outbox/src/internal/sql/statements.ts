/**
 * Every statement that the outbox runs, each on its own and so whole or not at all. A list travels as one JSON parameter,
 * so that a statement is the same for one row and for thousands.
 */
import type * as SqlClient from "@effect/sql/SqlClient"
import { SqlError } from "@effect/sql/SqlError"
import type * as Statement from "@effect/sql/Statement"
import * as Effect from "effect/Effect"
import * as Dialect from "./dialect.js"

/** A row to store. */
export interface NewRow {
  readonly id: string
  /** The document, as JSON. */
  readonly payload: string
}

/** One claim of a row: the row, and the how many-th claim of it. */
export interface Claim {
  readonly sequence: number
  readonly claims: number
}

/** A row that a worker holds. */
export interface ClaimedRow extends NewRow, Claim {
  /** How often it was tried, this time included. */
  readonly attempts: number
  /** The span of its offer, as a W3C `traceparent`. */
  readonly trace?: string | null | undefined
}

/** What becomes of a claimed row. */
export interface Settlement extends Claim {
  readonly state: "pending" | "delivered" | "dead"
  /** For one that is pending: how long it waits, in milliseconds. */
  readonly delayMillis: number | null
  /** Whether nothing was sent, so that it is not to count as an attempt. */
  readonly uncounted?: boolean | undefined
  readonly error: string | null
}

/** How many rows are in which state. */
export interface Counts {
  readonly pending: number
  readonly leased: number
  readonly delivered: number
  readonly dead: number
}

/** The rows that wait after an attempt that failed. */
export interface Failing {
  readonly rows: number
  /** When the first of these attempts failed, or when the row was offered if it is not known. */
  readonly sinceMillis: number
  /** Why the last one failed. */
  readonly error: string
}

/** A row that was refused for good. */
export interface DeadRow extends NewRow {
  readonly sequence: number
  readonly attempts: number
  readonly offeredAtMillis: number
  readonly settledAtMillis: number
  readonly error: string
}

type Query<A> = Effect.Effect<A, SqlError>

/** Postgres answers 64-bit integers as strings. */
type Integer = number | string

export interface Statements {
  /** Stores rows, with the span of their offer, and yields the ids of those that were not there yet. */
  readonly insert: (outbox: string, rows: ReadonlyArray<NewRow>, trace?: string) => Query<ReadonlyArray<string>>
  /** Leases rows: those that waited and have been due for longest, then those that did not, in the order of offering. */
  readonly claim: (
    outbox: string,
    claim: { readonly owner: string; readonly limit: number; readonly leaseMillis: number }
  ) => Query<ReadonlyArray<ClaimedRow>>
  /** Extends leases, and yields which rows the owner still held. */
  readonly renew: (owner: string, claims: ReadonlyArray<Claim>, leaseMillis: number) => Query<ReadonlyArray<number>>
  /** Settles claimed rows, and yields which of them the owner still held: the others are left alone. */
  readonly settle: (owner: string, settlements: ReadonlyArray<Settlement>) => Query<ReadonlyArray<number>>
  /** Starts waits anew that were set while the database's clock was ahead; yields how many. */
  readonly restart: (outbox: string) => Query<number>
  readonly counts: (outbox: string) => Query<Counts>
  /** The rows that wait after an attempt that failed; `undefined` if there are none. */
  readonly failing: (outbox: string) => Query<Failing | undefined>
  /** Is any row neither delivered nor dead? */
  readonly isOpen: (outbox: string) => Query<boolean>
  /** Dead rows in the order in which they died, after one of them. */
  readonly dead: (
    outbox: string,
    after: Pick<DeadRow, "settledAtMillis" | "sequence">,
    limit: number
  ) => Query<ReadonlyArray<DeadRow>>
  /** Makes dead rows pending again, all or those named; yields how many. */
  readonly redrive: (outbox: string, ids: ReadonlyArray<string> | undefined) => Query<number>
  /** Deletes dead rows, all or those named; yields how many. */
  readonly purge: (outbox: string, ids: ReadonlyArray<string> | undefined) => Query<number>
  /** Deletes some rows that were delivered so long ago; yields how many. */
  readonly prune: (outbox: string, ageMillis: number, limit: number) => Query<number>
}

export const make = (sql: SqlClient.SqlClient, tableName: string, settings?: Dialect.Settings): Statements => {
  const table = sql(tableName)
  const { boundsLocks, given, isDue, isFresh, now, once, skipLocked, text } = Dialect.of(sql, settings)

  const sequences = Effect.map((rows: ReadonlyArray<{ readonly sequence: Integer }>) =>
    rows.map((row) => Number(row.sequence))
  )
  const length = Effect.map((rows: ReadonlyArray<object>) => rows.length)

  const isNamed = (ids: ReadonlyArray<string> | undefined): Statement.Fragment =>
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
