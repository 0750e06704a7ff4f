/**
 * Delivers the rows of an outbox.
 *
 * @since 0.1.0
 */
import * as RequestOptions from "@mammoth-effect/client/RequestOptions"
import * as RetryPolicy from "@mammoth-effect/client/RetryPolicy"
import { Webhooks } from "@mammoth-effect/client/Webhooks"
import type { CombineTarget } from "@mammoth-effect/client/WebhookTarget"
import type * as Issue from "@mammoth-effect/core/Issue"
import { shape } from "@mammoth-effect/core/Issue"
import * as Time from "@mammoth-effect/core/Time"
import * as Wait from "@mammoth-effect/core/Wait"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as RateLimiter from "effect/RateLimiter"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Transaction from "./internal/database/transaction.js"
import { newId } from "./internal/outbox/encode.js"
import * as Worker from "./internal/worker/worker.js"
import { InvalidOptions, WebhookUnresolved } from "./OutboxError.js"
import type { Service } from "./OutboxStoreService.js"

/**
 * The options of a worker: its limits and times.
 *
 * @example
 * import type { OutboxWorker } from "@mammoth-effect/outbox"
 *
 * const options: OutboxWorker.Options = { concurrency: 4, rateLimit: { requests: 50, per: "1 second" } }
 *
 * @since 0.1.0
 * @category options
 */
export interface Options {
  /** The most requests in flight. Default: 8. */
  readonly concurrency?: number | undefined
  /**
   * Sends several rows in one request, as an array. Use this only if you know that your webhook takes arrays. Nobody
   * has proven that every webhook takes arrays. Default: one document for each row.
   */
  readonly batch?:
    | {
        /** The most rows in a request. Default: 500. */
        readonly maxRows?: number | undefined
        /** The most bytes in the body of a request. Default: 1,000,000. */
        readonly maxBytes?: number | undefined
      }
    | undefined
  /**
   * The time for which this worker holds the rows that it claimed. The worker renews the lease after a third of that
   * time. So the lease ends only if the worker is killed, is paused or loses the database. Another worker then takes
   * the rows. Default: 60 seconds.
   */
  readonly lease?: Duration.DurationInput | undefined
  /**
   * The timeout of one request, at most half of the lease. Default: 30 seconds, or half of the lease if that is
   * shorter.
   */
  readonly timeout?: Duration.DurationInput | undefined
  /**
   * The time between two queries for due rows while no row is due. The worker takes a row immediately if the row is
   * offered through the same `Outbox` and outside a transaction. Default: 500 milliseconds.
   */
  readonly pollInterval?: Duration.DurationInput | undefined
  /**
   * The time for which a row waits after a failed attempt. The wait grows with each attempt. Jitter subtracts up to
   * half of the wait.
   */
  readonly backoff?:
    | {
        /** The wait after the first attempt. Default: 1 second. */
        readonly initialInterval?: Duration.DurationInput | undefined
        /** The factor by which the wait grows with each further attempt. Default: 2. */
        readonly exponent?: number | undefined
        /** The longest wait. Default: 10 minutes. */
        readonly maxInterval?: Duration.DurationInput | undefined
      }
    | undefined
  /**
   * The most requests of this worker in each period. The period is at most 24 days. Each worker has its own limit.
   * Default: no limit.
   */
  readonly rateLimit?: { readonly requests: number; readonly per: Duration.DurationInput } | undefined
  /** The longest time for which the worker waits for requests in flight when its scope ends. Default: 30 seconds. */
  readonly shutdownTimeout?: Duration.DurationInput | undefined
  /**
   * The time for which the outbox keeps delivered rows, to recognize a second offer with the same id. With `"forever"`,
   * only `Outbox.prune` deletes delivered rows. Default: 7 days.
   */
  readonly keepDelivered?: Duration.DurationInput | "forever" | undefined
}

/**
 * Counts the rows that a worker has handled since it started:
 *
 * - `delivered`: rows that the server has accepted;
 * - `dead`: rows that the server refused and would refuse again;
 * - `retried`: rows that the worker put back after a failed attempt, to send them again;
 * - `lost`: rows whose lease was lost before their result was recorded, so another worker delivers them, too.
 *
 * @example
 * import { OutboxWorker } from "@mammoth-effect/outbox"
 * import { Schema } from "effect"
 *
 * const toJson = Schema.encodeSync(OutboxWorker.Report)
 *
 * @since 0.1.0
 * @category schemas
 */
