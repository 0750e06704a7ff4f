/**
 * Counts the rows of an ingestion. Each offered row gets exactly one outcome, and each outcome has a count. All rows of
 * a request get their outcome together, and the requests of a batch follow the order of its rows. So for each batch,
 * the ledger only needs to store how many of the first rows have an outcome.
 */
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberId from "effect/FiberId"
import type * as IngestError from "../../IngestError.js"
import type { End, IngestReport } from "../../IngestReport.js"
import type { AddDataError } from "../../WebhooksService.js"
import * as Listeners from "./listeners.js"

/** Rows that are sent together, in their order. Each list has one item for each row. */
export interface Batch<A> {
  readonly rows: Array<A>
  /** The index of each row within the ingestion. The indexes ascend. */
  readonly indexes: Array<number>
  /** The JSON of all rows, separated by commas. It is empty until the batch is complete. */
  text: string
  /** The position in `text` at which each row ends. */
  readonly ends: Array<number>
  /** The size of each row's JSON in UTF-8, in bytes. */
  readonly bytes: Array<number>
  /** The number of rows that have an outcome. These are always the first rows of the batch. */
  ended: number
  /**
   * The server may have the rows from `ended` up to this position. A request with these rows is in flight, or had no
   * clear response.
   */
  sent: number
}

/** Makes a batch without rows. */
export const emptyBatch = <A>(): Batch<A> => ({
  rows: [],
  indexes: [],
  text: "",
  ends: [],
  bytes: [],
  ended: 0,
  sent: 0
})

export interface Ledger<A> {
  /** Counts a row as offered, and returns its index. */
  readonly offer: () => number
  /** Returns the number of rows that were offered so far. */
  readonly offered: () => number
  /** Returns the number of offered rows that have no outcome yet. */
  readonly pending: () => number
  /** Adds a batch when the batch has its first row. Add batches in the order of their rows. */
  readonly add: (batch: Batch<A>) => void
  /** Records the outcome `refused` for a row that was not yet in a batch. */
  readonly refuse: (row: A, index: number, error: IngestError.RowRefused) => Effect.Effect<void>
  /** Records an outcome for the next rows of a batch, up to but not including the position `to`. */
  readonly end: (batch: Batch<A>, to: number, way: End, error?: AddDataError) => Effect.Effect<void>
  /**
   * Records an outcome for the remaining rows of a batch: `unknown` for rows that the server may have, and
   * `undelivered` for all other rows.
   */
  readonly abandon: (batch: Batch<A>) => Effect.Effect<void>
  /**
   * Abandons every batch, stops the clock of the report, and wakes all waiting fibers. Do not add a batch after this
   * call.
   */
  readonly close: Effect.Effect<void>
  /** Waits until every row before an index has an outcome. */
  readonly awaitBefore: (index: number) => Effect.Effect<void>
  /** Returns the counts so far, together with the sender's counts of requests. */
  readonly report: (requests: { readonly requests: number; readonly retries: number }) => Effect.Effect<IngestReport>
}

/**
 * The callbacks that receive the outcome of each row. When rows get their outcome, `onEnded` runs before the other
 * callbacks.
 */
export interface Hooks<A> extends Listeners.Listeners<A> {
  readonly onEnded: () => void
}

/**
 * Makes the ledger of an ingestion that starts now. The function is longer than a screen, so that only code within it
 * can change a count.
 */
