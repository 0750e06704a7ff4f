/**
 * When a call is attempted again, and how long it waits before.
 *
 * @since 0.1.0
 */
import type { WebhooksError } from "@mammoth-effect/core/WebhooksError"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import * as Schedule from "effect/Schedule"

/**
 * A retry policy, complete.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** How many attempts there may be, the first among them. */
  readonly attempts: number
  /** How long to wait before each further attempt; its end ends the call. */
  readonly schedule: Schedule.Schedule<unknown, WebhooksError>
  /** Whether calls that write once are also repeated where the server may have acted, which can duplicate rows. */
  readonly atLeastOnce: boolean
  /** Whether a refused or reset connection is attempted again. */
  readonly retryConnectionErrors: boolean
  /** The longest `Retry-After` that is waited for; a longer one ends the call. */
  readonly maxRetryAfter: Duration.Duration
  /**
   * How many retries the calls of a layer may make together before they have to earn more: each retry takes one token,
   * each call that succeeds at once gives a tenth back. None: no limit.
   */
  readonly budget: Option.Option<number>
}

/**
 * What of a policy may be set; each that is left out is as in {@link standard}.
 *
 * @example
 * import type { RetryPolicy } from "@mammoth-effect/client"
 *
 * const quick: RetryPolicy.Options = { attempts: 2, initialInterval: "100 millis" }
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** How many attempts there may be, the first among them. Default 4. */
  readonly attempts?: number | undefined
  /** The first wait, before jitter. Default 500 ms. */
  readonly initialInterval?: Duration.DurationInput | undefined
  /** How much longer each further wait is. Default 1.5. */
  readonly exponent?: number | undefined
  /** The longest wait. Default 60 s. */
  readonly maxInterval?: Duration.DurationInput | undefined
  /** Waits of one's own, in place of the three settings before; they are taken as they are, without jitter. */
  readonly schedule?: Schedule.Schedule<unknown, WebhooksError> | undefined
  /** Default `false`. */
  readonly atLeastOnce?: boolean | undefined
  /** Default `true`. */
  readonly retryConnectionErrors?: boolean | undefined
  /** Default 60 s. */
  readonly maxRetryAfter?: Duration.DurationInput | undefined
  /** Default 100 tokens; `"unlimited"` for none. */
  readonly budget?: number | "unlimited" | undefined
}

/**
 * Waits that grow from `initial` by `exponent` to at most `max`, each drawn evenly between zero and its full length.
 *
 * @since 0.1.0
 * @category schedules
 */
const backoff = (initial: Duration.DurationInput, exponent: number, max: Duration.DurationInput) =>
  Schedule.addDelayEffect(Schedule.forever, (retries) =>
    Effect.map(Random.next, (share) =>
      Duration.millis(share * Math.min(Duration.toMillis(initial) * exponent ** retries, Duration.toMillis(max)))
    )
  )

/**
 * A policy from settings.
 *
 * @example
 * import { RetryPolicy } from "@mammoth-effect/client"
 *
 * const patient = RetryPolicy.make({ attempts: 10, maxInterval: "5 minutes" })
 * console.log(patient.attempts, patient.atLeastOnce) // 10 false
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (options: Options = {}): Service => ({
  attempts: options.attempts ?? 4,
  schedule:
    options.schedule
    ?? backoff(options.initialInterval ?? "500 millis", options.exponent ?? 1.5, options.maxInterval ?? "60 seconds"),
  atLeastOnce: options.atLeastOnce ?? false,
  retryConnectionErrors: options.retryConnectionErrors ?? true,
  maxRetryAfter: Duration.decode(options.maxRetryAfter ?? "60 seconds"),
  budget: options.budget === "unlimited" ? Option.none() : Option.some(options.budget ?? 100)
})

/**
 * At most four attempts, 500 ms × 1.5 with full jitter between them, and never one that could duplicate a row.
 *
 * @example
 * import { RequestOptions, RetryPolicy, Webhooks } from "@mammoth-effect/client"
 *
 * const page = Webhooks.list({ workspaceId: 4, projectId: 4 }).pipe(
 *   RequestOptions.provide({ retry: RetryPolicy.standard })
 * )
 *
 * @since 0.1.0
 * @category policies
 */
export const standard: Service = make()