export const Report: Schema.Struct<{
  delivered: typeof Schema.Number
  dead: typeof Schema.Number
  retried: typeof Schema.Number
  lost: typeof Schema.Number
}> = Schema.Struct({
  delivered: Schema.Number,
  dead: Schema.Number,
  retried: Schema.Number,
  lost: Schema.Number
})

/**
 * The counts of the rows that a worker has handled since it started.
 *
 * @since 0.1.0
 * @category models
 */
export interface Report extends Schema.Schema.Type<typeof Report> {}

/**
 * A running worker.
 *
 * @since 0.1.0
 * @category models
 */
export interface OutboxWorker {
  /** The name of the worker in the column `lease_owner`. */
  readonly owner: string
  readonly report: Effect.Effect<Report>
}

/**
 * The parts of an outbox that a worker uses.
 *
 * @since 0.1.0
 * @category models
 */
export interface Source<R> {
  readonly name: string
  readonly store: Service
  /** The webhook to deliver to. */
  readonly webhook: Effect.Effect<CombineTarget, WebhookUnresolved, R>
  /** The latch that opens when rows are offered through this outbox. */
  readonly offered: Effect.Latch
}

/** The time after which a worker looks up the webhook again, because the webhook's key may have changed. */
const webhookTtl = "1 minute"

/**
 * Starts a worker, which delivers rows until the scope ends. When the scope ends, the worker claims no more rows and
 * gives back the rows that it has not sent. It then waits for requests in flight.
 *
 * Each request is a single attempt (`RetryPolicy.none`), even if the client has another retry policy. The worker itself
 * retries a row without limit, with growing pauses. These retries continue after a restart. The worker waits for as
 * long as the server's `Retry-After` says, up to an hour.
 *
 * `Verdict.of` decides what an error means for the rows. A row that the server refuses (400, 409, 413, 415, 422)
 * becomes a dead letter. If a batch is refused, the worker sends its halves until the refused row is alone. After 20
 * refused rows without a success between them, the worker assumes that the rows are not the cause. Further refused rows
 * then wait. A row that gets a 413 does not count as one of the 20.
 *
 * @example
 * import { Outbox, OutboxWorker } from "@mammoth-effect/outbox"
 * import { Effect, Schema } from "effect"
 *
 * const program = Effect.gen(function*() {
 *   const orders = yield* Outbox.make("orders", { schema: Schema.Struct({ id: Schema.Int }) })
 *   yield* OutboxWorker.make(orders, { concurrency: 4 })
 *   yield* orders.offer({ id: 1 })
 *   yield* orders.drain
 * }).pipe(Effect.scoped)
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = <R = never>(
  outbox: { readonly source: Source<R> },
  options: Options = {}
): Effect.Effect<OutboxWorker, InvalidOptions, Webhooks | R | Scope.Scope> =>
  Effect.gen(function* () {
    const { name, offered, store, webhook } = outbox.source
    const settings = yield* resolveSettings(options)
    const context = yield* Effect.context<Webhooks | R>()
    const owner = yield* newId
    const limiter =
      options.rateLimit === undefined
        ? undefined
        : yield* RateLimiter.make({ limit: options.rateLimit.requests, interval: options.rateLimit.per })
    const [resolve, forget] = yield* Effect.cachedInvalidateWithTTL(
      Effect.filterOrFail(
        Effect.timeoutFail(webhook, {
          duration: settings.timeout,
          onTimeout: () =>
            new WebhookUnresolved({
              outbox: name,
              reason: "the resolver did not return a webhook within the worker's timeout (raise the option timeout)"
            })
        }),
        (found) => found.mode === "combine",
        (found) =>
          new WebhookUnresolved({
            outbox: name,
            reason: `the webhook is in mode ${JSON.stringify(found["mode"])}, so each push would replace all rows (set the mode to combine)`
          })
      ),
      webhookTtl
    )
    const send = (document: string) =>
      Effect.flatMap(Webhooks, (webhooks) =>
        Effect.flatMap(resolve, (target) => webhooks.addEncodedData(target, document))
      ).pipe(
        RequestOptions.withOptions({
          retry: RetryPolicy.none,
          atLeastOnce: false,
          timeout: settings.timeout,
          deadline: settings.timeout
        }),
        Effect.tapErrorTag("MammothWebhookUnresolved", () => forget),
        Effect.tapErrorTag("MammothUnauthorized", () => forget),
        Effect.tapErrorTag("MammothForbidden", () => forget),
        Effect.tapErrorTag("MammothNotFound", () => forget),
        Effect.provide(context)
      )
    const report = yield* Worker.make({
      ...settings,
      outbox: name,
      owner,
      store,
      offered,
      send,
      rateLimit: Option.map(Option.fromNullable(limiter), (limit) => limit(Effect.void))
    })
    return { owner, report: Effect.sync(report) }
  }).pipe(Transaction.outside)

/**
 * Runs a worker for as long as the layer is in use. The argument `outbox` is the tag of a service that is an outbox, or
 * an effect that returns an outbox.
 *
 * @example
 * import { Outbox, OutboxWorker, WebhookResolver } from "@mammoth-effect/outbox"
 * import { Context, Layer, Schema } from "effect"
 *
 * const Order = Schema.Struct({ id: Schema.Int })
 *
 * class Orders extends Context.Tag("shop/Orders")<
 *   Orders,
 *   Outbox.Outbox<typeof Order.Type, WebhookResolver.WebhookResolver>
 * >() {}
 *
 * const OrdersLayer = Layer.effect(Orders, Outbox.make("orders", { schema: Order }))
 * const WorkerLayer = OutboxWorker.layer(Orders).pipe(Layer.provide(OrdersLayer))
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = <E, I, R = never>(
  outbox: Effect.Effect<{ readonly source: Source<R> }, E, I>,
  options?: Options
): Layer.Layer<never, E | InvalidOptions, I | Webhooks | R> =>
  Layer.scopedDiscard(Effect.flatMap(outbox, (made) => make(made, options)))

type Settings = Omit<Worker.Setup, "outbox" | "owner" | "store" | "offered" | "send" | "rateLimit">

/**
 * Returns the options of a worker, with a default for each missing option. Fails with an issue for each option that is
 * not valid.
 */
