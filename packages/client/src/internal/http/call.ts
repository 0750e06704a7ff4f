/**
 * A call of an operation, and its attempts. A `Call` is prepared once and never changed. Only an `Attempt` is written
 * while a request is in flight, because the time limit has to know the stage of the attempt. Only the functions below
 * write it.
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

/** Configuration and per-call options, resolved. */
export interface Settings {
  readonly baseUrl: string
  readonly userAgent: string
  readonly timeout: Duration.Duration
  readonly deadline: Duration.Duration | undefined
  readonly retry: RetryPolicy.Service
  readonly retryRateLimited: boolean
  readonly headers: Readonly<Record<string, string>>
  /** The header and scheme that carry the secret of a secure webhook. */
  readonly webhookSecret: { readonly header: string; readonly scheme: string }
  readonly responseLimits: ResponseLimits
  readonly onResponse: ((response: RawResponse) => Effect.Effect<void>) | undefined
}

/** One call of an operation that succeeds with an `A`. */
export interface Call<A = unknown> {
  readonly operation: Operation.Operation
  /** The function that the caller called, such as `ensure`. Errors name it. */
  readonly calledAs: string
  readonly settings: Settings
  /** The request, without the base URL, the keys, and the headers of every request. */
  readonly request: HttpClientRequest.HttpClientRequest
  /** Texts in the request that must not be shown: the webhook's key and secret. */
  readonly secrets: ReadonlyArray<string>
  /** The value of a call that returns no body. */
  readonly nothing: A
  /** Decodes the body of a call that returns one. */
  readonly decode: (text: string) => Either.Either<A, Issue.Issues>
}

/** Returns `true` if the call returns the body of its response. */
export const returnsBody = ({ operation }: Pick<Call, "operation">): boolean =>
  operation.errors.includes("MammothDecodeError")

/** Returns the fields of every error of an operation, given the function that the caller called. */
export const identify = (operation: Operation.Operation, calledAs: string = operation.name) => ({
  operation: calledAs,
  method: operation.method,
  route: operation.route
})

/** A response, with as much of its body as was read. */
export interface Response {
  readonly status: number
  readonly headers: Headers.Headers
  readonly text: string
  /** The reason why the text is not the whole body, if it is not. */
  readonly flaw: Issue.Issues | undefined
}

/** One attempt of a call, and its progress. */
export interface Attempt {
  /** The number of the attempt within its call, from 1. */
  readonly number: number
  /** The time at which the attempt began, in milliseconds. */
  readonly startedAt: number
  /** The time by which the call has to end, in milliseconds. It is infinite without a deadline. */
  readonly deadlineAt: number
  /** Texts that must not be shown: those of the call, and the keys of each attempt. */
  secrets: ReadonlyArray<string>
  /** The step that the attempt has reached. */
  stage: TimedOut["stage"]
  /** The account's keys in the request. */
  keys: Keys | undefined
  /** The response, after its headers have arrived. It has no text until the body was read. */
  response: Response | undefined
}

export const begin = (fields: Pick<Attempt, "number" | "startedAt" | "deadlineAt" | "secrets">): Attempt => ({
  // list the fields one by one, because a spread would make writing the record several times as slow
  number: fields.number,
  startedAt: fields.startedAt,
  deadlineAt: fields.deadlineAt,
  secrets: fields.secrets,
  stage: "request",
  keys: undefined,
  response: undefined
})

/** Records that the attempt waits for its keys. */
export const awaitKeys = (attempt: Attempt): void => {
  attempt.stage = "credentials"
}

/** Records the keys of the attempt, and the texts in which they are sent. */
export const takeKeys = (attempt: Attempt, keys: Keys, texts: ReadonlyArray<string>): void => {
  attempt.keys = keys
  attempt.secrets = [...attempt.secrets, ...texts]
  attempt.stage = "request"
}

/** Records the response: without text when its headers arrive, then with the text of its body. */
export const receive = (attempt: Attempt, response: Response): Response => {
  attempt.stage = "body"
  attempt.response = response
  return response
}

/** Returns `true` if the status is a 2xx, which says that the server acted. */
export const isSuccess = ({ status }: Pick<Response, "status">): boolean => status >= 200 && status < 300
