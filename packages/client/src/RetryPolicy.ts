/**
 * Decides whether to retry a call, and how long to wait before each retry.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Predicate from "effect/Predicate"
import * as Random from "effect/Random"
import * as Schedule from "effect/Schedule"
import * as Issue from "./Issue.js"
import * as Time from "./Time.js"
import type { WebhooksError } from "./WebhooksError.js"

/**
 * The symbol that marks a complete policy.
 *
 * @since 0.1.0
 * @category symbols
 */
export const TypeId: unique symbol = Symbol.for("@mammoth-effect/client/RetryPolicy")

/**
 * The type of {@link TypeId}.
 *
 * @since 0.1.0
 * @category symbols
 */
export type TypeId = typeof TypeId

/**
 * A complete retry policy.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service {
  readonly [TypeId]: TypeId
  /** The maximum number of attempts, including the first. */
  readonly attempts: number
  /** The waits before the retries. After the end of the schedule, the call makes no further retry. */
  readonly schedule: Schedule.Schedule<unknown, WebhooksError>
  /**
   * `true` to retry pushes and `create` even if the failed attempt may have written. A retry can then duplicate rows.
   */
  readonly atLeastOnce: boolean
  /** `true` to retry after a refused or reset connection. */
  readonly retryConnectionErrors: boolean
  /** The longest `Retry-After` that a call waits for. A longer `Retry-After` ends the call. */
  readonly maxRetryAfter: Duration.Duration
  /**
   * The number of retries that the calls of a layer share, counted in tokens. Each retry takes one token. Each call
   * that succeeds at its first attempt gives back a tenth of a token. `undefined` means no limit.
   */
  readonly budget: number | undefined
}

/**
 * The retry policy with which `Webhooks.layer` is built. Default: {@link standard}.
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
 * Options of a policy. The defaults are those of {@link standard}.
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
  /** The maximum number of attempts, including the first. Default: 4. */
  readonly attempts?: number | undefined
  /**
   * The maximum number of retries after the first attempt, as in `Effect.retry`. So `times: 3` means the same as
   * `attempts: 4`. Give only one of these two options. Default: 3.
   */
  readonly times?: number | undefined
  /**
   * The limit of the wait before the first retry. Jitter makes each wait a random time from zero to its limit. Default:
   * 500 ms.
   */
  readonly initialInterval?: Duration.DurationInput | undefined
  /** The factor by which the limit of the wait grows before each further retry. Default: 1.5. */
  readonly exponent?: number | undefined
  /** The longest wait that the policy itself chooses. Default: 60 s. */
  readonly maxInterval?: Duration.DurationInput | undefined
  /**
   * Your own waits, which replace `initialInterval`, `exponent` and `maxInterval`. The SDK adds no jitter to these
   * waits. `attempts` still limits the number of attempts.
   */
  readonly schedule?: Schedule.Schedule<unknown, WebhooksError> | undefined
  /**
   * Set `true` to retry pushes and `create` even if the failed attempt may have written. A retry can then duplicate
   * rows. Default: `false`.
   */
  readonly atLeastOnce?: boolean | undefined
  /** `true` to retry after a refused or reset connection. Default: `true`. */
  readonly retryConnectionErrors?: boolean | undefined
  /**
   * The longest `Retry-After` that a call waits for. With zero, a call never waits for a `Retry-After`. With
   * `Infinity`, a call always waits. Default: 60 s.
   */
  readonly maxRetryAfter?: Duration.DurationInput | undefined
  /**
   * The number of retries that the calls of a layer share, or `"unlimited"`. Only the policy of the layer sets the
   * number. In the options of a call, `"unlimited"` exempts the call from the limit, and a number has no effect.
   * Default: 100.
   */
  readonly budget?: number | "unlimited" | undefined
}

