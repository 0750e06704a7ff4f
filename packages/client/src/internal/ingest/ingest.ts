/**
 * The engine under `WebhookSink` and `Ingestor`: takes rows one after the other, sends them alone or in batches, and
 * brings each to exactly one end.
 */
import * as Delivery from "@mammoth-effect/core/Delivery"
import type * as Issue from "@mammoth-effect/core/Issue"
import * as Verdict from "@mammoth-effect/core/Verdict"
import * as Wait from "@mammoth-effect/core/Wait"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as FiberHandle from "effect/FiberHandle"
import * as FiberId from "effect/FiberId"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Queue from "effect/Queue"
import * as Random from "effect/Random"
import type * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Bisection from "../../Bisection.js"
import * as EventLoop from "../../EventLoop.js"
import { lineOf } from "../../FileRow.js"
import type * as IngestError from "../../IngestError.js"
import { IngestorClosed, RowRefused } from "../../IngestError.js"
import type { End, IngestReport } from "../../IngestReport.js"
import type { AddDataError } from "../../Webhooks.js"
import { makeEncoder, threw } from "../codec/encodeRows.js"

/** A row on its way. */
interface Row<A> {
  readonly index: number
  readonly row: A
  /** Where its JSON begins in that of its batch, and how long it is there. */
  readonly at: number
  readonly length: number
  /** How many bytes its JSON has in UTF-8. */
  readonly bytes: number
  /** Whether it has ended. */
  hasEnded: boolean
  /** Whether a request carries it, or carried it and nobody knows what came of it. */
  mayBeThere: boolean
}

/** A batch, or a part of one, with the JSON of the whole batch: its rows, encoded once, with commas between them. */
interface Load<A> {
  readonly rows: ReadonlyArray<Row<A>>
  readonly text: string
}

/** The JSON of the rows of a load, with commas between them. */
const textOf = <A>({ rows, text }: Load<A>): string => {
  const [first, last] = [rows[0], rows.at(-1)]
  return first === undefined || last === undefined ? "" : text.slice(first.at, last.at + last.length)
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
  /** How many rows may be on their way or wait; without a capacity rows are taken as fast as requests begin. */
  readonly capacity: Option.Option<number>
  readonly maxRows: number
  readonly maxBytes: number
  readonly maxWait: Option.Option<Duration.Duration>
  /** Whether a batch is sent as an array. */
  readonly arrays: boolean
  readonly onBadRow: "fail" | "continue"
  /** How long 429s may hold back a run from its start, or with a capacity each request. */
  readonly deadline: Option.Option<Duration.Duration>
  /** Receives each row that is refused, here or by the server, before {@link onOutcome} does. */
  readonly onRefusal: ((outcome: Outcome<A>) => Effect.Effect<void>) | undefined
  /** Receives how each row ends. */
  readonly onOutcome: ((outcome: Outcome<A>) => Effect.Effect<void>) | undefined
}

/** A running engine. */
export interface Engine<A> {
  /** Takes rows, as fast as they are sent. Fails once the ingestion has been ended. */
  readonly pushAll: (rows: Iterable<A>) => Effect.Effect<void, IngestError.IngestError>
  /** Takes a row into the buffer; waits while that is full. Fails once the ingestion has been ended, or closed. */
  readonly push: (row: A) => Effect.Effect<void, IngestError.IngestError | IngestError.IngestorClosed>
  /** Takes a row where there is room for it; otherwise yields `false`. */
  readonly tryPush: (row: A) => Effect.Effect<boolean, IngestError.IngestError | IngestError.IngestorClosed>
  /** Sends what is waiting for a batch to fill, and waits until all that was taken before has ended. */
  readonly flush: Effect.Effect<void, IngestError.IngestError>
  /** Takes no further row. */
  readonly close: Effect.Effect<void>
  readonly report: Effect.Effect<IngestReport>
}

/** What lets a part of something uninterruptible be interrupted. */
type Restore = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>

/** How rows end that are not sent again. */
const endOf: Readonly<Record<Verdict.Verdict, End>> = {
  delivered: "accepted",
  refused: "dead",
  blocked: "undelivered",
  throttled: "undelivered",
  notSent: "undelivered",
  unknown: "unknown"
}

