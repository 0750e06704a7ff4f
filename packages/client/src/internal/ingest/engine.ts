/**
 * Runs sinks and ingestors. Rows pass through the intake and the batcher to the workers. The workers send the rows, and
 * record the outcome of each row in the ledger. A sink's run takes rows only as fast as its requests begin. An ingestor
 * takes rows into a buffer, and continues after failures.
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as EventLoop from "../../EventLoop.js"
import type * as IngestError from "../../IngestError.js"
import { IngestorClosed } from "../../IngestError.js"
import type { IngestReport } from "../../IngestReport.js"
import * as Batcher from "./batcher.js"
import * as Intake from "./intake.js"
import * as Ledger from "./ledger.js"
import type * as Listeners from "./listeners.js"
import * as Pace from "./pace.js"
import * as Room from "./room.js"
import * as Sender from "./sender.js"
import * as Stop from "./stop.js"
import * as Workers from "./workers.js"

export interface Options<A, I>
  extends
    Batcher.Options<A, I>,
    Intake.Options,
    Omit<Sender.Options, "goesOn">,
    Pick<Listeners.Listeners<A>, "onRefusal" | "onOutcome"> {
  readonly concurrency: number
  /** The maximum number of rows that an ingestor holds. A run has no such maximum. */
  readonly capacity: Option.Option<number>
}

/** A running engine. */
export interface Engine<A> {
  /** Takes rows as fast as they can be sent. Fails if the ingestion has been stopped. */
  readonly pushAll: (rows: Iterable<A>) => Effect.Effect<void, IngestError.IngestError>
  /**
   * Takes a row into the buffer. Waits while the buffer is full. Fails once the ingestion has been stopped or closed.
   */
  readonly push: (row: A) => Effect.Effect<void, IngestError.IngestError | IngestError.IngestorClosed>
  /** Takes a row and returns `true` if the buffer has room. Otherwise returns `false`. */
  readonly tryPush: (row: A) => Effect.Effect<boolean, IngestError.IngestError | IngestError.IngestorClosed>
  /** Sends the partial batch, and waits until every row that was taken before has an outcome. */
  readonly flush: Effect.Effect<void, IngestError.IngestError>
  /** Stops taking rows. */
  readonly close: Effect.Effect<void>
  readonly report: Effect.Effect<IngestReport>
}

/** The room of an ingestor's buffer, and the other parts that are needed to take a row. */
interface Buffer<A> {
  readonly room: Room.Room
  readonly turns: EventLoop.Turns
  readonly intake: Intake.Intake<A>
  /** Sends the partial batch. */
  readonly flush: () => void
  /** If the ingestion takes no further row, returns an effect that fails. Otherwise returns `undefined`. */
  readonly refusal: () => Effect.Effect<never, Refusal> | undefined
}

type Refusal = IngestError.IngestError | IngestError.IngestorClosed

/** Takes a row into a buffer, and waits for room if the buffer is full. */
const pushInto =
  <A>({ flush, intake, refusal, room, turns }: Buffer<A>) =>
  (row: A): Effect.Effect<void, Refusal> => {
    const giveUpRoom = Effect.sync(() => {
      room.release()
      room.letIn()
    })
    return Effect.uninterruptibleMask((restore) =>
      Effect.suspend(() => {
        const refused = refusal()
        if (refused !== undefined) return refused
        if (!room.isShort() && !turns.isOver()) return intake.take(row, restore)
        if (room.isShort()) flush()
        return Effect.flatMap(room.reserve(restore), (hasRoom) =>
          // Wait until the event loop has done other work. One response makes room for many offers, and each offer
          // encodes a row.
          Effect.onInterrupt(hasRoom ? restore(turns.available) : Effect.void, () => giveUpRoom).pipe(
            Effect.flatMap((): Effect.Effect<void, Refusal> => {
              if (hasRoom) room.release()
              return refusal() ?? intake.take(row, restore)
            })
          )
        )
      })
    )
  }

/**
 * Starts an engine, which stops when its scope closes. To deliver all rows, call {@link Engine.flush} before the scope
 * closes.
 *
 * When the scope closes, no further request begins. If the source of a run failed, the engine waits for the requests in
 * flight. Then the batch's timer stops. Then the workers stop, and each worker records an outcome for the rows of its
 * batch. Last, the ledger records an outcome for all remaining rows.
 *
 * The function is longer than a screen, because it makes all parts and connects them.
 */
export const make = <A, I>(options: Options<A, I>): Effect.Effect<Engine<A>, never, Scope.Scope> =>
  Effect.gen(function* () {
    const isBuffered = Option.isSome(options.capacity)
    /** Divides the encoding of rows into turns of the event loop, so that other work can run between two rows. */
    const turns = yield* EventLoop.makeTurns
    const stop = yield* Stop.make(() => room.turnAway())
    const ledger = yield* Ledger.make<A>({
      onRefusal: options.onRefusal,
      onOutcome: options.onOutcome,
      // In a run, record the defect of a callback, so that the run fails with this defect at its end. In an ingestor,
      // do nothing, because an ingestor continues.
      onDefect: (cause) => (isBuffered ? undefined : stop.noteDefect(cause)),
      onEnded: () => room.letIn()
    })
    const room = Room.make(
      Option.getOrElse(options.capacity, () => Number.POSITIVE_INFINITY),
      ledger.pending
    )
    const pace = yield* Pace.make(options.concurrency, stop)
    const sender = yield* Sender.make({ ...options, goesOn: isBuffered }, ledger, pace, stop)

    let isClosed = false
    const close = Effect.sync(() => {
      isClosed = true
      room.turnAway()
    })
    // Close the ledger last, after everything else has stopped. Rows without an outcome at that time were never sent,
    // or had no clear response.
    yield* Effect.addFinalizer(() => Effect.zipRight(close, ledger.close))

    const workers = yield* Workers.make(options.concurrency, sender)
    /**
     * In a run, waits until the workers have taken all batches. In an ingestor, does not wait, because the buffer's
     * capacity already limits the ingestor.
     */
    const awaitWorker = isBuffered ? Effect.void : workers.awaitTaken
    const batcher = yield* Batcher.make(options, {
      offer: ledger.offer,
      begin: ledger.add,
      send: workers.give,
      // Send the partial batch immediately if the buffer is full and an offer waits for room. No further row can join
      // this batch while the buffer is full.
      isStuck: () => room.hasWaiting() && room.isFull(),
      // In a run, keep the batch open after its `maxWait` until workers have taken all earlier batches. The batch can
      // take more rows during this time.
      awaitTurn: awaitWorker
    })

    // Prevent further requests when the scope closes. If the source of a run failed, wait for the requests in flight.
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
    const intake = Intake.make(options, {
      batcher,
      ledger,
      stop,
      turns,
      awaitWorker,
      // Let a run wait for its requests in flight before it fails.
      failStopped: isBuffered ? outcome : flush
    })
    const refusal = () => stop.reason() ?? (isClosed ? Effect.fail(new IngestorClosed()) : undefined)
    const push = pushInto({ room, turns, intake, refusal, flush: batcher.flush })

    return {
      pushAll: (rows) => Effect.uninterruptibleMask((restore) => intake.takeAll(rows, restore)),
      push,
      tryPush: (row) =>
        Effect.suspend(() => {
          if (refusal() !== undefined || !room.isShort()) return Effect.as(push(row), true)
          batcher.flush()
          return Effect.succeed(false)
        }),
      flush,
      close,
      report: Effect.suspend(() => ledger.report(sender.requests()))
    }
  })
