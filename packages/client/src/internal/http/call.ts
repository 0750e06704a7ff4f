/** The call at hand: what the policies know about the operation that a request belongs to, and how far it has come. */
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Delivery from "@mammoth-effect/core/Delivery"
import type * as Issue from "@mammoth-effect/core/Issue"
import type * as Operation from "@mammoth-effect/core/Operation"
import type * as WebhooksError from "@mammoth-effect/core/WebhooksError"
import * as Clock from "effect/Clock"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import type { Keys } from "../../Credentials.js"
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

/**
 * One call of an operation. What its attempts find out is written here as they go, by one fiber at a time; a call is
 * never shared.
 */
export interface Call {
  readonly operation: Operation.Operation
  /** The function that the caller called, such as `ensure`, which errors name. */
  readonly calledAs: string
  readonly settings: Settings
  /** Texts that must not be shown: the webhook's key and secret, and the keys of each attempt. */
  readonly secrets: Set<string>
  /** The request's body, where it has one. */
  readonly sent: string | Uint8Array | undefined
  /** Takes the text of a 2xx: what is wrong with it, or nothing. */
  readonly accept: (text: string) => Issue.Issues | undefined
  /** The attempts that ended, in order. */
  readonly history: Array<WebhooksError.Attempt>
  /** What the ended attempts may have done. */
  delivery: Delivery.Delivery
  /** How far the attempt has come. */
  stage: WebhooksError.TimedOut["stage"]
  /** When the call began, in milliseconds. */
  begunAt: number
  /** When the attempt began, in milliseconds. */
  startedAt: number
  /** The keys of the attempt. */
  keys: Keys | undefined
  /** The attempt's answer, as soon as there is one; its body may still be on its way. */
  response: HttpClientResponse.HttpClientResponse | undefined
  /** The response's body, as far as it was read. */
  text: string
  /** Why the body is not whole, if it is not. */
  flaw: Issue.Issues | undefined
}

/** A new call. */
export const make = (
  fields: Pick<Call, "operation" | "calledAs" | "settings" | "secrets" | "sent" | "accept">
): Call => ({
  // one by one, as a spread would cost more than all the rest
  operation: fields.operation,
  calledAs: fields.calledAs,
  settings: fields.settings,
  secrets: fields.secrets,
  sent: fields.sent,
  accept: fields.accept,
  history: [],
  delivery: "NotSent",
  stage: "request",
  begunAt: 0,
  startedAt: 0,
  keys: undefined,
  response: undefined,
  text: "",
  flaw: undefined
})

/** Begins an attempt, at a time in milliseconds. */
export const begin = (call: Call, now: number): void => {
  call.startedAt = now
  call.stage = "request"
  forgetAnswer(call)
}

/** Lets go of the attempt's answer, which may be large, while something may still hold the call. */
export const forgetAnswer = (call: Call): void => {
  call.text = ""
  call.flaw = undefined
  call.response = undefined
}

/** Is it a 2xx, which says that the server acted? */
export const isSuccess = (status: number): boolean => status >= 200 && status < 300

/** Does anybody need the body of this operation's answer? */
export const needsBody = (call: Call): boolean => call.operation.errors.includes("DecodeError")

/** The fields that every error of an operation names, given the function that the caller called. */
export const identify = (operation: Operation.Operation, calledAs: string = operation.name) => ({
  operation: calledAs,
  method: operation.method,
  route: operation.route
})

/** How many attempts an error tells of: a call that is retried for days would hold each attempt in each error. */
const mostHistory = 100

/** The attempts that ended, for an error: the last ones, in order. */
export const historyOf = (call: Call, most: number = mostHistory): ReadonlyArray<WebhooksError.Attempt> =>
  call.history.slice(-most)

/** The fields of an error that ends an attempt, for an error of this tag. */
export const attempted = (call: Call, outcome: string, delivery: Delivery.Delivery) =>
  Effect.map(Clock.currentTimeMillis, (now) => ({
    ...identify(call.operation, call.calledAs),
    delivery: Delivery.max(call.delivery, delivery),
    attempts: call.history.length + 1,
    history: [
      ...historyOf(call, mostHistory - 1),
      { outcome, status: call.response?.status ?? null, delivery, elapsedMillis: now - call.startedAt, waitedMillis: 0 }
    ]
  }))