/**
 * A retry policy in any form that a caller can give. Each form decides how often to retry and how long to wait. In
 * every form, the SDK retries only if the operation may be repeated after the failure. For example, a push that may
 * have written is retried only with `atLeastOnce`.
 *
 * - A {@link Service}, such as {@link standard}: the complete policy, unchanged.
 * - {@link Options}: settings. If you leave out a setting, the value of {@link standard} applies. So `{ times: 2 }`
 *   means at most two retries after the first attempt, with the waits of {@link standard}.
 * - A `Schedule`: the waits, without jitter, and the number of retries. The call ends when the schedule ends. Nothing
 *   else limits the attempts, so a schedule without an end retries until the deadline, or until the retry budget is
 *   used up. All other settings are those of {@link standard}. A `Retry-After` that is longer than a wait replaces the
 *   wait.
 *
 * @example
 * import { RequestOptions, type RetryPolicy, Webhooks } from "@mammoth-effect/client"
 * import { Schedule } from "effect"
 *
 * const list = (retry: RetryPolicy.Input) =>
 *   RequestOptions.withOptions(Webhooks.list({ workspaceId: 4, projectId: 4 }), { retry })
 *
 * const twice = list({ times: 2 })
 * const eachSecond = list(Schedule.intersect(Schedule.spaced("1 second"), Schedule.recurs(10)))
 *
 * @since 0.1.0
 * @category models
 */
export type Input = Service | Options | Schedule.Schedule<unknown, WebhooksError>

/**
 * The retry settings of the Python reference SDK. All times are in milliseconds, as in that SDK.
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
  /** The strategy: `backoff` for waits that grow, or `none` for one attempt only. */
  readonly strategy: "backoff" | "none"
  readonly backoff?:
    | {
        /** The limit of the wait before the first retry, in milliseconds. Default: 500. */
        readonly initialInterval?: number | undefined
        /** The longest wait before a retry, in milliseconds. Default: 60,000. */
        readonly maxInterval?: number | undefined
        /** The factor by which the limit of the wait grows before each further retry. Default: 1.5. */
        readonly exponent?: number | undefined
        /** The time limit for retries, in milliseconds, counted from the first failure. Default: 3,600,000. */
        readonly maxElapsedTime?: number | undefined
      }
    | undefined
  /** `true` to retry after a refused or reset connection. Default: `true`. */
  readonly retryConnectionErrors?: boolean | undefined
}

/**
 * Makes a schedule with full jitter. The limit of a wait grows from `initial` by the factor `exponent`, up to `max`.
 * Each wait is a random time from zero to its limit.
 *
 * @since 0.1.0
 * @category schedules
 */
const backoff = (initial: Duration.Duration, exponent: number, max: Duration.Duration) =>
  Schedule.addDelayEffect(Schedule.forever, (retries) =>
    Effect.map(Random.next, (share) =>
      Duration.millis(share * Math.min(Duration.toMillis(initial) * exponent ** retries, Duration.toMillis(max)))
    )
  )

/**
 * Makes a policy from settings or from a schedule: see {@link Input}. If a setting cannot be used, throws a `TypeError`
 * that names the setting.
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
export const make = (given: Input = {}): Service => Either.getOrThrowWith(read(given), refused)

const refused = (issue: Issue.Issue) => new TypeError(`RetryPolicy: ${Issue.format(issue)}`)

const isService = (given: Options | Service): given is Service => Predicate.hasProperty(given, TypeId)

/**
 * Makes a policy from settings or from a schedule, or returns a policy unchanged: see {@link Input}. Returns an issue
 * if a setting cannot be used. {@link make} throws in that case.
 *
 * @example
 * import { Issue, RetryPolicy } from "@mammoth-effect/client"
 * import { Either } from "effect"
 *
 * const attempts = Either.match(RetryPolicy.read({ attempts: 0 }), {
 *   onLeft: Issue.format,
 *   onRight: (policy) => policy.attempts
 * })
 * console.log(attempts) // attempts: expected a number of 1 or more, received zero
 *
 * @since 0.1.0
 * @category constructors
 */
export const read = (given: Input): Either.Either<Service, Issue.Issue> => {
  if (Schedule.isSchedule(given)) return fromOptions({ attempts: Number.POSITIVE_INFINITY, schedule: given })
  if (!Predicate.isRecord(given)) {
    return Either.left({ path: [], expected: "an object of settings or a Schedule", received: Issue.shape(given) })
  }
  if (!isService(given)) return fromOptions(given)
  // Refuse `{ ...RetryPolicy.standard, times: 2 }`: this is a complete policy, so its `times` would have no effect.
  return Predicate.hasProperty(given, "times") && given.times !== undefined
    ? Either.left({
        path: ["times"],
        expected: "`attempts`, because a complete policy has no `times`",
        received: Issue.shape(given.times)
      })
    : Either.right(given)
}

