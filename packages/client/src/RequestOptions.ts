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
 * The response of one attempt, secrets included. It is meant for the caller only.
 *
 * @since 0.1.0
 * @category models
 */
export interface RawResponse {
  /** The operation's name, such as `list`. */
  readonly operation: string
  /** The number of the attempt within the call, from 1. */
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
   * The retries of a call: a policy, settings for one such as `{ times: 2 }` (at most two retries after the first
   * attempt), or a `Schedule`. `RetryPolicy.Input` explains each form. No form retries a failure that the operation
   * must not repeat. Default: the policy of the layer.
   */
  readonly retry?: RetryPolicy.Input | undefined
  /** `true` to retry after a 429, `false` for callers that pace themselves. Default: `true`. */
  readonly retryRateLimited?: boolean | undefined
  /**
   * Retries pushes and `create` after failures that may have written. Rows can be duplicated. Default: as in the
   * policy.
   */
  readonly atLeastOnce?: boolean | undefined
  /** The longest time for one attempt, or `Infinity`. Default: that of the configuration. */
  readonly timeout?: Duration.DurationInput | undefined
  /** The longest time for one call, with all its attempts, or `Infinity`. Default: that of the configuration. */
  readonly deadline?: Duration.DurationInput | undefined
  /**
   * Further headers, by name. A header that carries credentials, or that frames or routes the message, fails the call
   * with `InvalidRequest`: `content-length`, `transfer-encoding`, `connection`, `host`, `content-encoding`, `proxy-*`,
   * and more.
   */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** The base URL of another server for these calls, under the same rules as that of the configuration. */
  readonly baseUrl?: string | undefined
  /** Receives the response of each attempt, secrets included. */
  readonly onResponse?: ((response: RawResponse) => Effect.Effect<void>) | undefined
}

/**
 * The options that {@link withOptions} gives to the calls inside an Effect or a Stream.
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

/** Merges headers. Keeps a value that is not an object of names and values, so that the call refuses it. */
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
 * Gives these options to every call inside an Effect or a Stream. If options are nested, the inner option wins. Headers
 * are merged.
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
   * Gives these options to every call inside an Effect or a Stream. If options are nested, the inner option wins.
   * Headers are merged.
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
   * Gives these options to every call inside an Effect or a Stream. If options are nested, the inner option wins.
   * Headers are merged.
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
   * Gives these options to every call inside an Effect or a Stream. If options are nested, the inner option wins.
   * Headers are merged.
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