/**
 * One attempt only.
 *
 * @example
 * import { RequestOptions, RetryPolicy, Webhooks } from "@mammoth-effect/client"
 *
 * const once = Webhooks.list({ workspaceId: 4, projectId: 4 }).pipe(
 *   RequestOptions.provide({ retry: RetryPolicy.none })
 * )
 *
 * @since 0.1.0
 * @category policies
 */
export const none: Service = make({ attempts: 1 })

/**
 * As {@link standard}, but calls that write once are also repeated where the server may have acted: no row is missed,
 * some may be there twice.
 *
 * @example
 * import { RequestOptions, RetryPolicy, Webhooks } from "@mammoth-effect/client"
 * import { WebhookKey } from "@mammoth-effect/core"
 *
 * const push = Webhooks.addData(WebhookKey.make("g7rHe3mUqUGPEpnc4XxeDWJa"), { reading: 1 }).pipe(
 *   RequestOptions.provide({ retry: RetryPolicy.atLeastOnce })
 * )
 *
 * @since 0.1.0
 * @category policies
 */
export const atLeastOnce: Service = make({ atLeastOnce: true })

/**
 * The retry settings of the Python reference SDK, in its words and units (milliseconds).
 *
 * @example
 * import type { RetryPolicy } from "@mammoth-effect/client"
 *
 * const settings: RetryPolicy.ReferenceSettings = {
 *   strategy: "backoff",
 *   backoff: { initialInterval: 500, maxInterval: 60_000, exponent: 1.5, maxElapsedTime: 3_600_000 },
 *   retryConnectionErrors: true
 * }
 *
 * @since 0.1.0
 * @category options
 */
export interface ReferenceSettings {
  /** `backoff`, or `none` for one attempt only. */
  readonly strategy: "backoff" | "none"
  readonly backoff?:
    | {
        /** The first wait, in milliseconds. Default 500. */
        readonly initialInterval?: number | undefined
        /** The longest wait, in milliseconds. Default 60,000. */
        readonly maxInterval?: number | undefined
        /** How much longer each further wait is. Default 1.5. */
        readonly exponent?: number | undefined
        /** How long after the first failure an attempt that fails may still be followed by another, in milliseconds. Default 3,600,000. */
        readonly maxElapsedTime?: number | undefined
      }
    | undefined
  /** Default `true`. */
  readonly retryConnectionErrors?: boolean | undefined
}

/**
 * A policy from the settings of the Python reference SDK. The number of attempts is bounded by time alone. What may be
 * repeated stays as safe as in {@link standard}: the reference also repeats calls that write once, which duplicates.
 *
 * @example
 * import { RetryPolicy } from "@mammoth-effect/client"
 *
 * const policy = RetryPolicy.fromReference({ strategy: "backoff", backoff: { maxElapsedTime: 60_000 } })
 *
 * @since 0.1.0
 * @category constructors
 */
export const fromReference = (settings: ReferenceSettings): Service => {
  if (settings.strategy === "none") return none
  const {
    exponent = 1.5,
    initialInterval = 500,
    maxElapsedTime = 3_600_000,
    maxInterval = 60_000
  } = settings.backoff ?? {}
  return make({
    attempts: Number.POSITIVE_INFINITY,
    schedule: backoff(initialInterval, exponent, maxInterval).pipe(Schedule.upTo(maxElapsedTime)),
    budget: "unlimited",
    retryConnectionErrors: settings.retryConnectionErrors ?? true
  })
}

/**
 * The policy of the layer that `Webhooks.layer` is built with; without one, {@link standard}.
 *
 * @example
 * import { RetryPolicy } from "@mammoth-effect/client"
 * import { Effect } from "effect"
 *
 * const attempts = Effect.map(RetryPolicy.RetryPolicy, (policy) => policy.attempts)
 *
 * @since 0.1.0
 * @category tags
 */
export class RetryPolicy extends Context.Tag("@mammoth-effect/client/RetryPolicy")<RetryPolicy, Service>() {}

/**
 * Gives `Webhooks.layer` a policy. It is read once, when that layer is built; {@link standard} is what it has without.
 *
 * @example
 * import { RetryPolicy, Webhooks } from "@mammoth-effect/client"
 * import { Layer } from "effect"
 *
 * const layer = Webhooks.layer.pipe(Layer.provide(RetryPolicy.layer(RetryPolicy.none)))
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (policy: Service): Layer.Layer<RetryPolicy> => Layer.succeed(RetryPolicy, policy)
