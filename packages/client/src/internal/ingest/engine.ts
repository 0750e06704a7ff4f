/**
 * The engine of sinks and ingestors. Rows flow from the batcher through a queue to the workers, whose sender ends them in
 * the ledger. A run takes rows as fast as requests begin. An ingestor takes rows into a buffer, and goes on after failures.
 */
import type * as Issue from "@mammoth-effect/core/Issue"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"
import * as EventLoop from "../../EventLoop.js"
import { lineOf } from "../../FileRow.js"
import type * as IngestError from "../../IngestError.js"
import { IngestorClosed, RowRefused } from "../../IngestError.js"
import type { IngestReport } from "../../IngestReport.js"
import { threw } from "../codec/encodeRows.js"
import * as Batcher from "./batcher.js"
import * as Ledger from "./ledger.js"
import * as Pace from "./pace.js"
import * as Room from "./room.js"
import * as Sender from "./sender.js"
import * as Stop from "./stop.js"

export interface Options<A, I>
  extends Batcher.Options<A, I>, Omit<Sender.Options, "goesOn">, Pick<Ledger.Listeners<A>, "onRefusal" | "onOutcome"> {
  readonly concurrency: number
  /** The most rows that an ingestor holds. None for a run. */
  readonly capacity: Option.Option<number>
  readonly onBadRow: "fail" | "continue"
}

/** A running engine. */
export interface Engine<A> {
  /** Takes rows, as fast as they are sent. Fails once the ingestion has been stopped. */
  readonly pushAll: (rows: Iterable<A>) => Effect.Effect<void, IngestError.IngestError>
  /** Takes a row into the buffer; waits while that is full. Fails once the ingestion has been stopped or closed. */
  readonly push: (row: A) => Effect.Effect<void, IngestError.IngestError | IngestError.IngestorClosed>
  /** Takes a row if there is room for it; otherwise returns `false`. */
  readonly tryPush: (row: A) => Effect.Effect<boolean, IngestError.IngestError | IngestError.IngestorClosed>
  /** Sends the batch that fills, and waits until all rows that were taken before have ended. */
  readonly flush: Effect.Effect<void, IngestError.IngestError>
  /** Takes no further row. */
  readonly close: Effect.Effect<void>
  readonly report: Effect.Effect<IngestReport>
}