export const make = <A>({ onEnded, ...listeners }: Hooks<A>): Effect.Effect<Ledger<A>> =>
  Effect.map(Clock.currentTimeMillis, (startedAt) => {
    const { isHeard, tell } = Listeners.make(listeners)
    const counts: Record<End, { rows: number; bytes: number }> = {
      accepted: { rows: 0, bytes: 0 },
      refused: { rows: 0, bytes: 0 },
      dead: { rows: 0, bytes: 0 },
      unknown: { rows: 0, bytes: 0 },
      undelivered: { rows: 0, bytes: 0 }
    }
    let offered = 0
    let pending = 0
    let firstUndelivered = Number.POSITIVE_INFINITY
    let endedAt: number | undefined
    /** The batches that have rows without an outcome, in the order of their rows. */
    const open = new Set<Batch<A>>()
    const waiters = new Set<{ readonly before: number; readonly isOver: Deferred.Deferred<void> }>()

    const firstOpen = (): number => {
      for (const batch of open) {
        const index = batch.indexes[batch.ended]
        if (index !== undefined) return index
      }
      return Number.POSITIVE_INFINITY
    }

    const count = (way: End, firstIndex: number, rows: number, bytes: number): void => {
      counts[way].rows += rows
      counts[way].bytes += bytes
      pending -= rows
      if (way === "undelivered") firstUndelivered = Math.min(firstUndelivered, firstIndex)
    }

    /** Wakes each waiting fiber if all rows for which it waits have an outcome. */
    const wake = (): void => {
      if (waiters.size === 0) return
      const first = firstOpen()
      for (const waiter of waiters) {
        if (waiter.before > first) continue
        waiters.delete(waiter)
        Deferred.unsafeDone(waiter.isOver, Exit.void)
      }
    }

    const end: Ledger<A>["end"] = (batch, to, way, error) =>
      Effect.suspend(() => {
        const from = batch.ended
        const { bytes, indexes, rows } = batch
        batch.ended = to
        batch.sent = to
        const size = bytes.slice(from, to).reduce((sum, each) => sum + each, 0)
        count(way, indexes[from] ?? 0, to - from, size)
        if (to === rows.length) open.delete(batch)
        onEnded()
        const told = isHeard(way)
          ? Effect.forEach(
              rows.slice(from, to),
              (row, i) => tell({ row, index: indexes[from + i] ?? 0, end: way, bytes: bytes[from + i] ?? 0, error }),
              { discard: true }
            )
          : Effect.void
        return Effect.zipRight(Effect.uninterruptible(told), Effect.sync(wake))
      })

    const abandon: Ledger<A>["abandon"] = (batch) =>
      Effect.zipRight(
        Effect.suspend(() => (batch.sent > batch.ended ? end(batch, batch.sent, "unknown") : Effect.void)),
        Effect.suspend(() =>
          batch.rows.length > batch.ended ? end(batch, batch.rows.length, "undelivered") : Effect.void
        )
      )

    return {
      offer: () => {
        pending += 1
        offered += 1
        return offered - 1
      },
      offered: () => offered,
      pending: () => pending,
      add: (batch) => void open.add(batch),
      refuse: (row, index, error) =>
        Effect.suspend(() => {
          count("refused", index, 1, 0)
          onEnded()
          return Effect.uninterruptible(tell({ row, index, end: "refused", bytes: 0, error }))
        }),
      end,
      abandon,
      close: Effect.suspend(() => Effect.forEach(Array.from(open), abandon, { discard: true })).pipe(
        Effect.zipRight(Clock.currentTimeMillis),
        Effect.map((now) => {
          endedAt ??= now
          wake()
        })
      ),
      awaitBefore: (index) =>
        Effect.suspend(() => {
          if (firstOpen() >= index) return Effect.void
          const waiter = { before: index, isOver: Deferred.unsafeMake<void>(FiberId.none) }
          waiters.add(waiter)
          return Effect.ensuring(
            Deferred.await(waiter.isOver),
            Effect.sync(() => void waiters.delete(waiter))
          )
        }),
      report: ({ requests, retries }) =>
        Effect.map(Clock.currentTimeMillis, (now) => ({
          offered,
          accepted: { ...counts.accepted },
          refused: { ...counts.refused },
          dead: { ...counts.dead },
          unknown: { ...counts.unknown },
          undelivered: { ...counts.undelivered },
          pending,
          resumeAt: Math.min(firstOpen(), firstUndelivered, offered),
          requests,
          retries,
          elapsed: Duration.millis((endedAt ?? now) - startedAt)
        }))
    }
  })
