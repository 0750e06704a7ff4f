/**
 * The engine under `WebhookSink` and `Ingestor`: takes rows one after the other, sends them alone or in batches, and
 * brings each to exactly one end.
 */
import * as Delivery from "@mammoth-effect/core/Delivery"
import type { RateLimited } from "@mammoth-effect/core/WebhooksError"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as FiberSet from "effect/FiberSet"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import type * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import type * as IngestError from "../IngestError.js"
import { RowRefused } from "../IngestError.js"
import type { End, IngestReport } from "../IngestReport.js"
import type { AddDataError } from "../Webhooks.js"
import { joinRows, makeEncode } from "./encodeRows.js"

/** A row on its way. */
export interface Row<A> {
  readonly index: number
  readonly row: A
  /** The row as JSON in UTF-8, encoded once. */
  readonly bytes: Uint8Array
}

/** How one row ended. */
export interface Outcome<A> {
  readonly row: A
  readonly index: number
  readonly end: End
  readonly bytes: number
  readonly error: IngestError.RowRefused | AddDataError | undefined
}

/** What an engine is made of. */
export interface Parts<A, I> {
  readonly schema: Schema.Schema<A, I>
  /** Sends one body, which is a document or an array of documents. */
  readonly send: (body: Uint8Array, isRepeat: boolean) => Effect.Effect<void, AddDataError>
  readonly concurrency: number
  /** How many rows may be on their way or wait; without a capacity a push waits until its request can be made. */
  readonly capacity: Option.Option<number>
  readonly maxRows: number
  readonly maxBytes: number
  readonly maxWait: Option.Option<Duration.Duration>
  /** Whether a batch is sent as an array. */
  readonly arrays: boolean
  readonly onBadRow: "fail" | "continue"
  readonly deadline: Option.Option<Duration.Duration>
  /** Receives how each row ends. */
  readonly onOutcome: (outcome: Outcome<A>) => Effect.Effect<void>
}

/** A running engine. */
export interface Engine<A> {
  /** Takes a row; waits while as many requests are under way as may be. Fails once the ingestion has been ended. */
  readonly push: (row: A) => Effect.Effect<void, IngestError.IngestError>
  /** Takes a row where there is room for it; otherwise yields `false`. */
  readonly tryPush: (row: A) => Effect.Effect<boolean, IngestError.IngestError>
  /** Sends what is waiting for a batch to fill, and waits until all that was pushed has ended. */
  readonly flush: Effect.Effect<void, IngestError.IngestError>
  readonly report: Effect.Effect<IngestReport>
}

/** After so many rows in a row that the server refuses alone, it is not the rows that are wrong. */
const systemic = 20

const nothing = new Uint8Array()

/** Does the server refuse what was sent, rather than who sends it or that it is sent now? */
const isRefusal = (error: AddDataError): boolean =>
  error._tag === "PayloadTooLarge"
  || error._tag === "BadRequest"
  || (error._tag === "UnexpectedStatus" && error.delivery === "Rejected")

/** Would every further row meet the same? */
const isStop = (error: AddDataError): boolean =>
  !isRefusal(error) && Delivery.max(error.delivery, "Rejected") === "Rejected"

const endOf = (error: AddDataError): End =>
  error.delivery === "Unknown" || error.delivery === "Accepted" ? "unknown" : isRefusal(error) ? "dead" : "undelivered"

