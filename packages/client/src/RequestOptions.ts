/**
 * Options for single calls, or for every call inside an Effect or a Stream.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { dual } from "effect/Function"
import * as Stream from "effect/Stream"
import { isHeaderRecord } from "./internal/http/headerRules.js"
import type * as RetryPolicy from "./RetryPolicy.js"

/**
 * The unchanged response of one attempt, including its secrets. Only the program that makes the call should see this
 * response.
 *
 * @since 0.1.0
 * @category models
 */
export interface RawResponse {
  /** The operation's name, such as `list`. */
  readonly operation: string
  /** The number of the attempt within the call, counted from 1. */
  readonly attempt: number
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly requestId: string | undefined
  readonly text: string
}

/**
 * Options for single calls.
 *
 * @example
 * import type { RequestOptions } from "@mammoth-effect/client"
 *
 * const patient: RequestOptions.Options = { timeout: "2 minutes", headers: { "x-team": "weather" } }
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /**
   * How to retry a call: a policy, the settings of a policy, or a `Schedule`. For example, `{ times: 2 }` allows at
   * most two retries after the first attempt. `RetryPolicy.Input` explains each form. In every form, the SDK retries
   * only if the operation may be repeated after the failure. Default: the policy of the layer.
   */
  readonly retry?: RetryPolicy.Input | undefined
  /** `true` to retry after a 429. Set `false` if your own code slows down after a 429. Default: `true`. */
  readonly retryRateLimited?: boolean | undefined
  /**
   * Set `true` to retry pushes and `create` even if the failed attempt may have written. A retry can then duplicate
   * rows. Default: the policy's setting.
   */
  readonly atLeastOnce?: boolean | undefined
  /** The longest time for one attempt, or `Infinity` for no limit. Default: the timeout of the configuration. */
  readonly timeout?: Duration.DurationInput | undefined
  /**
   * The longest time for one call, with all its attempts, or `Infinity` for no limit. Default: the deadline of the
   * configuration.
   */
  readonly deadline?: Duration.DurationInput | undefined
  /**
   * Additional headers, by name. The call fails with `InvalidRequest` if a header carries credentials, or controls the
   * framing or routing of the message: `content-length`, `transfer-encoding`, `connection`, `host`, `content-encoding`,
   * `proxy-*`, and more.
   */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /**
   * The base URL of another server for these calls. The URL must follow the same rules as the base URL of the
   * configuration.
   */
  readonly baseUrl?: string | undefined
  /** Receives the unchanged response of each attempt, including its secrets. */
  readonly onResponse?: ((response: RawResponse) => Effect.Effect<void>) | undefined
}

/**
 * The options that {@link withOptions} applies to the calls inside an Effect or a Stream.
 *
 * @example
 * import { RequestOptions } from "@mammoth-effect/client"
 * import { Effect } from "effect"
 *
 * const timeout = Effect.map(RequestOptions.RequestOptions, (options) => options.timeout)
 *
 * @since 0.1.0
 * @category references
 */
export class RequestOptions extends Context.Reference<RequestOptions>()("@mammoth-effect/client/RequestOptions", {
  defaultValue: (): Options => ({})
}) {}

/**
 * Merges the headers of an outer and an inner `withOptions`. If one value is not an object of names and values, returns
 * this invalid value, so that the call refuses it.
 */
const mergeHeaders = (outer: Options["headers"], inner: Options["headers"]): Options["headers"] => {
  if (outer === undefined || inner === undefined) return inner ?? outer
  if (!isHeaderRecord(outer)) return outer
  return isHeaderRecord(inner) ? { ...outer, ...inner } : inner
}

const merge = (outer: Options, inner: Options): Options => ({
  retry: inner.retry ?? outer.retry,
  retryRateLimited: inner.retryRateLimited ?? outer.retryRateLimited,
  atLeastOnce: inner.atLeastOnce ?? outer.atLeastOnce,
  timeout: inner.timeout ?? outer.timeout,
  deadline: inner.deadline ?? outer.deadline,
  headers: mergeHeaders(outer.headers, inner.headers),
  baseUrl: inner.baseUrl ?? outer.baseUrl,
  onResponse: inner.onResponse ?? outer.onResponse
})

