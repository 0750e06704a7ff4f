/**
 * A sink that appends the rows of a stream to a webhook's dataset.
 *
 * @since 0.1.0
 */
import * as Terminal from "@effect/platform/Terminal"
import * as Chunk from "effect/Chunk"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import * as Sink from "effect/Sink"
import * as Stream from "effect/Stream"
import * as Take from "effect/Take"
import type { IngestError } from "./IngestError.js"
import { format, type IngestReport } from "./IngestReport.js"
import type * as Engine from "./internal/ingest/engine.js"
import type * as Listeners from "./internal/ingest/listeners.js"
import { start } from "./internal/ingest/start.js"
import * as Issue from "./Issue.js"
import type { RowSchema } from "./RowSchema.js"
import * as Time from "./Time.js"
import * as Wait from "./Wait.js"
import { WebhookPush } from "./Webhooks.js"
import type { CombineTarget } from "./WebhookTarget.js"

/**
 * The limits of a batch. The SDK sends a batch when the batch reaches one of the limits, or after the last row.
 *
 * @since 0.1.0
 * @category options
 */
export interface Batch {
  /** The maximum number of rows in a batch. Default: 500. */
  readonly maxRows?: number | undefined
  /** The maximum size of a batch's JSON in bytes, including brackets and commas. Default: 1,000,000. */
  readonly maxBytes?: number | undefined
  /**
   * The longest time that a row waits for a full batch. After this time, the SDK sends the incomplete batch. Default:
   * no limit.
   */
  readonly maxWait?: Duration.DurationInput | undefined
}

/**
 * Options for sending rows.
 *
 * @example
 * import type { WebhookSink } from "@mammoth-effect/client"
 * import { Schema } from "effect"
 *
 * const Order = Schema.Struct({ id: Schema.Int, total: Schema.Number })
 * const options: WebhookSink.Options<typeof Order.Type> = { schema: Order, concurrency: 4 }
 *
 * @since 0.1.0
 * @category options
 */
export interface Options<A> {
  /** The schema that checks each row and encodes it as JSON. */
  readonly schema: RowSchema<A>
  /**
   * The limits of batches. With this option, the SDK sends several rows as an array in one request. Use this option
   * only for webhooks that are known to accept arrays. The server probably accepts arrays, but nobody has proven this.
   * Default: each request sends one row.
   */
  readonly batch?: Batch | undefined
  /** The maximum number of requests in flight. With 1, the rows keep their order. Default: 8. */
  readonly concurrency?: number | undefined
  /** Compresses the body of each request with gzip. Default: `false`. */
  readonly gzip?: boolean | undefined
  /**
   * The treatment of a row that does not fit the schema: `fail` ends the run, `continue` makes the row a dead letter.
   * Default: `fail`.
   */
  readonly onBadRow?: "fail" | "continue" | undefined
  /** Receives each row that the SDK or the server refused. Default: the SDK only counts these rows. */
  readonly onDeadLetter?: ((letter: DeadLetter<A>) => Effect.Effect<void>) | undefined
  /** Receives the outcome of each row. */
  readonly onOutcome?: ((outcome: Outcome<A>) => Effect.Effect<void>) | undefined
  /**
   * The longest time for which the server can delay rows by asking for fewer requests (429, 421 or 425). A sink
   * measures this time from the start of its run. An ingestor measures this time for each request, from the request's
   * first 429, 421 or 425. Default: no limit, so rows wait as long as the server asks, even for days.
   */
  readonly throttleDeadline?: Duration.DurationInput | undefined
}

/**
 * The outcome of one row. If the row was not accepted, `error` says why.
 *
 * @since 0.1.0
 * @category models
 */
export interface Outcome<A> extends Listeners.Outcome<A> {}

/**
 * A row that its schema or the server refused.
 *
 * @since 0.1.0
 * @category models
 */
export interface DeadLetter<A> {
  readonly row: A
  /** The index of the row, counted from 0 in the order in which the rows were offered. */
  readonly index: number
  readonly error: Exclude<Outcome<A>["error"], undefined>
}

/**
 * A sink and its report. You can read the report while the sink runs, and after the sink was interrupted.
 *
 * @since 0.1.0
 * @category models
 */
export interface Ingestion<A> {
  /** The sink that sends the rows. Run the sink once: another run starts the counts again at 0. */
  readonly sink: Sink.Sink<IngestReport, A, never, IngestError>
  readonly report: Effect.Effect<IngestReport>
}

const none: IngestReport = {
  offered: 0,
  accepted: { rows: 0, bytes: 0 },
  refused: { rows: 0, bytes: 0 },
  dead: { rows: 0, bytes: 0 },
  unknown: { rows: 0, bytes: 0 },
  undelivered: { rows: 0, bytes: 0 },
  pending: 0,
  resumeAt: 0,
  requests: 0,
  retries: 0,
  elapsed: Duration.zero
}

