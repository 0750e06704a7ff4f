/**
 * The data of a call and of its attempts. A `Call` is prepared once and never changed. An `Attempt` changes while its
 * request is in flight. If the attempt takes too long, `withTimeLimits` reads the stage that the attempt has reached.
 * Only the functions below change an attempt.
 */
import type * as Headers from "@effect/platform/Headers"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type * as Issue from "@mammoth-effect/core/Issue"
import type * as Operation from "@mammoth-effect/core/Operation"
import type { TimedOut } from "@mammoth-effect/core/WebhooksError"
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as Either from "effect/Either"
import type { Keys } from "../../Credentials.js"
import type { ResponseLimits } from "../../MammothConfig.js"
import type { RawResponse } from "../../RequestOptions.js"
import type * as RetryPolicy from "../../RetryPolicy.js"

/** The settings of one call: the configuration, merged with the call's options. */
export interface Settings {
  readonly baseUrl: string
  readonly userAgent: string
  readonly timeout: Duration.Duration
  readonly deadline: Duration.Duration | undefined
  readonly retry: RetryPolicy.Service
  readonly retryRateLimited: boolean
  readonly headers: Readonly<Record<string, string>>
  /** The header that carries the secret of a secure webhook, and the scheme before the secret. */
  readonly webhookSecret: { readonly header: string; readonly scheme: string }
  readonly responseLimits: ResponseLimits
  readonly onResponse: ((response: RawResponse) => Effect.Effect<void>) | undefined
}

/** A call of an operation. `A` is the type of its result. */
export interface Call<A = unknown> {
  readonly operation: Operation.Operation
  /** The function that the caller called, such as `ensure`. Errors name this function. */
  readonly calledAs: string
  readonly settings: Settings
  /** The request, before the base URL, the account's keys and the common headers are added. */
  readonly request: HttpClientRequest.HttpClientRequest
  /** Strings in the request that must not be shown: the webhook's key and secret. */
  readonly secrets: ReadonlyArray<string>
  /** The value that the call returns if its operation returns nothing from the response. */
  readonly nothing: A
  /** Decodes the response's body, for an operation that returns a value. */
  readonly decode: (text: string) => Either.Either<A, Issue.Issues>
}

/** Returns `true` if the operation returns a value from the response's body. */
export const returnsBody = ({ operation }: Pick<Call, "operation">): boolean =>
  operation.errors.includes("MammothDecodeError")

/** Returns the fields that every error of an operation has. `calledAs` is the function that the caller called. */
export const identify = (operation: Operation.Operation, calledAs: string = operation.name) => ({
  operation: calledAs,
  method: operation.method,
  route: operation.route
})

/** A response, and the part of its body that was read. */
export interface Response {
  readonly status: number
  readonly headers: Headers.Headers
  readonly text: string
  /** The reason why `text` is not the whole body, or `undefined` if `text` is the whole body. */
  readonly flaw: Issue.Issues | undefined
}

/** One attempt of a call, and its progress. */
export interface Attempt {
  /** The number of the attempt within its call, counted from 1. */
  readonly number: number
  /** The time at which the attempt began, in milliseconds. */
  readonly startedAt: number
  /** The time by which the call has to end, in milliseconds. It is infinite without a deadline. */
  readonly deadlineAt: number
  /** Strings that must not be shown: the secrets of the call, and the keys of its attempts so far. */
  secrets: ReadonlyArray<string>
  /** The step that the attempt has reached. */
  stage: TimedOut["stage"]
  /** The account's keys in the request. */
  keys: Keys | undefined
  /**
   * The response. It is `undefined` until its headers have arrived, and its `text` is empty until the body has been
   * read.
   */
  response: Response | undefined
}

export const begin = (fields: Pick<Attempt, "number" | "startedAt" | "deadlineAt" | "secrets">): Attempt => ({
  // List the fields one by one, because a spread would make each write to the attempt several times slower.
  number: fields.number,
  startedAt: fields.startedAt,
  deadlineAt: fields.deadlineAt,
  secrets: fields.secrets,
  stage: "request",
  keys: undefined,
  response: undefined
})

/** Records that the attempt is waiting for the account's keys. */
export const awaitKeys = (attempt: Attempt): void => {
  attempt.stage = "credentials"
}

/**
 * Records the account's keys for the attempt. `texts` are the strings that carry the keys in the request. These strings
 * must not be shown.
 */
export const takeKeys = (attempt: Attempt, keys: Keys, texts: ReadonlyArray<string>): void => {
  attempt.keys = keys
  attempt.secrets = [...attempt.secrets, ...texts]
  attempt.stage = "request"
}

/**
 * Records a response. Call this twice: without text when the headers have arrived, and with the text when the body has
 * been read.
 */
export const receive = (attempt: Attempt, response: Response): Response => {
  attempt.stage = "body"
  attempt.response = response
  return response
}

/** Returns `true` if the status is a 2xx, which means that the server acted. */
export const isSuccess = ({ status }: Pick<Response, "status">): boolean => status >= 200 && status < 300
