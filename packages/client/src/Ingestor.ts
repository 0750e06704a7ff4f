/**
 * Sends rows to a webhook in the background, while a program offers them one by one.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import { type IngestError, type IngestorClosed, Undelivered, type WrongMode } from "./IngestError.js"
import type { IngestReport } from "./IngestReport.js"
import { refuse, start } from "./internal/ingest/start.js"
import * as Time from "./Time.js"
import { WebhookPush } from "./Webhooks.js"
import type { InvalidRequest } from "./WebhooksError.js"
import type * as WebhookSink from "./WebhookSink.js"
import type { CombineTarget } from "./WebhookTarget.js"

/**
 * Options of an ingestor: the options of {@link WebhookSink.Options}, and options of the buffer and the drain.
 *
 * @since 0.1.0
 * @category options
 */
export interface Options<A> extends WebhookSink.Options<A> {
  /** The maximum number of rows in the buffer. `offer` waits while the buffer is full. Default: 1000. */
  readonly capacity?: number | undefined
  /**
   * The longest time that the ingestor spends on delivering its remaining rows when the scope ends. Default: 30
   * seconds.
   */
  readonly drainTimeout?: Duration.DurationInput | undefined
  /**
   * Receives each row whose outcome is `undelivered` or `unknown`. An `undelivered` row is valid, but the server did
   * not accept it. The server may have accepted an `unknown` row. Use this function to store the row, to log it, or to
   * offer it elsewhere.
   */
  readonly onUndelivered: (outcome: WebhookSink.Outcome<A>) => Effect.Effect<void>
}

/**
 * A running ingestor.
 *
 * @since 0.1.0
 * @category models
 */
export interface Ingestor<A> {
  /**
   * Takes a row. Waits while the buffer is full. If an error has ended the ingestion, fails with this error. After a
   * shutdown, fails with `IngestorClosed`.
   */
  readonly offer: (row: A) => Effect.Effect<void, IngestError | IngestorClosed>
  /** Takes a row and returns `true` if the buffer has room. Otherwise returns `false` without taking the row. */
  readonly tryOffer: (row: A) => Effect.Effect<boolean, IngestError | IngestorClosed>
  /** Sends the rows in the buffer. Waits until every row that the ingestor has taken so far has an outcome. */
  readonly flush: Effect.Effect<void, IngestError>
  /**
   * Stops taking rows, delivers the rows already taken, and returns the report. Without a call of `shutdown`, the
   * ingestor delivers these rows when its scope ends.
   */
  readonly shutdown: Effect.Effect<IngestReport, Undelivered>
  readonly report: Effect.Effect<IngestReport>
}

/**
 * Starts an ingestor. When the scope ends, the ingestor delivers the rows that it took, for at most `drainTimeout`, and
 * passes the remaining rows to `onUndelivered`.
 *
 * Under `NodeRuntime.runMain`, the first SIGINT or SIGTERM ends the scope, so the ingestor drains. A second signal
 * skips the drain.
 *
 * @param target a webhook that is known to be in mode `combine`
 * @param options the schema of the rows, `onUndelivered`, the limits, and functions that receive the outcomes of rows
 * @example
 * import { Ingestor, Webhooks } from "@mammoth-effect/client"
 * import { Console, Effect, Schema } from "effect"
 *
 * const Order = Schema.Struct({ id: Schema.Int, total: Schema.Number })
 *
 * const service = Effect.gen(function*() {
 *   const webhook = yield* Webhooks.ensure("orders", { workspaceId: 4, projectId: 4, mode: "combine" })
 *   const orders = yield* Ingestor.make(webhook, {
 *     schema: Order,
 *     onUndelivered: ({ end, row }) => Console.error(end, row.id)
 *   })
 *   yield* orders.offer({ id: 1, total: 9.5 })
 *   yield* orders.flush
 * }).pipe(Effect.scoped)
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = <A>(
  target: CombineTarget,
  options: Options<A>
): Effect.Effect<Ingestor<A>, WrongMode | InvalidRequest, WebhookPush | Scope.Scope> =>
  Effect.gen(function* () {
    const drainTimeout = yield* Either.mapLeft(
      Time.read(["drainTimeout"], options.drainTimeout ?? "30 seconds"),
      (issue) => refuse([issue])
    )
    const engine = yield* start(
      yield* WebhookPush,
      target,
      {
        ...options,
        onOutcome: (outcome) =>
          Effect.zipRight(
            outcome.end === "undelivered" || outcome.end === "unknown" ? options.onUndelivered(outcome) : Effect.void,
            options.onOutcome?.(outcome) ?? Effect.void
          )
      },
      Option.some(options.capacity ?? 1000)
    )
    yield* Effect.addFinalizer(() =>
      // Make the drain interruptible. An uninterruptible finalizer would ignore the timeout, and wait for the whole
      // drain.
      Effect.zipRight(engine.close, Effect.timeoutOption(Effect.interruptible(engine.flush), drainTimeout)).pipe(
        Effect.ignore
      )
    )
    return {
      offer: engine.push,
      tryOffer: engine.tryPush,
      flush: engine.flush,
      shutdown: engine.close.pipe(
        // Ignore the error that stopped the ingestion, because the outcomes of the rows show this error.
        Effect.zipRight(Effect.ignore(engine.flush)),
        Effect.zipRight(engine.report),
        Effect.filterOrFail(
          (report) => report.undelivered.rows === 0 && report.unknown.rows === 0,
          (report) => new Undelivered({ report })
        )
      ),
      report: engine.report
    }
  })

/**
 * Runs an effect with an ingestor, delivers all offered rows, and then returns. Use this function in serverless
 * functions and other handlers, if the platform freezes the process after the response.
 *
 * @param target a webhook that is known to be in mode `combine`
 * @param options the schema of the rows, `onUndelivered`, the limits, and functions that receive the outcomes of rows
 * @param run the effect that offers rows
 * @example
 * import { Ingestor, WebhookKey, WebhookTarget } from "@mammoth-effect/client"
 * import { Effect, Schema } from "effect"
 *
 * const Order = Schema.Struct({ id: Schema.Int })
 * const orders = WebhookTarget.assumeCombine(WebhookKey.make("g7rHe3mUqUGPEpnc4XxeDWJa"))
 *
 * const handler = (ids: ReadonlyArray<number>) =>
 *   Ingestor.use(orders, { schema: Order, onUndelivered: () => Effect.void }, (ingestor) =>
 *     Effect.forEach(ids, (id) => ingestor.offer({ id }))
 *   )
 *
 * @since 0.1.0
 * @category constructors
 */
export const use = <A, B, E, R>(
  target: CombineTarget,
  options: Options<A>,
  run: (ingestor: Ingestor<A>) => Effect.Effect<B, E, R>
): Effect.Effect<readonly [B, IngestReport], E | WrongMode | InvalidRequest | Undelivered, R | WebhookPush> =>
  Effect.scoped(
    Effect.flatMap(make(target, options), (ingestor) =>
      Effect.flatMap(run(ingestor), (result) => Effect.map(ingestor.shutdown, (report) => [result, report] as const))
    )
  )