/** Can the request be sent again as it is, later? */
const isThrottle = (error: AddDataError): boolean =>
  // also after an attempt of which nobody knows, as only a policy that takes duplicates makes another then
  error._tag === "RateLimited" || Verdict.of(error) === "throttled"

/** Starts an engine. Its scope's end is its end: see {@link Engine.flush} for what has to come before. */
export const make = <A, I>(parts: Parts<A, I>): Effect.Effect<Engine<A>, never, Scope.Scope> =>
  Effect.gen(function* () {
    const encode = makeEncoder(parts.schema)
    /** Encoding gives the event loop back between two rows. */
    const turns = yield* EventLoop.makeTurns
    const isBuffered = Option.isSome(parts.capacity)
    const startedAt = yield* Clock.currentTimeMillis
    /** Batches that no worker has taken yet. */
    const ready = yield* Queue.unbounded<Load<A>>()
    /** Open while no batch waits for a worker. */
    const hasRoom = yield* Effect.makeLatch(true)
    /** How many requests may be with the server: as many as there are workers, fewer after a 429. */
    const gate = yield* Effect.makeSemaphore(parts.concurrency)
    /** Done once nothing more is to be sent. */
    const halted = yield* Deferred.make<void>()
    const counts: Record<End, { rows: number; bytes: number }> = {
      accepted: { rows: 0, bytes: 0 },
      refused: { rows: 0, bytes: 0 },
      dead: { rows: 0, bytes: 0 },
      unknown: { rows: 0, bytes: 0 },
      undelivered: { rows: 0, bytes: 0 }
    }
    let offered = 0
    let open = 0
    /** Offers that wait for room, first come, first served; they hear whether they have it. */
    const waiting = new Set<Deferred.Deferred<boolean>>()
    /** How many have been given room that they have not used yet. */
    let reserved = 0
    let requests = 0
    let retries = 0
    let batch: Array<Row<A>> = []
    /** The JSON of its rows. */
    let texts: Array<string> = []
    let batchLength = 0
    let batchBytes = 0
    /** Which batch is filling, counted from 0. */
    let batches = 0
    let queued = 0
    let firstUndelivered = Number.POSITIVE_INFINITY
    let stopped: IngestError.IngestError | undefined
    /** What a callback or the transport died of. */
    let defect: Cause.Cause<never> | undefined
    let isHalted = false
    let isClosed = false
    let endedAt: number | undefined
    const streak = Bisection.makeStreak()
    let limit = parts.concurrency
    let pausedUntil = 0
    /** The batches of which some rows have not ended, in the order of their rows, but for the one that is filling. */
    const underWay = new Set<ReadonlyArray<Row<A>>>()
    /** Who waits until all rows before one have ended. */
    const waiters = new Set<{ readonly before: number; readonly isOver: Deferred.Deferred<void> }>()

    /** The first row that has not ended. */
    const firstOpen = (): number => {
      for (const rows of underWay) {
        const row = rows.find(({ hasEnded }) => !hasEnded)
        if (row !== undefined) return row.index
      }
      return batch[0]?.index ?? Number.POSITIVE_INFINITY
    }

    const halt = Effect.suspend(() => {
      isHalted = true
      return Effect.asVoid(Deferred.succeed(halted, undefined))
    })

    const isFull = (): boolean => Option.exists(parts.capacity, (capacity) => open + reserved >= capacity)

    /** Gives room to those that wait, as far as there is some. */
    const giveRoom = (): void => {
      for (const offer of waiting) {
        if (isFull()) return
        waiting.delete(offer)
        reserved += 1
        Deferred.unsafeDone(offer, Exit.succeed(true))
      }
    }

    /** Tells those that wait that there will be no room. */
    const turnAway = (): void => {
      for (const offer of waiting) Deferred.unsafeDone(offer, Exit.succeed(false))
      waiting.clear()
    }

    const stop = (error: IngestError.IngestError): Effect.Effect<void> => {
      stopped ??= error
      turnAway()
      return halt
    }

    /** A callback that dies is no reason to lose what others have to hear. */
    const survive = (callback: Effect.Effect<void>): Effect.Effect<void> =>
      Effect.catchAllCause(callback, (cause) => {
        // a run dies of it at its end, and what lives on does not
        if (!isBuffered) defect ??= cause
        return Effect.logError("a callback of the ingestion died", cause)
      })

    const tell = (outcome: Outcome<A>): Effect.Effect<void> => {
      const { end } = outcome
      const refusal =
        parts.onRefusal !== undefined && (end === "refused" || end === "dead")
          ? survive(Effect.suspend(() => parts.onRefusal?.(outcome) ?? Effect.void))
          : Effect.void
      return parts.onOutcome === undefined
        ? refusal
        : Effect.zipRight(refusal, survive(Effect.suspend(() => parts.onOutcome?.(outcome) ?? Effect.void)))
    }

    const isHeard = (way: End): boolean =>
      parts.onOutcome !== undefined || (parts.onRefusal !== undefined && (way === "refused" || way === "dead"))

    /** Brings rows to their end, and hands each over: as a whole, whatever interrupts. */
    const end = (
      rows: ReadonlyArray<Row<A>>,
      way: End,
      error?: IngestError.RowRefused | AddDataError
    ): Effect.Effect<void> => {
      if (rows.length === 0) return Effect.void
      for (const row of rows) {
        row.hasEnded = true
        counts[way].rows += 1
        counts[way].bytes += row.bytes
        if (way === "undelivered") firstUndelivered = Math.min(firstUndelivered, row.index)
      }
      open -= rows.length
      giveRoom()
      return isHeard(way)
        ? Effect.uninterruptible(
            Effect.forEach(rows, ({ bytes, index, row }) => tell({ row, index, end: way, bytes, error }), {
              discard: true
            })
          )
        : Effect.void
    }

    /** Ends the rows that have not: nobody knows of those that a request carried. */
    const abandon = (rows: ReadonlyArray<Row<A>>): Effect.Effect<void> =>
      Effect.suspend(() => {
        const left = rows.filter(({ hasEnded }) => !hasEnded)
        return Effect.zipRight(
          end(
            left.filter(({ mayBeThere }) => mayBeThere),
            "unknown"
          ),
          end(
            left.filter(({ mayBeThere }) => !mayBeThere),
            "undelivered"
          )
        )
      })

    /** Fewer at once after a 429, and slowly more again while all goes well. */
    const adapt = (next: number): Effect.Effect<void> => {
      const before = Math.floor(limit)
      limit = Math.min(parts.concurrency, Math.max(1, next))
      return Math.floor(limit) === before ? Effect.void : gate.resize(Math.floor(limit))
    }

    /** Has all wait as long as the server asks, or a random part of a time that doubles if that is longer. */
    const pause = (error: AddDataError, times: number, since: number): Effect.Effect<void, AddDataError> =>
      Effect.gen(function* () {
        const now = yield* Clock.currentTimeMillis
        const share = yield* Random.next
        const own = Math.min(60_000, 500 * 2 ** Math.min(times, 10)) * share
        const asked = Option.match(Verdict.retryAfter(error), { onNone: () => 0, onSome: Duration.toMillis })
        const until = now + Math.max(own, asked)
        if (Option.isSome(parts.deadline) && until > since + Duration.toMillis(parts.deadline.value)) {
          return yield* Effect.fail(error)
        }
        // those refused together are told once
        if (pausedUntil <= now) yield* adapt(limit / 2)
        pausedUntil = Math.max(pausedUntil, until)
      })

    const awaitPause: Effect.Effect<void> = Effect.flatMap(Clock.currentTimeMillis, (now) =>
      pausedUntil <= now || isHalted
        ? Effect.void
        : Effect.zipRight(Effect.raceFirst(Wait.sleep(pausedUntil - now), Deferred.await(halted)), awaitPause)
    )

    const send = (load: Load<A>, isRepeat: boolean): Effect.Effect<boolean, AddDataError> =>
      Effect.suspend(() => {
        if (isHalted) return Effect.succeed(false)
        if (isRepeat) retries += 1
        else requests += 1
        const { rows } = load
        const before = rows[0]?.mayBeThere === true
        for (const row of rows) row.mayBeThere = true
        return Effect.mapBoth(parts.send(parts.arrays ? `[${textOf(load)}]` : textOf(load)), {
          onFailure: (error) => {
            if (!before && Delivery.max(error.delivery, "Rejected") === "Rejected") {
              for (const row of rows) row.mayBeThere = false
            }
            return error
          },
          onSuccess: () => true
        })
      })

    /** Sends rows together, again after each throttled request; returns `false` if the run stopped before. */
    const attempt = (load: Load<A>, times = 0, since = startedAt): Effect.Effect<boolean, AddDataError> =>
      gate
        .withPermits(1)(Effect.zipRight(awaitPause, send(load, times > 0)))
        .pipe(
          Effect.catchIf(isThrottle, (error) =>
            Effect.flatMap(Clock.currentTimeMillis, (now) => {
              // a run has its deadline, and in one without an end each request
              const from = isBuffered && times === 0 ? now : since
              return Effect.zipRight(pause(error, times, from), attempt(load, times + 1, from))
            })
          )
        )

    /** Brings rows whose request failed to their end, unless they are to be sent in halves: those it returns. */
    const failed = (rows: ReadonlyArray<Row<A>>, error: AddDataError): Effect.Effect<ReadonlyArray<Row<A>>> => {
      const own = Verdict.of(error)
      const verdict = own !== "delivered" && rows[0]?.mayBeThere === true ? "unknown" : own
      if (verdict === "refused" && rows.length > 1) return Effect.succeed(rows)
      streak.note(verdict, rows.length, error)
      const ending = end(rows, endOf[verdict], verdict === "delivered" ? undefined : error)
      return Effect.as(endsWith(verdict, error) ? Effect.zipRight(stop(error), ending) : ending, [])
    }

    /** Does the ingestion end with this? */
    const endsWith = (verdict: Verdict.Verdict, error: AddDataError): boolean => {
      switch (verdict) {
        case "refused":
          return !streak.isRowToBlame(error)
        case "blocked":
          return true
        case "throttled":
        case "notSent":
          return !isBuffered
        case "unknown":
          return !isBuffered && streak.isServerDown()
        case "delivered":
          return false
      }
    }

    /** Sends rows in one request, and returns those that were refused together. */
    const request = (load: Load<A>, restore: Restore): Effect.Effect<ReadonlyArray<Row<A>>> =>
      Effect.flatMap(Effect.exit(restore(attempt(load))), (exit) => {
        const { rows } = load
        if (Exit.isSuccess(exit)) {
          if (!exit.value) return Effect.as(abandon(rows), [])
          streak.note("delivered", rows.length)
          return Effect.as(Effect.zipRight(end(rows, "accepted"), adapt(limit + 1 / limit)), [])
        }
        return Either.match(Cause.failureOrCause(exit.cause), {
          onLeft: (error) => failed(rows, error),
          onRight: (cause) => {
            if (Cause.isInterrupted(cause)) return Effect.as(abandon(rows), [])
            defect ??= cause
            return Effect.as(Effect.zipRight(halt, abandon(rows)), [])
          }
        })
      })

    /** Brings the rows of a batch to their end. */
    const deliver = ({ rows, text }: Load<A>, restore: Restore): Effect.Effect<void> =>
      Bisection.run(rows, (part) => request({ rows: part, text }, restore))

    const settle = (rows: ReadonlyArray<Row<A>>): Effect.Effect<void> =>
      Effect.suspend(() => {
        underWay.delete(rows)
        if (waiters.size === 0) return Effect.void
        const first = firstOpen()
        return Effect.forEach(
          Array.from(waiters).filter(({ before }) => before <= first),
          (waiter) => {
            waiters.delete(waiter)
            return Deferred.succeed(waiter.isOver, undefined)
          },
          { discard: true }
        )
      })

    const work: Effect.Effect<void> = Effect.uninterruptibleMask((restore) =>
      Effect.flatMap(restore(Queue.take(ready)), (load) => {
        queued -= 1
        if (queued === 0) hasRoom.unsafeOpen()
        return Effect.zipRight(deliver(load, restore), settle(load.rows))
      })
    )

    /** Puts the batch that is filling before the workers; who has more has to wait for them. */
    const enqueue = (): void => {
      if (batch.length === 0) return
      const rows = batch
      const text = texts.join(",")
      batch = []
      texts = []
      batchLength = 0
      batchBytes = 0
      batches += 1
      queued += 1
      underWay.add(rows)
      hasRoom.unsafeClose()
      ready.unsafeOffer({ rows, text })
    }

    // what is still open at the very end was never sent, or nobody knows
    yield* Effect.addFinalizer(() =>
      Effect.suspend(() => {
        isClosed = true
        turnAway()
        const left = [...Array.from(underWay).flat(), ...batch]
        underWay.clear()
        batch = []
        return Effect.zipRight(abandon(left), Clock.currentTimeMillis)
      }).pipe(
        Effect.map((now) => {
          endedAt ??= now
          for (const { isOver } of waiters) Deferred.unsafeDone(isOver, Exit.void)
          waiters.clear()
        })
      )
    )
    const timer = yield* FiberHandle.make()
    yield* Effect.forEach(
      Array.from({ length: parts.concurrency }),
      () => Effect.forkScoped(Effect.interruptible(Effect.forever(work))),
      { discard: true }
    )
    // nothing more is sent; where the source of a run fails, what is with the server may end
    yield* Effect.addFinalizer((exit) =>
      Effect.zipRight(
        halt,
        !isBuffered && Exit.isFailure(exit) && !Cause.isInterrupted(exit.cause)
          ? Effect.interruptible(Effect.suspend(() => ended(firstOfBatch())))
          : Effect.void
      )
    )

    const firstOfBatch = (): number => batch[0]?.index ?? offered

    /** Waits until all rows before one have ended. */
    const ended = (before: number): Effect.Effect<void> => {
      if (firstOpen() >= before) return Effect.void
      const waiter = { before, isOver: Deferred.unsafeMake<void>(FiberId.none) }
      waiters.add(waiter)
      return Effect.ensuring(
        Deferred.await(waiter.isOver),
        Effect.sync(() => void waiters.delete(waiter))
      )
    }

    const outcome: Effect.Effect<void, IngestError.IngestError> = Effect.suspend(() =>
      defect !== undefined ? Effect.failCause(defect) : stopped !== undefined ? Effect.fail(stopped) : Effect.void
    )

    const flush = Effect.suspend(() => {
      enqueue()
      return Effect.zipRight(ended(offered), outcome)
    })

    /** Fails where the ingestion was stopped, in a run once what is under way has ended. */
    const fail = isBuffered ? outcome : flush

    const enqueueLater = (wait: Duration.Duration): Effect.Effect<void> =>
      Effect.suspend(() => {
        const filling = batches
        // where a batch waits for a worker already, this one goes on filling
        const later = Wait.sleep(wait).pipe(
          Effect.zipRight(isBuffered ? Effect.void : hasRoom.await),
          Effect.zipRight(Effect.sync(() => (filling === batches ? enqueue() : undefined)))
        )
        return Effect.asVoid(FiberHandle.run(timer, Effect.interruptible(later)))
      })

    const refused = (given: A, wrong: Issue.Issues, restore: Restore): Effect.Effect<void, IngestError.IngestError> => {
      const error = new RowRefused({ index: offered, line: lineOf(given), ...wrong })
      const row = { index: offered, row: given, at: 0, length: 0, bytes: 0, hasEnded: false, mayBeThere: false }
      offered += 1
      open += 1
      const ending = Effect.suspend(() => end([row], "refused", error))
      return parts.onBadRow === "fail" ? Effect.zipRight(Effect.zipRight(stop(error), ending), restore(fail)) : ending
    }

    /** A buffer is limited by its rows, a run by the workers: it goes on when they have taken what there was. */
    const wait = isBuffered ? Effect.void : hasRoom.await

    /** Takes a row for which there is room; yields what has to be done before the next one, if anything has. */
    const admit = (given: A, restore: Restore): Effect.Effect<void, IngestError.IngestError> | undefined => {
      if (stopped !== undefined || defect !== undefined) return restore(fail)
      const json = encode.row(given)
      if (!Predicate.isString(json)) return refused(given, json, restore)
      const bytes = encode.byteLength(json)
      const before = batches
      // a comma for each row, and the brackets
      if (batch.length > 0 && batchBytes + bytes + 2 > parts.maxBytes) enqueue()
      const isFirst = batch.length === 0
      batch.push({
        index: offered,
        row: given,
        at: batchLength,
        length: json.length,
        bytes,
        hasEnded: false,
        mayBeThere: false
      })
      texts.push(json)
      batchLength += json.length + 1
      batchBytes += bytes + 1
      offered += 1
      open += 1
      // a batch that fills needs room to fill: where there is none it goes as it is
      const isStuck = waiting.size > 0 && isFull()
      if (batch.length >= parts.maxRows || batchBytes + 1 >= parts.maxBytes || isStuck) enqueue()
      const later =
        isFirst && batch.length > 0 && Option.isSome(parts.maxWait) ? enqueueLater(parts.maxWait.value) : undefined
      if (batches === before) return later
      return later === undefined ? restore(wait) : Effect.zipRight(later, restore(wait))
    }

    /** Takes a row; one on which its schema throws is refused. */
    const takeOne = (row: A, restore: Restore): Effect.Effect<void, IngestError.IngestError> =>
      Either.merge(
        Either.try({
          try: () => admit(row, restore) ?? Effect.void,
          catch: () => refused(row, threw, restore)
        })
      )

    /** Takes rows one after the other. */
    const take = (rows: Iterable<A>, restore: Restore): Effect.Effect<void, IngestError.IngestError> =>
      Effect.suspend(() => {
        const left = rows[Symbol.iterator]()
        let next = left.next()
        const go = (): Effect.Effect<void, IngestError.IngestError> =>
          Either.merge(
            Either.try({
              try: () => {
                while (next.done !== true) {
                  if (turns.isOver()) return Effect.flatMap(restore(turns.available), go)
                  const first = admit(next.value, restore)
                  next = left.next()
                  if (first !== undefined) return Effect.flatMap(first, go)
                }
                return Effect.void
              },
              catch: () => {
                const first: Effect.Effect<void, IngestError.IngestError> =
                  next.done === true ? Effect.void : refused(next.value, threw, restore)
                next = left.next()
                return Effect.flatMap(first, go)
              }
            })
          )
        return go()
      })

    /** Why no further row is taken, where none is. */
    const refusal = (): Effect.Effect<never, IngestError.IngestError | IngestError.IngestorClosed> | undefined =>
      defect !== undefined
        ? Effect.failCause(defect)
        : stopped !== undefined
          ? Effect.fail(stopped)
          : isClosed
            ? Effect.fail(new IngestorClosed())
            : undefined

    const giveBack = (): void => {
      reserved -= 1
      giveRoom()
    }

    /** Waits for room, and reserves it; yields `false` if there will be none. */
    const reserve = (restore: Restore): Effect.Effect<boolean> => {
      if (waiting.size === 0 && !isFull()) {
        reserved += 1
        return Effect.succeed(true)
      }
      const room = Deferred.unsafeMake<boolean>(FiberId.none)
      waiting.add(room)
      // a batch that fills needs room to fill: where there is none it goes as it is
      enqueue()
      return Effect.onInterrupt(restore(Deferred.await(room)), () =>
        Effect.sync(() => {
          if (!waiting.delete(room)) giveBack()
        })
      )
    }

    const push = (row: A): Effect.Effect<void, IngestError.IngestError | IngestError.IngestorClosed> =>
      Effect.uninterruptibleMask((restore) =>
        Effect.suspend(() => {
          const refused = refusal()
          if (refused !== undefined) return refused
          if (waiting.size === 0 && !isFull() && !turns.isOver()) return takeOne(row, restore)
          return Effect.flatMap(reserve(restore), (hasRoom) =>
            // one response gives room to many offers, and each of them encodes a row
            Effect.onInterrupt(hasRoom ? restore(turns.available) : Effect.void, () => Effect.sync(giveBack)).pipe(
              Effect.flatMap((): Effect.Effect<void, IngestError.IngestError | IngestError.IngestorClosed> => {
                if (hasRoom) reserved -= 1
                return refusal() ?? takeOne(row, restore)
              })
            )
          )
        })
      )

    return {
      pushAll: (rows) => Effect.uninterruptibleMask((restore) => take(rows, restore)),
      push,
      tryPush: (row) =>
        Effect.suspend(() => {
          if (refusal() === undefined && (waiting.size > 0 || isFull())) {
            enqueue()
            return Effect.succeed(false)
          }
          return Effect.as(push(row), true)
        }),
      flush,
      close: Effect.sync(() => {
        isClosed = true
        turnAway()
      }),
      report: Effect.map(Clock.currentTimeMillis, (now): IngestReport => ({
        offered,
        accepted: { ...counts.accepted },
        refused: { ...counts.refused },
        dead: { ...counts.dead },
        unknown: { ...counts.unknown },
        undelivered: { ...counts.undelivered },
        pending: open,
        resumeAt: Math.min(firstOpen(), firstUndelivered, offered),
        requests,
        retries,
        elapsed: Duration.millis((endedAt ?? now) - startedAt)
      }))
    }
  })