/**
 * Makes a sink and its report. You can read the report while the sink runs, and after the sink was interrupted.
 *
 * @param target a webhook that is known to be in mode `combine`
 * @param options the schema of the rows, the limits, and functions that receive the outcomes of rows
 * @example
 * import { WebhookSink } from "@mammoth-effect/client"
 * import type { Webhook } from "@mammoth-effect/client"
 * import { Console, Effect, Schema, Stream } from "effect"
 *
 * const Order = Schema.Struct({ id: Schema.Int, total: Schema.Number })
 *
 * const push = (webhook: Webhook.CombineWebhook, orders: Stream.Stream<typeof Order.Type>) =>
 *   Effect.gen(function*() {
 *     const ingestion = yield* WebhookSink.make(webhook, { schema: Order })
 *     yield* Stream.run(orders, ingestion.sink).pipe(
 *       Effect.ensuring(Effect.flatMap(ingestion.report, Console.log))
 *     )
 *   })
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = <A>(target: CombineTarget, options: Options<A>): Effect.Effect<Ingestion<A>, never, WebhookPush> =>
  Effect.map(Effect.context<WebhookPush>(), (context) => {
    let engine: Engine.Engine<A> | undefined
    return {
      report: Effect.suspend(() => engine?.report ?? Effect.succeed(none)),
      sink: Sink.unwrapScoped(
        Effect.map(
          Effect.flatMap(WebhookPush, (webhooks) => start(webhooks, target, options, Option.none())),
          (made) => {
            engine = made
            return Sink.fromPush(
              Effect.succeed((rows: Option.Option<Chunk.Chunk<A>>) =>
                Option.match(rows, {
                  onNone: () =>
                    Effect.matchEffect(Effect.zipRight(made.flush, made.report), {
                      onFailure: (error) => Effect.fail([Either.left(error), Chunk.empty()] as const),
                      onSuccess: (report) => Effect.fail([Either.right(report), Chunk.empty()] as const)
                    }),
                  onSome: (chunk) =>
                    Effect.mapError(made.pushAll(chunk), (error) => [Either.left(error), Chunk.empty()] as const)
                })
              )
            )
          }
        )
      ).pipe(Sink.provideContext(context))
    }
  })

/**
 * Makes a sink that appends each row to the webhook's dataset, and returns the report at the end. The sink pulls rows
 * no faster than the server accepts them. `Verdict.of` decides what each error means for the rows.
 *
 * The sink fails in the following cases, after the requests in flight have ended:
 *
 * - A row does not fit the schema, and the option `onBadRow` is `fail`.
 * - Every further row would get the same error. For example, the server refuses the credentials, the webhook does not
 *   exist, or the SDK cannot reach the server.
 * - Since the last delivery, the server refused 20 rows that were each alone in a request. A 413 does not count.
 * - Since the last delivery, 20 requests had an unknown result.
 *
 * To find a bad row, the sink sends a refused batch again in halves. This assumes that the server refuses the whole
 * batch if it refuses one of the rows. Nobody has proven this.
 *
 * @param target a webhook that is known to be in mode `combine`
 * @param options the schema of the rows, the limits, and functions that receive the outcomes of rows
 * @example
 * import { WebhookSink, Webhooks } from "@mammoth-effect/client"
 * import { Effect, Schema, Stream } from "effect"
 *
 * const Order = Schema.Struct({ id: Schema.Int, total: Schema.Number })
 *
 * const program = Effect.gen(function*() {
 *   const orders = yield* Webhooks.ensure("orders", { workspaceId: 4, projectId: 4, mode: "combine" })
 *   return yield* Stream.make({ id: 1, total: 9.5 }, { id: 2, total: 3 }).pipe(
 *     Stream.run(WebhookSink.append(orders, { schema: Order }))
 *   )
 * })
 *
 * @since 0.1.0
 * @category sinks
 */
export const append = <A>(
  target: CombineTarget,
  options: Options<A>
): Sink.Sink<IngestReport, A, never, IngestError, WebhookPush> =>
  Sink.unwrap(Effect.map(make(target, options), (ingestion) => ingestion.sink))