const number = (name: keyof Options, given: unknown, least: number): Either.Either<number, Issue.Issue> =>
  Predicate.isNumber(given) && given >= least
    ? Either.right(given)
    : Either.left({ path: [name], expected: `a number of ${least} or more`, received: Issue.shape(given) })

/** Reads the maximum number of attempts from `attempts` or `times`. */
const attemptsOf = ({ attempts, times }: Options): Either.Either<number, Issue.Issue> => {
  if (times === undefined) return number("attempts", attempts ?? 4, 1)
  return attempts === undefined
    ? Either.map(number("times", times, 0), (retries) => retries + 1)
    : Either.left({ path: ["times"], expected: "only one of the options times and attempts", received: "both" })
}

const fromOptions = (options: Options): Either.Either<Service, Issue.Issue> =>
  Either.gen(function* () {
    const initial = yield* Time.read(["initialInterval"], options.initialInterval ?? "500 millis")
    const exponent = yield* number("exponent", options.exponent ?? 1.5, 1)
    const longest = yield* Time.read(["maxInterval"], options.maxInterval ?? "60 seconds")
    return {
      [TypeId]: TypeId,
      attempts: yield* attemptsOf(options),
      schedule: options.schedule ?? backoff(initial, exponent, longest),
      atLeastOnce: options.atLeastOnce ?? false,
      retryConnectionErrors: options.retryConnectionErrors ?? true,
      maxRetryAfter: yield* Time.read(["maxRetryAfter"], options.maxRetryAfter ?? "60 seconds", { orZero: true }),
      budget: options.budget === "unlimited" ? undefined : yield* number("budget", options.budget ?? 100, 0)
    }
  })

/**
 * The default policy: at most four attempts, with waits that grow from 500 ms by the factor 1.5, and with full jitter.
 * No retry can duplicate a row.
 *
 * @example
 * import { RequestOptions, RetryPolicy, Webhooks } from "@mammoth-effect/client"
 *
 * const page = Webhooks.list({ workspaceId: 4, projectId: 4 }).pipe(
 *   RequestOptions.withOptions({ retry: RetryPolicy.standard })
 * )
 *
 * @since 0.1.0
 * @category policies
 */
export const standard: Service = make()

/**
 * The policy without retries: each call makes one attempt only.
 *
 * @example
 * import { RequestOptions, RetryPolicy, Webhooks } from "@mammoth-effect/client"
 *
 * const once = Webhooks.list({ workspaceId: 4, projectId: 4 }).pipe(
 *   RequestOptions.withOptions({ retry: RetryPolicy.none })
 * )
 *
 * @since 0.1.0
 * @category policies
 */
export const none: Service = make({ attempts: 1 })

/**
 * A policy like {@link standard} that also retries pushes and `create` after failures that may have written. Use this
 * policy if duplicate rows are better than missing rows.
 *
 * @example
 * import { RequestOptions, RetryPolicy, WebhookKey, Webhooks } from "@mammoth-effect/client"
 *
 * const push = Webhooks.addData(WebhookKey.make("g7rHe3mUqUGPEpnc4XxeDWJa"), { reading: 1 }).pipe(
 *   RequestOptions.withOptions({ retry: RetryPolicy.atLeastOnce })
 * )
 *
 * @since 0.1.0
 * @category policies
 */
export const atLeastOnce: Service = make({ atLeastOnce: true })

/**
 * Makes a policy from the settings of the Python reference SDK. The number of attempts is limited only by time. Retries
 * are as safe as with {@link standard}. In contrast, the reference SDK also retries calls that must write only once, so
 * it can duplicate rows. If a setting cannot be used, throws a `TypeError` that names the setting.
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
  const longest = Either.getOrThrowWith(Time.read(["maxElapsedTime"], maxElapsedTime), refused)
  const policy = make({
    attempts: Number.POSITIVE_INFINITY,
    initialInterval,
    exponent,
    maxInterval,
    budget: "unlimited",
    retryConnectionErrors: settings.retryConnectionErrors ?? true
  })
  return { ...policy, schedule: Schedule.upTo(policy.schedule, longest) }
}

/**
 * Provides a retry policy for `Webhooks.layer`. The policy is read once, when `Webhooks.layer` is built. Default:
 * {@link standard}.
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