const resolveSettings = (options: Options): Effect.Effect<Settings, InvalidOptions> => {
  const issues: Array<Issue.Issue> = []
  const check = (path: Issue.Issue["path"], isValid: boolean, expected: string, value: unknown) => {
    if (!isValid)
      issues.push({ path, expected, received: Duration.isDuration(value) ? Time.format(value) : shape(value) })
  }
  const count = (path: Issue.Issue["path"], value: number | undefined, otherwise: number): number => {
    const given = value ?? otherwise
    check(path, Number.isSafeInteger(given) && given >= 1, "an integer of 1 or more", given)
    return given
  }
  const time = (
    path: Issue.Issue["path"],
    value: Duration.DurationInput | undefined,
    otherwise: Duration.DurationInput
  ) => {
    const given = Time.read(path, value ?? otherwise)
    if (Either.isLeft(given)) {
      issues.push(given.left)
      return Number.NaN
    }
    const millis = Duration.toMillis(given.right)
    check(path, Number.isFinite(millis) && millis >= 1, "a finite time of 1 millisecond or more", given.right)
    return Math.round(millis)
  }

  const lease = time(["lease"], options.lease, "60 seconds")
  const timeout = time(["timeout"], options.timeout, Math.min(30_000, lease / 2))
  check(["timeout"], !(timeout > lease / 2), "at most half of the lease", Duration.millis(timeout))
  const exponent = options.backoff?.exponent ?? 2
  check(["backoff", "exponent"], exponent >= 1, "a number of 1 or more", exponent)
  if (options.rateLimit !== undefined) {
    count(["rateLimit", "requests"], options.rateLimit.requests, 1)
    const per = time(["rateLimit", "per"], options.rateLimit.per, 1)
    // Refuse a period of more than 24 days, because the limiter's timer cannot wait that long.
    check(["rateLimit", "per"], !(per > Wait.longestTimer), "at most 24 days", Duration.millis(per))
  }
  const settings: Settings = {
    concurrency: count(["concurrency"], options.concurrency, 8),
    maxRows: options.batch === undefined ? 1 : count(["batch", "maxRows"], options.batch.maxRows, 500),
    isArray: options.batch !== undefined,
    maxBytes: count(["batch", "maxBytes"], options.batch?.maxBytes, 1_000_000),
    lease,
    timeout,
    poll: time(["pollInterval"], options.pollInterval, "500 millis"),
    backoff: {
      initial: time(["backoff", "initialInterval"], options.backoff?.initialInterval, "1 second"),
      exponent,
      max: time(["backoff", "maxInterval"], options.backoff?.maxInterval, "10 minutes")
    },
    shutdown: time(["shutdownTimeout"], options.shutdownTimeout, "30 seconds"),
    keepDelivered:
      options.keepDelivered === "forever" || options.keepDelivered === Number.POSITIVE_INFINITY
        ? Option.none()
        : Option.some(time(["keepDelivered"], options.keepDelivered, "7 days"))
  }
  return issues.length === 0 ? Effect.succeed(settings) : new InvalidOptions({ issues })
}