/**
 * An Effect or a Stream that makes calls.
 *
 * @since 0.1.0
 * @category models
 */
export type Calls = Effect.Effect<unknown, unknown, unknown> | Stream.Stream<unknown, unknown, unknown>

/**
 * The type of the Effect or Stream that {@link withOptions} returns in `pipe`.
 *
 * @since 0.1.0
 * @category models
 */
export type WithOptions<Self extends Calls> =
  Self extends Effect.Effect<infer A, infer E, infer R>
    ? Effect.Effect<A, E, R>
    : Self extends Stream.Stream<infer A, infer E, infer R>
      ? Stream.Stream<A, E, R>
      : never

/**
 * Applies options to every call inside an Effect or a Stream. You can nest `withOptions`: the inner value of an option
 * then replaces the outer value. Headers are merged.
 *
 * @example
 * import { RequestOptions, Webhooks } from "@mammoth-effect/client"
 *
 * const project = { workspaceId: 4, projectId: 4 }
 * const slow = Webhooks.list(project).pipe(RequestOptions.withOptions({ timeout: "2 minutes" }))
 * const everyPage = RequestOptions.withOptions(Webhooks.stream(project), { headers: { "x-team": "weather" } })
 *
 * @since 0.1.0
 * @category combinators
 */
export const withOptions: {
  /**
   * Applies options to every call inside an Effect or a Stream. You can nest `withOptions`: the inner value of an
   * option then replaces the outer value. Headers are merged.
   *
   * @example
   * import { RequestOptions, Webhooks } from "@mammoth-effect/client"
   *
   * const project = { workspaceId: 4, projectId: 4 }
   * const slow = Webhooks.list(project).pipe(RequestOptions.withOptions({ timeout: "2 minutes" }))
   * const everyPage = RequestOptions.withOptions(Webhooks.stream(project), { headers: { "x-team": "weather" } })
   *
   * @since 0.1.0
   * @category combinators
   */
  (options: Options): <Self extends Calls>(self: Self) => WithOptions<Self>
  /**
   * Applies options to every call inside an Effect or a Stream. You can nest `withOptions`: the inner value of an
   * option then replaces the outer value. Headers are merged.
   *
   * @example
   * import { RequestOptions, Webhooks } from "@mammoth-effect/client"
   *
   * const project = { workspaceId: 4, projectId: 4 }
   * const slow = Webhooks.list(project).pipe(RequestOptions.withOptions({ timeout: "2 minutes" }))
   * const everyPage = RequestOptions.withOptions(Webhooks.stream(project), { headers: { "x-team": "weather" } })
   *
   * @since 0.1.0
   * @category combinators
   */
  <A, E, R>(self: Effect.Effect<A, E, R>, options: Options): Effect.Effect<A, E, R>
  /**
   * Applies options to every call inside an Effect or a Stream. You can nest `withOptions`: the inner value of an
   * option then replaces the outer value. Headers are merged.
   *
   * @example
   * import { RequestOptions, Webhooks } from "@mammoth-effect/client"
   *
   * const project = { workspaceId: 4, projectId: 4 }
   * const slow = Webhooks.list(project).pipe(RequestOptions.withOptions({ timeout: "2 minutes" }))
   * const everyPage = RequestOptions.withOptions(Webhooks.stream(project), { headers: { "x-team": "weather" } })
   *
   * @since 0.1.0
   * @category combinators
   */
  <A, E, R>(self: Stream.Stream<A, E, R>, options: Options): Stream.Stream<A, E, R>
} = dual(2, (self: Calls, options: Options): Calls =>
  Effect.isEffect(self)
    ? Effect.flatMap(RequestOptions, (outer) => Effect.provideService(self, RequestOptions, merge(outer, options)))
    : Stream.unwrap(
        Effect.map(RequestOptions, (outer) => Stream.provideService(self, RequestOptions, merge(outer, options)))
      )
)