/** Starts an engine, which ends with its scope. See {@link Engine.flush} for what has to come before. */
export const make = <A, I>(options: Options<A, I>): Effect.Effect<Engine<A>, never, Scope.Scope> =>
  Effect.gen(function* () {
    const isBuffered = Option.isSome(options.capacity)
    /** Encoding gives the event loop back between two rows. */
    const turns = yield* EventLoop.makeTurns
    const stop = yield* Stop.make(() => room.turnAway())
    const ledger = yield* Ledger.make<A>({
      onRefusal: options.onRefusal,
      onOutcome: options.onOutcome,
      // a run fails with this at the end; an ingestor keeps going
      onDefect: (cause) => (isBuffered ? undefined : stop.die(cause)),
      onRoom: () => room.letIn()
    })
    const room = Room.make(
      Option.getOrElse(options.capacity, () => Number.POSITIVE_INFINITY),
      ledger.pending
    )
    const pace = yield* Pace.make(options.concurrency, stop)
    const sender = yield* Sender.make({ ...options, goesOn: isBuffered }, ledger, pace, stop)

    /** Batches that no worker has taken yet. */
    const ready = yield* Queue.unbounded<Ledger.Batch<A>>()
    let queued = 0
    /** Open while no batch waits for a worker. */
    const isIdle = yield* Effect.makeLatch(true)
    /** A buffer is limited by its rows, a run by the workers: it goes on when they have taken what there was. */
    const awaitWorker = isBuffered ? Effect.void : isIdle.await
    let isClosed = false

    const close = (): void => {
      isClosed = true
      room.turnAway()
    }

    // rows that are still open at the very end were never sent, or have no clear response
    yield* Effect.addFinalizer(() => Effect.zipRight(Effect.sync(close), ledger.close))

    const batcher = yield* Batcher.make(options, {
      offer: ledger.offer,
      begin: ledger.add,
      send: (batch) => {
        queued += 1
        isIdle.unsafeClose()
        ready.unsafeOffer(batch)
      },
      // a batch that fills needs room to fill, so send the partial batch if there is none
      isStuck: () => room.hasWaiting() && room.isFull(),
      // while another batch waits for a worker, this one goes on filling
      awaitTurn: awaitWorker
    })

    const work: Effect.Effect<void> = Effect.uninterruptibleMask((restore) =>
      Effect.flatMap(restore(Queue.take(ready)), (batch) => {
        queued -= 1
        if (queued === 0) isIdle.unsafeOpen()
        return sender.deliver(batch, restore)
      })
    )
    yield* Effect.forEach(
      Array.from({ length: options.concurrency }),
      () => Effect.forkScoped(Effect.interruptible(Effect.forever(work))),
      { discard: true }
    )

    // if the source of a run fails, the requests in flight may end
    yield* Effect.addFinalizer((exit) =>
      Effect.zipRight(
        stop.halt,
        !isBuffered && Exit.isFailure(exit) && !Cause.isInterrupted(exit.cause)
          ? Effect.interruptible(Effect.suspend(() => ledger.awaitBefore(batcher.firstIndex() ?? ledger.offered())))
          : Effect.void
      )
    )

    const outcome: Effect.Effect<void, IngestError.IngestError> = Effect.suspend(() => stop.reason() ?? Effect.void)

    const flush = Effect.suspend(() => {
      batcher.flush()
      return Effect.zipRight(ledger.awaitBefore(ledger.offered()), outcome)
    })

    /** Fails after the ingestion was stopped; a run first lets the requests in flight end. */
    const fail = isBuffered ? outcome : flush

    const refuse = (
      row: A,
      wrong: Issue.Issues,
      restore: Sender.Restore
    ): Effect.Effect<void, IngestError.IngestError> => {
      const index = ledger.offer()
      const error = new RowRefused({ index, line: lineOf(row), ...wrong })
      const ending = ledger.refuse(row, index, error)
      if (options.onBadRow === "continue") return ending
      return Effect.zipRight(Effect.zipRight(stop.fail(error), ending), restore(fail))
    }

    /** Takes a row for which there is room. Returns what has to be done before the next one, if anything has. */
    const admit = (row: A, restore: Sender.Restore): Effect.Effect<void, IngestError.IngestError> | undefined => {
      if (stop.reason() !== undefined) return restore(fail)
      const before = batcher.sent()
      const wrong = batcher.add(row)
      if (wrong !== undefined) return refuse(row, wrong, restore)
      const timer = batcher.startTime()
      if (batcher.sent() === before) return timer
      return timer === undefined ? restore(awaitWorker) : Effect.zipRight(timer, restore(awaitWorker))
    }

    /** Takes a row; one on which its schema throws is refused. */
    const takeOne = (row: A, restore: Sender.Restore): Effect.Effect<void, IngestError.IngestError> =>
      Either.merge(
        Either.try({
          try: () => admit(row, restore) ?? Effect.void,
          catch: (thrown) => refuse(row, threw(thrown), restore)
        })
      )

    /** Takes rows one after the other. */
    const takeAll = (rows: Iterable<A>, restore: Sender.Restore): Effect.Effect<void, IngestError.IngestError> =>
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
              catch: (thrown) => {
                const first: Effect.Effect<void, IngestError.IngestError> =
                  next.done === true ? Effect.void : refuse(next.value, threw(thrown), restore)
                next = left.next()
                return Effect.flatMap(first, go)
              }
            })
          )
        return go()
      })

    /** Why no further row is taken; `undefined` while rows are. */
    const refusal = (): Effect.Effect<never, IngestError.IngestError | IngestError.IngestorClosed> | undefined =>
      stop.reason() ?? (isClosed ? Effect.fail(new IngestorClosed()) : undefined)

    const giveUpRoom = Effect.sync(() => {
      room.release()
      room.letIn()
    })

    const push = (row: A): Effect.Effect<void, IngestError.IngestError | IngestError.IngestorClosed> =>
      Effect.uninterruptibleMask((restore) =>
        Effect.suspend(() => {
          const refused = refusal()
          if (refused !== undefined) return refused
          if (!room.isShort() && !turns.isOver()) return takeOne(row, restore)
          if (room.isShort()) batcher.flush()
          return Effect.flatMap(room.reserve(restore), (hasRoom) =>
            // one response gives room to many offers, and each of them encodes a row
            Effect.onInterrupt(hasRoom ? restore(turns.available) : Effect.void, () => giveUpRoom).pipe(
              Effect.flatMap((): Effect.Effect<void, IngestError.IngestError | IngestError.IngestorClosed> => {
                if (hasRoom) room.release()
                return refusal() ?? takeOne(row, restore)
              })
            )
          )
        })
      )

    return {
      pushAll: (rows) => Effect.uninterruptibleMask((restore) => takeAll(rows, restore)),
      push,
      tryPush: (row) =>
        Effect.suspend(() => {
          if (refusal() === undefined && room.isShort()) {
            batcher.flush()
            return Effect.succeed(false)
          }
          return Effect.as(push(row), true)
        }),
      flush,
      close: Effect.sync(close),
      report: Effect.suspend(() => ledger.report(sender.requests()))
    }
  })