/** Starts an engine; what is still under way when the scope ends is interrupted, and its rows are `unknown`. */
export const make = <A, I>(parts: Parts<A, I>): Effect.Effect<Engine<A>, never, Scope.Scope> =>
  Effect.gen(function* () {
    const encode = makeEncode(parts.schema)
    const startedAt = yield* Clock.currentTimeMillis
    const permits = yield* Effect.makeSemaphore(parts.concurrency)
    // the last to run when the scope ends: what is still open then was never sent
    yield* Effect.addFinalizer(() => Effect.suspend(() => abandon(Array.from(open))))
    const slots = yield* Effect.makeSemaphore(Option.getOrElse(parts.capacity, () => 1))
    const sending = yield* FiberSet.make()
    const timers = yield* FiberSet.make()
    const counts: Record<End, { rows: number; bytes: number }> = {
      accepted: { rows: 0, bytes: 0 },
      refused: { rows: 0, bytes: 0 },
      dead: { rows: 0, bytes: 0 },
      unknown: { rows: 0, bytes: 0 },
      undelivered: { rows: 0, bytes: 0 }
    }
    let offered = 0
    let requests = 0
    let retries = 0
    let batch: Array<Row<A>> = []
    let batchBytes = 0
    /** Which batch is filling, counted from 0. */
    let batches = 0
    let stopped: IngestError.IngestError | undefined
    let refusedAlone = 0
    let limit = parts.concurrency
    let pausedUntil = 0

    /** The rows that have not ended, and of these the ones that a request carries now. */
    const open = new Set<Row<A>>()
    const carried = new Set<Row<A>>()

    const end = (
      rows: Iterable<Row<A>>,
      way: End,
      error?: IngestError.RowRefused | AddDataError
    ): Effect.Effect<void> => {
      const ending = Array.from(rows)
      let freed = 0
      for (const row of ending) {
        if (open.delete(row)) freed += 1
        counts[way].rows += 1
        counts[way].bytes += row.bytes.length
      }
      return Effect.zipRight(
        Option.isSome(parts.capacity) && freed > 0 ? slots.release(freed) : Effect.void,
        Effect.forEach(
          ending,
          ({ bytes, index, row }) => parts.onOutcome({ row, index, end: way, bytes: bytes.length, error }),
          { discard: true }
        )
      )
    }

    const stop = (error: IngestError.IngestError): void => {
      stopped ??= error
    }

    /** Fewer at once after a 429, and slowly more again while all goes well. */
    const adapt = (next: number): Effect.Effect<void> => {
      const before = Math.floor(limit)
      limit = Math.min(parts.concurrency, Math.max(1, next))
      return Math.floor(limit) === before ? Effect.void : permits.resize(Math.floor(limit))
    }

    /** Waits as the server asks after a 429, or where it does not say, for a random part of a time that doubles. */
    const pause = (error: RateLimited, times: number): Effect.Effect<void, AddDataError> =>
      Effect.gen(function* () {
        yield* adapt(limit / 2)
        const now = yield* Clock.currentTimeMillis
        const share = yield* Random.next
        const asked = Option.match(error.retryAfter, {
          onNone: () => Math.min(60_000, 500 * 2 ** Math.min(times, 10)) * share,
          onSome: Duration.toMillis
        })
        pausedUntil = Math.max(pausedUntil, now + asked)
        if (Option.isSome(parts.deadline) && pausedUntil > startedAt + Duration.toMillis(parts.deadline.value)) {
          return yield* Effect.fail(error)
        }
      })

    const awaitPause: Effect.Effect<void> = Effect.flatMap(Clock.currentTimeMillis, (now) =>
      pausedUntil <= now ? Effect.void : Effect.zipRight(Effect.sleep(pausedUntil - now), awaitPause)
    )

    const attempt = (rows: ReadonlyArray<Row<A>>, times = 0): Effect.Effect<void, AddDataError> =>
      Effect.suspend(() => {
        if (times === 0) requests += 1
        else retries += 1
        const [first] = rows
        const body = parts.arrays || first === undefined ? joinRows(rows.map(({ bytes }) => bytes)) : first.bytes
        const send = Effect.suspend(() => {
          for (const row of rows) carried.add(row)
          return Effect.onExit(parts.send(body, times > 0), (exit) =>
            Effect.sync(() => {
              if (!Exit.isInterrupted(exit)) for (const row of rows) carried.delete(row)
            })
          )
        })
        return Effect.zipRight(awaitPause, send).pipe(
          Effect.catchTag("RateLimited", (error) => Effect.zipRight(pause(error, times), attempt(rows, times + 1)))
        )
      })

    /** Sends rows together, and where the server refuses them, in halves, until what it refuses stands alone. */
    const deliver = (rows: ReadonlyArray<Row<A>>): Effect.Effect<void> =>
      Effect.suspend(() => {
        if (stopped !== undefined) return end(rows, "undelivered")
        return Effect.matchEffect(attempt(rows), {
          onSuccess: () => {
            refusedAlone = 0
            return Effect.zipRight(end(rows, "accepted"), adapt(limit + 1 / limit))
          },
          onFailure: (error) => {
            if (isRefusal(error) && error.delivery === "Rejected" && rows.length > 1) {
              const half = Math.ceil(rows.length / 2)
              return Effect.zipRight(deliver(rows.slice(0, half)), deliver(rows.slice(half)))
            }
            const way = endOf(error)
            if (error._tag === "BadRequest" && way === "dead") {
              refusedAlone += 1
              if (refusedAlone >= systemic) stop(error)
            }
            if (isStop(error)) stop(error)
            return end(rows, way, error)
          }
        })
      })

    /** Brings rows that are interrupted to their end: nobody knows of those that a request carried. */
    const abandon = (rows: ReadonlyArray<Row<A>>): Effect.Effect<void> =>
      Effect.suspend(() => {
        const left = rows.filter((row) => open.has(row))
        return Effect.zipRight(
          end(
            left.filter((row) => carried.has(row)),
            "unknown"
          ),
          end(
            left.filter((row) => !carried.has(row)),
            "undelivered"
          )
        )
      })

    const take = (): ReadonlyArray<Row<A>> => {
      const rows = batch
      batch = []
      batchBytes = 0
      batches += 1
      return rows
    }

    /** Sends the batch as soon as fewer requests are under way than may be. */
    const dispatch: Effect.Effect<void> = Effect.uninterruptibleMask((restore) =>
      Effect.suspend(() => {
        const rows = take()
        if (rows.length === 0) return Effect.void
        const delivery = Effect.interruptible(deliver(rows)).pipe(
          Effect.onExit((exit) => (Exit.isSuccess(exit) ? Effect.void : abandon(rows))),
          Effect.ensuring(permits.release(1))
        )
        if (Option.isSome(parts.capacity)) {
          const waiting = Effect.zipRight(Effect.interruptible(permits.take(1)), delivery).pipe(
            Effect.onInterrupt(() => abandon(rows))
          )
          return Effect.asVoid(FiberSet.run(sending, waiting))
        }
        return restore(permits.take(1)).pipe(
          Effect.onInterrupt(() => abandon(rows)),
          Effect.zipRight(FiberSet.run(sending, delivery)),
          Effect.asVoid
        )
      })
    )

    /** Sends the batch that is filling now when it has waited long enough. */
    const dispatchLater = (wait: Duration.Duration): Effect.Effect<void> => {
      const filling = batches
      return Effect.asVoid(
        FiberSet.run(
          timers,
          Effect.zipRight(
            Effect.sleep(wait),
            Effect.suspend(() => (filling === batches ? dispatch : Effect.void))
          )
        )
      )
    }

    /** Fails where the ingestion was stopped, once what is under way has ended. */
    const fail: Effect.Effect<void, IngestError.IngestError> = Effect.suspend(() =>
      stopped === undefined ? Effect.void : Effect.zipRight(FiberSet.awaitEmpty(sending), Effect.fail(stopped))
    )

    /** Takes a row for which there is room; yields whether the row is on its way. */
    const accept = (given: A): Effect.Effect<boolean, IngestError.IngestError> =>
      Effect.suspend(() => {
        if (stopped !== undefined) return Effect.as(fail, false)
        const index = offered
        offered += 1
        const encoded = encode(given)
        if (Either.isLeft(encoded)) {
          const error = new RowRefused({ index, issues: encoded.left })
          if (parts.onBadRow === "fail") stop(error)
          return end([{ index, row: given, bytes: nothing }], "refused", error).pipe(
            Effect.zipRight(fail),
            Effect.as(false)
          )
        }
        const row: Row<A> = { index, row: given, bytes: encoded.right }
        open.add(row)
        // a comma for each row, and the brackets
        const isOver = batch.length > 0 && batchBytes + row.bytes.length + 2 > parts.maxBytes
        return (isOver ? dispatch : Effect.void).pipe(
          Effect.zipRight(
            Effect.suspend(() => {
              batch.push(row)
              batchBytes += row.bytes.length + 1
              if (batch.length >= parts.maxRows || batchBytes + 1 >= parts.maxBytes) return dispatch
              return batch.length === 1 && Option.isSome(parts.maxWait)
                ? dispatchLater(parts.maxWait.value)
                : Effect.void
            })
          ),
          Effect.as(true)
        )
      })

    const push = (row: A): Effect.Effect<void, IngestError.IngestError> =>
      Option.isNone(parts.capacity)
        ? Effect.asVoid(accept(row))
        : Effect.uninterruptibleMask((restore) =>
            Effect.zipRight(restore(slots.take(1)), accept(row)).pipe(
              Effect.tapBoth({
                onFailure: () => slots.release(1),
                onSuccess: (isOnItsWay) => (isOnItsWay ? Effect.void : slots.release(1))
              })
            )
          )

    const tryPush = (row: A): Effect.Effect<boolean, IngestError.IngestError> =>
      Effect.suspend(() =>
        Option.isSome(parts.capacity) && open.size >= parts.capacity.value
          ? Effect.succeed(false)
          : Effect.as(push(row), true)
      )

    const report = Effect.map(Clock.currentTimeMillis, (now): IngestReport => ({
      offered,
      accepted: { ...counts.accepted },
      refused: { ...counts.refused },
      dead: { ...counts.dead },
      unknown: { ...counts.unknown },
      undelivered: { ...counts.undelivered },
      pending: open.size,
      requests,
      retries,
      elapsed: Duration.millis(now - startedAt)
    }))

    return {
      push,
      tryPush,
      flush: dispatch.pipe(Effect.zipRight(FiberSet.awaitEmpty(sending)), Effect.zipRight(fail)),
      report
    }
  })
