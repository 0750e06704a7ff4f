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
import { byteLength, joinRows, makeEncode } from "./encodeRows.js"

/** A row on its way. */
interface Row<A> {
  readonly index: number
  readonly row: A
  /** The row as JSON, encoded once. */
  readonly json: string
  /** How many bytes that has in UTF-8. */
  readonly bytes: number
  /** Whether it has ended. */
  hasEnded: boolean
  /** Whether a request carries it now. */
  isCarried: boolean
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
  readonly send: (body: string) => Effect.Effect<void, AddDataError>
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
  /** Receives each row that is refused, here or by the server, before {@link onOutcome} does. */
  readonly onRefusal: ((outcome: Outcome<A>) => Effect.Effect<void>) | undefined
  /** Receives how each row ends. */
  readonly onOutcome: ((outcome: Outcome<A>) => Effect.Effect<void>) | undefined
}

/** A running engine. */
export interface Engine<A> {
  /** Takes a row; waits while as many requests are under way as may be. Fails once the ingestion has been ended. */
  readonly push: (row: A) => Effect.Effect<void, IngestError.IngestError>
  /** {@link push} for each of several rows. */
  readonly pushAll: (rows: Iterable<A>) => Effect.Effect<void, IngestError.IngestError>
  /** Takes a row where there is room for it; otherwise yields `false`. */
  readonly tryPush: (row: A) => Effect.Effect<boolean, IngestError.IngestError>
  /** Sends what is waiting for a batch to fill, and waits until all that was pushed has ended. */
  readonly flush: Effect.Effect<void, IngestError.IngestError>
  readonly report: Effect.Effect<IngestReport>
}

