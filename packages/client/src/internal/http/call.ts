/** A call of an operation, as the HTTP policies see it: prepared once, then never changed. */
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type * as Issue from "@mammoth-effect/core/Issue"
import type * as Operation from "@mammoth-effect/core/Operation"
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as Either from "effect/Either"
import type * as Option from "effect/Option"
import type { ResponseLimits } from "../../MammothConfig.js"
import type { RawResponse } from "../../RequestOptions.js"
import type * as RetryPolicy from "../../RetryPolicy.js"

/** Configuration and per-call options, resolved. */
export interface Settings {
  readonly baseUrl: string
  readonly userAgent: string
  readonly timeout: Duration.Duration
  readonly deadline: Option.Option<Duration.Duration>
  readonly retry: RetryPolicy.Service
  readonly retryRateLimited: boolean
  readonly headers: Readonly<Record<string, string>>
  /** How the secret of a secure webhook is sent. */
  readonly webhookSecret: { readonly header: string; readonly scheme: string }
  readonly responseLimits: ResponseLimits
  readonly onResponse: ((response: RawResponse) => Effect.Effect<void>) | undefined
}

/** One call of an operation that succeeds with an `A`. */
export interface Call<A = unknown> {
  readonly operation: Operation.Operation
  /** The function that the caller called, such as `ensure`, which errors name. */
  readonly calledAs: string
  readonly settings: Settings
  /** The request, without base URL, keys and the headers that every request has. */
  readonly request: HttpClientRequest.HttpClientRequest
  /** Texts in the request that must not be shown: the webhook's key and secret. */
  readonly secrets: ReadonlyArray<string>
  /** The value of a call that returns no body. */
  readonly nothing: A
  /** Decodes the body of a call that returns one. */
  readonly decode: (text: string) => Either.Either<A, Issue.Issues>
}

/** Does the call return the body of its response? */
export const returnsBody = ({ operation }: Pick<Call, "operation">): boolean => operation.errors.includes("DecodeError")

/** The fields that every error of an operation names, given the function that the caller called. */
export const identify = (operation: Operation.Operation, calledAs: string = operation.name) => ({
  operation: calledAs,
  method: operation.method,
  route: operation.route
})