/**
 * Sends the rows of a stream, and returns a stream of their outcomes, in the order in which the outcomes become known.
 *
 * @param target a webhook that is known to be in mode `combine`
 * @param options the schema of the rows, the limits, and functions that receive the outcomes of rows
 * @example
 * import { WebhookSink } from "@mammoth-effect/client"
 * import type { Webhook } from "@mammoth-effect/client"
 * import { Schema, Stream } from "effect"
 *
 * const Order = Schema.Struct({ id: Schema.Int })
 *
 * const notAccepted = (webhook: Webhook.CombineWebhook, orders: Stream.Stream<typeof Order.Type>) =>
 *   orders.pipe(
 *     WebhookSink.outcomes(webhook, { schema: Order }),
 *     Stream.filter((outcome) => outcome.end !== "accepted")
 *   )
 *
 * @since 0.1.0
 * @category sinks
 */
export const outcomes =
  <A>(target: CombineTarget, options: Options<A>) =>
  <E, R>(rows: Stream.Stream<A, E, R>): Stream.Stream<Outcome<A>, E | IngestError, R | WebhookPush> =>
    Stream.unwrapScoped(
      Effect.gen(function* () {
        const queue = yield* Queue.bounded<Take.Take<Outcome<A>, E | IngestError>>(256)
        const sink = append(target, {
          ...options,
          onOutcome: (outcome) =>
            Effect.zipRight(
              options.onOutcome?.(outcome) ?? Effect.void,
              // Ignore an interrupted offer. The queue is shut down when nobody reads the outcomes any more, and a
              // shutdown interrupts the waiting offers.
              Effect.catchAllCause(Queue.offer(queue, Take.of(outcome)), () => Effect.void)
            )
        })
        yield* Effect.forkScoped(
          Effect.flatMap(Effect.exit(Stream.run(rows, sink)), (exit) =>
            Queue.offer(queue, Exit.isSuccess(exit) ? Take.end : Take.failCause(exit.cause))
          )
        )
        // Shut down the queue before the run is interrupted, because the run may be waiting for room in the queue.
        yield* Effect.addFinalizer(() => Queue.shutdown(queue))
        return Stream.flattenTake(Stream.fromQueue(queue))
      })
    )

/**
 * Streams the current report of an ingestion, first immediately and then after each pause. Default: a pause of one
 * second.
 *
 * @example
 * import { IngestReport, WebhookSink } from "@mammoth-effect/client"
 * import { Console, Stream } from "effect"
 *
 * const log = <A>(ingestion: WebhookSink.Ingestion<A>) =>
 *   Stream.runForEach(WebhookSink.progress(ingestion, "10 seconds"), (report) =>
 *     Console.log(IngestReport.format(report))
 *   )
 *
 * @since 0.1.0
 * @category progress
 */
export const progress = (
  ingestion: Pick<Ingestion<never>, "report">,
  every: Duration.DurationInput = "1 second"
): Stream.Stream<IngestReport> => {
  const pause = Either.getOrThrowWith(Time.read(["every"], every), (issue) => new TypeError(Issue.format(issue)))
  return Stream.concat(
    Stream.fromEffect(ingestion.report),
    Stream.repeatEffect(Effect.zipRight(Wait.sleep(pause), ingestion.report))
  )
}

/**
 * Shows the progress of an ingestion in one line of the terminal while an effect runs, and then clears the line. Cuts
 * the line to the width of the terminal. Shows nothing if the output is not a terminal.
 *
 * @example
 * import { WebhookSink } from "@mammoth-effect/client"
 * import { Stream } from "effect"
 *
 * const run = <A>(rows: Stream.Stream<A>, ingestion: WebhookSink.Ingestion<A>) =>
 *   Stream.run(rows, ingestion.sink).pipe(WebhookSink.withProgressLine(ingestion))
 *
 * @since 0.1.0
 * @category progress
 */
export const withProgressLine = (
  ingestion: Pick<Ingestion<never>, "report">,
  every: Duration.DurationInput = "200 millis"
): (<A, E, R>(run: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R | Terminal.Terminal>) => {
  const reports = progress(ingestion, every)
  return <A, E, R>(run: Effect.Effect<A, E, R>): Effect.Effect<A, E, R | Terminal.Terminal> =>
    Effect.gen(function* () {
      const terminal = yield* Terminal.Terminal
      if (!(yield* terminal.isTTY)) return yield* run
      const clear = "\r\u001B[2K"
      // Cut the line to the width of the terminal: a longer line would continue on the next line, which is not cleared.
      // A width of 0 means that the terminal does not report its width.
      const fit = (text: string) =>
        Effect.map(terminal.columns, (columns) => (columns > 0 ? text.slice(0, columns) : text))
      const show = (text: string) =>
        Effect.ignore(Effect.flatMap(fit(text), (line) => terminal.display(`${clear}${line}`)))
      return yield* Effect.acquireUseRelease(
        Effect.fork(Effect.interruptible(Stream.runForEach(reports, (report) => show(format(report))))),
        () => run,
        (fiber) => Effect.zipRight(Fiber.interrupt(fiber), show(""))
      )
    })
}