/** After so many rows in a row that the server refuses alone, it is not the rows that are wrong. */
const systemic = 20

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
    /** How many batches may be under way, and how many of them may be with the server: fewer after a 429. */
    const permits = yield* Effect.makeSemaphore(parts.concurrency)
    const gate = yield* Effect.makeSemaphore(parts.concurrency)
    // the last to run when the scope ends: what is still open then was never sent
    yield* Effect.addFinalizer(() => Effect.suspend(() => abandon([...Array.from(underWay).flat(), ...batch])))
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

    /** How many rows have not ended. */
    let open = 0
    /** The rows of which some have not ended, but for those of the batch that is filling. */
    const underWay = new Set<ReadonlyArray<Row<A>>>()

    const tell = (way: End, outcome: Outcome<A>): Effect.Effect<void> => {
      const refusal = way === "refused" || way === "dead" ? parts.onRefusal?.(outcome) : undefined
      const told = parts.onOutcome?.(outcome)
      return refusal === undefined
        ? (told ?? Effect.void)
        : told === undefined
          ? refusal
          : Effect.zipRight(refusal, told)
    }

    const isHeard = (way: End): boolean =>
      parts.onOutcome !== undefined || (parts.onRefusal !== undefined && (way === "refused" || way === "dead"))

    const end = (
      rows: ReadonlyArray<Row<A>>,
      way: End,
      error?: IngestError.RowRefused | AddDataError
    ): Effect.Effect<void> => {
      for (const row of rows) {
        row.hasEnded = true
        counts[way].rows += 1
        counts[way].bytes += row.bytes
      }
      open -= rows.length
      return Effect.zipRight(
        Option.isSome(parts.capacity) && rows.length > 0 ? slots.release(rows.length) : Effect.void,
        isHeard(way)
          ? Effect.forEach(rows, ({ bytes, index, row }) => tell(way, { row, index, end: way, bytes, error }), {
              discard: true
            })
          : Effect.void
      )
    }

    const stop = (error: IngestError.IngestError): void => {
      stopped ??= error
    }

    /** Fewer at once after a 429, and slowly more again while all goes well. */
    const adapt = (next: number): Effect.Effect<void> => {
      const before = Math.floor(limit)
      limit = Math.min(parts.concurrency, Math.max(1, next))
      return Math.floor(limit) === before ? Effect.void : gate.resize(Math.floor(limit))
    }

    /** Waits as the server asks after a 429, or where it does not say, for a random part of a time that doubles. */
    const pause = (error: RateLimited, times: number): Effect.Effect<void, AddDataError> =>
      Effect.gen(function* () {
        const now = yield* Clock.currentTimeMillis
        // those refused together are told once
        if (pausedUntil <= now) yield* adapt(limit / 2)
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
        const body = parts.arrays || first === undefined ? joinRows(rows.map(({ json }) => json)) : first.json
        const send = Effect.suspend(() => {
          for (const row of rows) row.isCarried = true
          return Effect.onExit(parts.send(body), (exit) =>
            Effect.sync(() => {
              if (!Exit.isInterrupted(exit)) for (const row of rows) row.isCarried = false
            })
          )
        })
        return gate
          .withPermits(1)(Effect.zipRight(awaitPause, send))
          .pipe(
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
        const left = rows.filter((row) => !row.hasEnded)
        return Effect.zipRight(
          end(
            left.filter((row) => row.isCarried),
            "unknown"
          ),
          end(
            left.filter((row) => !row.isCarried),
            "undelivered"
          )
        )
      })

    const take = (): ReadonlyArray<Row<A>> => {
      const rows = batch
      batch = []
      batchBytes = 0
      batches += 1
      if (rows.length > 0) underWay.add(rows)
      return rows
    }

    /** Sends rows that were taken, as soon as fewer requests are under way than may be. */
    const dispatch = (rows: ReadonlyArray<Row<A>>): Effect.Effect<void> => {
      if (rows.length === 0) return Effect.void
      const forget = Effect.sync(() => void underWay.delete(rows))
      const abandoned = Effect.zipRight(abandon(rows), forget)
      return Effect.uninterruptibleMask((restore) => {
        const delivery = Effect.interruptible(deliver(rows)).pipe(
          Effect.onExit((exit) => (Exit.isSuccess(exit) ? forget : abandoned)),
          Effect.ensuring(permits.release(1))
        )
        if (Option.isSome(parts.capacity)) {
          const waiting = Effect.zipRight(Effect.interruptible(permits.take(1)), delivery).pipe(
            Effect.onInterrupt(() => abandoned)
          )
          return Effect.asVoid(FiberSet.run(sending, waiting))
        }
        return restore(permits.take(1)).pipe(
          Effect.onInterrupt(() => abandoned),
          Effect.zipRight(FiberSet.run(sending, delivery)),
          Effect.asVoid
        )
      })
    }

    /** Sends the batch that is filling now when it has waited long enough. */
    const dispatchLater = (wait: Duration.Duration): Effect.Effect<void> => {
      const filling = batches
      return Effect.asVoid(
        FiberSet.run(
          timers,
          Effect.zipRight(
            Effect.sleep(wait),
            Effect.suspend(() => (filling === batches ? dispatch(take()) : Effect.void))
          )
        )
      )
    }

    /** Fails where the ingestion was stopped, once what is under way has ended. */
    const fail: Effect.Effect<void, IngestError.IngestError> = Effect.suspend(() =>
      stopped === undefined ? Effect.void : Effect.zipRight(FiberSet.awaitEmpty(sending), Effect.fail(stopped))
    )

    /** Takes a row for which there is room; yields what has to be done before the next one, if anything has. */
    const admit = (given: A): Effect.Effect<void, IngestError.IngestError> | undefined => {
      if (stopped !== undefined) return fail
      const index = offered
      offered += 1
      open += 1
      const encoded = encode(given)
      if (Either.isLeft(encoded)) {
        const error = new RowRefused({ index, issues: encoded.left })
        if (parts.onBadRow === "fail") stop(error)
        const row = { index, row: given, json: "", bytes: 0, hasEnded: false, isCarried: false }
        return Effect.zipRight(end([row], "refused", error), fail)
      }
      const json = encoded.right
      const row: Row<A> = { index, row: given, json, bytes: byteLength(json), hasEnded: false, isCarried: false }
      // a comma for each row, and the brackets
      const before = batch.length > 0 && batchBytes + row.bytes + 2 > parts.maxBytes ? dispatch(take()) : undefined
      batch.push(row)
      batchBytes += row.bytes + 1
      const after =
        batch.length >= parts.maxRows || batchBytes + 1 >= parts.maxBytes
          ? dispatch(take())
          : batch.length === 1 && Option.isSome(parts.maxWait)
            ? dispatchLater(parts.maxWait.value)
            : undefined
      return before === undefined || after === undefined ? (before ?? after) : Effect.zipRight(before, after)
    }

    const pushAll = (rows: Iterable<A>): Effect.Effect<void, IngestError.IngestError> =>
      Effect.suspend(() => {
        const left = rows[Symbol.iterator]()
        const go = (): Effect.Effect<void, IngestError.IngestError> => {
          for (let next = left.next(); next.done !== true; next = left.next()) {
            const first = admit(next.value)
            if (first !== undefined) return Effect.flatMap(first, go)
          }
          return Effect.void
        }
        return go()
      })

    const push = (row: A): Effect.Effect<void, IngestError.IngestError> =>
      Option.isNone(parts.capacity)
        ? pushAll([row])
        : Effect.uninterruptibleMask((restore) =>
            Effect.zipRight(
              restore(slots.take(1)),
              Effect.suspend(() =>
                stopped === undefined ? (admit(row) ?? Effect.void) : Effect.zipRight(slots.release(1), fail)
              )
            )
          )

    const tryPush = (row: A): Effect.Effect<boolean, IngestError.IngestError> =>
      Effect.suspend(() =>
        Option.isSome(parts.capacity) && open >= parts.capacity.value
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
      pending: open,
      requests,
      retries,
      elapsed: Duration.millis(now - startedAt)
    }))

    return {
      push,
      pushAll,
      tryPush,
      flush: Effect.suspend(() => dispatch(take())).pipe(
        Effect.zipRight(FiberSet.awaitEmpty(sending)),
        Effect.zipRight(fail)
      ),
      report
    }
  })
