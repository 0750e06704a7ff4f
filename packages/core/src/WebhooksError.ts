/**
 * The tagged errors of the operations, one for each cause. None of them holds a secret.
 *
 * @since 0.1.0
 */
import type * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"
import { Delivery } from "./Delivery.js"
import * as Issue from "./Issue.js"
import * as Time from "./Time.js"

/** A field that has a default if `new` is given none. */
const filledIn = <A, I>(schema: Schema.Schema<A, I>, value: A) =>
  Schema.propertySignature(schema).pipe(Schema.withConstructorDefault(() => value))

/** The errors in a value. */
const issues = {
  issues: Schema.Array(Issue.Issue),
  omitted: filledIn(Schema.Number, 0)
}

/** The call that failed. */
const call = {
  operation: Schema.String,
  method: Schema.String,
  route: Schema.String
}

/**
 * One attempt of a call: its outcome, its duration, and the wait before the next attempt.
 *
 * @example
 * import type { WebhooksError } from "@mammoth-effect/core"
 *
 * const describe = (attempt: WebhooksError.Attempt) => `${attempt.outcome} after ${attempt.elapsedMillis} ms`
 *
 * @since 0.1.0
 * @category schemas
 */
export const Attempt: Schema.Struct<{
  outcome: typeof Schema.String
  status: Schema.optional<typeof Schema.Number>
  delivery: typeof Delivery
  elapsedMillis: typeof Schema.Number
  waitedMillis: typeof Schema.Number
}> = Schema.Struct({
  /** The tag of the error that ended the attempt. */
  outcome: Schema.String,
  /** The status, if there was a response. */
  status: Schema.optional(Schema.Number),
  delivery: Delivery,
  /** The duration of the attempt, in milliseconds. */
  elapsedMillis: Schema.Number,
  /** The wait after this attempt, in milliseconds; 0 after the last. */
  waitedMillis: Schema.Number
})

/**
 * The record of one attempt of a call.
 *
 * @since 0.1.0
 * @category models
 */
export interface Attempt extends Schema.Schema.Type<typeof Attempt> {}

/**
 * A length of time, written as milliseconds. It replaces `Schema.Duration`, whose other cases would add to every
 * bundle.
 */
const Millis = Schema.transform(
  Schema.NonNegative,
  Schema.DurationFromSelf.annotations({ arbitrary: () => (fc) => fc.maxSafeNat().map(Duration.millis) }),
  { strict: true, decode: Duration.millis, encode: Duration.toMillis }
)

/** The properties of an error of a call that was attempted. */
const attempted = {
  ...call,
  delivery: Delivery,
  attempts: Schema.Number,
  history: Schema.Array(Attempt)
}

/** The properties of an error of a call that had a response. */
const answered = {
  ...attempted,
  status: Schema.Number,
  requestId: Schema.optional(Schema.String),
  excerpt: Schema.String
}

/**
 * The class of an error with the properties `Props`, which is also a schema. `new` takes `Input`. All three are written
 * out: the compiler would take most of its time for a small program to compute them from the fields of each schema.
 *
 * @since 0.1.0
 * @category models
 */
export interface ErrorClass<Self, Tag extends string, Props, Input = Props, Encoded = Props> extends Schema.Schema<
  Self,
  Encoded & Tagged<Tag>
> {
  new (props: Input, options?: Schema.MakeOptions): Props & Tagged<Tag> & Cause.YieldableError
}

/**
 * The tag of an error, by which `Effect.catchTag` knows it.
 *
 * @since 0.1.0
 * @category models
 */
export interface Tagged<Tag extends string> {
  readonly _tag: Tag
}

/**
 * The call that failed.
 *
 * @since 0.1.0
 * @category models
 */
export interface Call {
  /** The function that was called, such as `getDetails` or `ensure`. */
  readonly operation: string
  /** The HTTP method. */
  readonly method: string
  /** The path template, such as `/webhooks/data/{webhook_uri}`, never the path itself. */
  readonly route: string
}

/**
 * The properties of an error about a value.
 *
 * @since 0.1.0
 * @category models
 */
export interface WithIssues {
  /** The first issues, at most 20, without values. */
  readonly issues: ReadonlyArray<Issue.Issue>
  /** The number of further values that are wrong or were not read. Default: 0. */
  readonly omitted: number
}

/** The errors in a value, as `new` takes them. */
type IssuesInput = {
  readonly issues: ReadonlyArray<Issue.Issue>
  readonly omitted?: number
}

/**
 * The properties of an error of a call that was attempted.
 *
 * @since 0.1.0
 * @category models
 */
export interface Attempted extends Call {
  /** The certainty that the server acted, over all attempts. */
  readonly delivery: Delivery
  /** The number of attempts. */
  readonly attempts: number
  /** The last attempts, at most 100, in order. */
  readonly history: ReadonlyArray<Attempt>
}

/**
 * The properties of an error of a call that had a response.
 *
 * @since 0.1.0
 * @category models
 */
export interface Answered extends Attempted {
  /** The status of the last response. */
  readonly status: number
  /** The server's own id of the request, if it sent one. */
  readonly requestId?: string | undefined
  /** The beginning of the response's body, at most 500 characters, without secrets. */
  readonly excerpt: string
}

const where = (self: Call): string => `Webhooks.${self.operation} (${self.method} ${self.route})`

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`)

const outcome = (self: { readonly delivery: Delivery; readonly attempts: number }): string => {
  const acted = {
    NotSent: "The server cannot have acted.",
    Rejected: "The server did not act.",
    Unknown: "The server may have acted.",
    Accepted: "The server acted."
  }[self.delivery]
  return self.attempts > 1 ? `${acted} (${self.attempts} attempts)` : acted
}

const quote = (self: { readonly excerpt: string; readonly requestId?: string | undefined }): string =>
  `${self.excerpt === "" ? "" : ` It said: ${self.excerpt}`}${self.requestId === undefined ? "" : ` [request ${self.requestId}]`}`

const InvalidRequestClass: ErrorClass<InvalidRequest, "MammothInvalidRequest", Call & WithIssues, Call & IssuesInput> =
  Schema.TaggedError<InvalidRequest>("@mammoth-effect/core/InvalidRequest")("MammothInvalidRequest", {
    ...call,
    ...issues
  })

/**
 * The input failed its schema; nothing was sent.
 *
 * Each issue names the field, what was expected and the shape of what was given, never the value.
 *
 * @example
 * import { WebhooksError } from "@mammoth-effect/core"
 *
 * const fields = (error: WebhooksError.InvalidRequest) => error.issues.map((issue) => issue.path.join("."))
 *
 * @since 0.1.0
 * @category errors
 */
export class InvalidRequest extends InvalidRequestClass {
  /** Nothing was sent. */
  get delivery(): "NotSent" {
    return "NotSent"
  }

  override get message(): string {
    return `${where(this)}: the request is not valid, and nothing was sent. ${Issue.formatAll(this)}`
  }
}

type CredentialsInput = Partial<Attempted> & {
  readonly reason: string
}

type CredentialsProps = Attempted & {
  /** The reason for the missing credentials, in words; put no secret here. */
  readonly reason: string
}

const CredentialsErrorClass: ErrorClass<
  CredentialsError,
  "MammothCredentialsError",
  CredentialsProps,
  CredentialsInput
> = Schema.TaggedError<CredentialsError>("@mammoth-effect/core/CredentialsError")("MammothCredentialsError", {
  reason: Schema.String,
  operation: filledIn(Schema.String, "?"),
  method: filledIn(Schema.String, "?"),
  route: filledIn(Schema.String, "?"),
  delivery: filledIn(Delivery, "NotSent"),
  attempts: filledIn(Schema.Number, 1),
  history: filledIn(Schema.Array(Attempt), [])
})

/**
 * The credentials effect failed; nothing was sent.
 *
 * A user's own credentials effect fails with `new CredentialsError({ reason })`. The SDK fills in the call.
 *
 * @example
 * import { WebhooksError } from "@mammoth-effect/core"
 * import { Effect } from "effect"
 *
 * const locked = Effect.fail(new WebhooksError.CredentialsError({ reason: "the vault is locked" }))
 *
 * @since 0.1.0
 * @category errors
 */
export class CredentialsError extends CredentialsErrorClass {
  override get message(): string {
    return `${this.operation === "?" ? "Credentials" : where(this)}: no credentials: ${sentence(this.reason)} ${outcome(this)}`
  }
}

type TransportProps = Attempted & {
  readonly reason: "connect" | "tls" | "dns" | "reset" | "closed" | "other"
  /** The system's code, such as `ECONNREFUSED`, if the transport reports one. */
  readonly code?: string | undefined
  /** The status of the proxy that refused to connect to the server, if the transport reports it. */
  readonly proxyStatus?: number | undefined
  /** The transport's own words, at most 500 characters, without secrets and URLs. */
  readonly description: string
}

const TransportErrorClass: ErrorClass<TransportError, "MammothTransportError", TransportProps> =
  Schema.TaggedError<TransportError>("@mammoth-effect/core/TransportError")("MammothTransportError", {
    ...attempted,
    reason: Schema.Literal("connect", "tls", "dns", "reset", "closed", "other"),
    code: Schema.optional(Schema.String),
    proxyStatus: Schema.optional(Schema.Number),
    description: Schema.String
  })

/**
 * There was no complete response: the connection could not be made or did not last.
 *
 * `reason` is `connect` (refused, unreachable, or a proxy refused to connect), `dns` (the name does not resolve), `tls`
 * (no trusted connection), `reset` or `closed` (the connection ended during the call) or `other`.
 *
 * @example
 * import { WebhooksError } from "@mammoth-effect/core"
 *
 * const isDown = (error: WebhooksError.TransportError) => error.reason === "connect"
 *
 * @since 0.1.0
 * @category errors
 */
export class TransportError extends TransportErrorClass {
  override get message(): string {
    const check = {
      connect:
        this.proxyStatus === undefined
          ? "Check the base URL and that the server is up."
          : `Check the proxy, which refused to connect to the server (${this.proxyStatus}).`,
      dns: "Check the host in the base URL.",
      tls: "Check the server's certificate and the base URL's scheme.",
      reset: "The connection ended during the call: check the network and the proxies on the way.",
      closed: "The connection ended during the call: check the network and the proxies on the way.",
      other: "The transport tells no more: check the network and the base URL."
    }[this.reason]
    const code = this.code === undefined || this.description.includes(this.code) ? "" : ` ${this.code}`
    return `${where(this)}: no complete answer (${this.reason}${code}: ${this.description}). ${check} ${outcome(this)}`
  }
}

type TimedOutEncoded = Attempted & {
  readonly limit: "attempt" | "deadline"
  readonly stage: "credentials" | "request" | "body"
  readonly duration: number
}

type TimedOutProps = Attempted & {
  /** The limit that passed: the timeout of one attempt or the deadline of the whole call. */
  readonly limit: "attempt" | "deadline"
  /** The stage of the attempt when the limit passed. */
  readonly stage: "credentials" | "request" | "body"
  /** The length of the limit. */
  readonly duration: Duration.Duration
}

const TimedOutClass: ErrorClass<TimedOut, "MammothTimedOut", TimedOutProps, TimedOutProps, TimedOutEncoded> =
  Schema.TaggedError<TimedOut>("@mammoth-effect/core/TimedOut")("MammothTimedOut", {
    ...attempted,
    limit: Schema.Literal("attempt", "deadline"),
    stage: Schema.Literal("credentials", "request", "body"),
    duration: Millis
  })

/**
 * An attempt's timeout or the call's deadline passed.
 *
 * `stage` names the wait that the limit ended: for the credentials, for the request in flight (connecting, sending,
 * waiting for the status), or for the rest of the body.
 *
 * @example
 * import { WebhooksError } from "@mammoth-effect/core"
 *
 * const hadAnswer = (error: WebhooksError.TimedOut) => error.stage === "body"
 *
 * @since 0.1.0
 * @category errors
 */
export class TimedOut extends TimedOutClass {
  override get message(): string {
    const limit = this.limit === "attempt" ? "an attempt's timeout" : "the call's deadline"
    const check = {
      credentials: "Check what the credentials wait for.",
      request: "Check that the server is up, or allow more time.",
      body: "The answer began but did not end: check the network, or allow more time."
    }[this.stage]
    return `${where(this)}: ${limit} of ${Time.format(this.duration)} passed (stage: ${this.stage}). ${check} ${outcome(this)}`
  }
}

type BadRequestProps = Answered & {
  /** The error as the server describes it. */
  readonly detail: string
  /** Further details from the server. `null` if it sent none, or more than 65,536 characters. */
  readonly extra: unknown
}

const BadRequestClass: ErrorClass<BadRequest, "MammothBadRequest", BadRequestProps> = Schema.TaggedError<BadRequest>(
  "@mammoth-effect/core/BadRequest"
)("MammothBadRequest", {
  ...answered,
  detail: Schema.String,
  extra: Schema.Unknown
})

/**
 * The server found the request wrong (400).
 *
 * Source: published API description, the 400 body `{ status_code, detail, extra? }`; elsewhere in the API
 * `{ error_code, name, message, details?, link? }`. If the body is neither, `detail` is the excerpt.
 *
 * @example
 * import { WebhooksError } from "@mammoth-effect/core"
 *
 * const why = (error: WebhooksError.BadRequest) => error.detail
 *
 * @since 0.1.0
 * @category errors
 */
export class BadRequest extends BadRequestClass {
  override get message(): string {
    const request = this.requestId === undefined ? "" : ` [request ${this.requestId}]`
    return `${where(this)}: 400, the server refused the request: ${sentence(this.detail)} ${outcome(this)}${request}`
  }
}

const UnauthorizedClass: ErrorClass<Unauthorized, "MammothUnauthorized", Answered> = Schema.TaggedError<Unauthorized>(
  "@mammoth-effect/core/Unauthorized"
)("MammothUnauthorized", answered)

/**
 * The server does not accept the credentials (401).
 *
 * @example
 * import { WebhooksError } from "@mammoth-effect/core"
 *
 * const status = (error: WebhooksError.Unauthorized): number => error.status
 *
 * @since 0.1.0
 * @category errors
 */
export class Unauthorized extends UnauthorizedClass {
  override get message(): string {
    return `${where(this)}: 401, the server did not accept the API key and secret, or the webhook's secret. ${outcome(this)}${quote(this)}`
  }
}

const ForbiddenClass: ErrorClass<Forbidden, "MammothForbidden", Answered> = Schema.TaggedError<Forbidden>(
  "@mammoth-effect/core/Forbidden"
)("MammothForbidden", answered)

/**
 * The credentials do not permit this (403).
 *
 * @example
 * import { WebhooksError } from "@mammoth-effect/core"
 *
 * const status = (error: WebhooksError.Forbidden): number => error.status
 *
 * @since 0.1.0
 * @category errors
 */
export class Forbidden extends ForbiddenClass {
  override get message(): string {
    return `${where(this)}: 403, the credentials do not permit this: check the workspace and project ids. ${outcome(this)}${quote(this)}`
  }
}

const NotFoundClass: ErrorClass<NotFound, "MammothNotFound", Answered> = Schema.TaggedError<NotFound>(
  "@mammoth-effect/core/NotFound"
)("MammothNotFound", answered)

/**
 * There is no such workspace, project or webhook (404).
 *
 * @example
 * import { WebhooksError } from "@mammoth-effect/core"
 *
 * const status = (error: WebhooksError.NotFound): number => error.status
 *
 * @since 0.1.0
 * @category errors
 */
export class NotFound extends NotFoundClass {
  override get message(): string {
    return `${where(this)}: 404, there is no such thing: check the ids or the webhook's key, and the base URL. ${outcome(this)}${quote(this)}`
  }
}

const PayloadTooLargeClass: ErrorClass<PayloadTooLarge, "MammothPayloadTooLarge", Answered> =
  Schema.TaggedError<PayloadTooLarge>("@mammoth-effect/core/PayloadTooLarge")("MammothPayloadTooLarge", answered)

/**
 * The document is larger than the server takes (413).
 *
 * @example
 * import { WebhooksError } from "@mammoth-effect/core"
 *
 * const status = (error: WebhooksError.PayloadTooLarge): number => error.status
 *
 * @since 0.1.0
 * @category errors
 */
export class PayloadTooLarge extends PayloadTooLargeClass {
  override get message(): string {
    return `${where(this)}: 413, the document is larger than the server takes: send less at once. ${outcome(this)}${quote(this)}`
  }
}

type LimitedEncoded = Answered & {
  readonly retryAfter?: number | undefined
}

type LimitedProps = Answered & {
  /** The time that the server still asks to wait, if it gives one. */
  readonly retryAfter?: Duration.Duration | undefined
}

const RateLimitedClass: ErrorClass<RateLimited, "MammothRateLimited", LimitedProps, LimitedProps, LimitedEncoded> =
  Schema.TaggedError<RateLimited>("@mammoth-effect/core/RateLimited")("MammothRateLimited", {
    ...answered,
    retryAfter: Schema.optional(Millis)
  })

/**
 * The server asks for fewer requests (429), and retries did not help or were not allowed.
 *
 * A call also fails with this, without sending anything, if the server has asked another call of the layer to wait for
 * longer than this call's deadline allows: `status` is 429, although this call had no such response.
 *
 * @example
 * import { WebhooksError } from "@mammoth-effect/core"
 * import { Duration } from "effect"
 *
 * const pause = (error: WebhooksError.RateLimited) => error.retryAfter ?? Duration.seconds(1)
 *
 * @since 0.1.0
 * @category errors
 */
export class RateLimited extends RateLimitedClass {
  override get message(): string {
    const after = this.retryAfter === undefined ? "" : ` It asks to wait ${Time.format(this.retryAfter)}.`
    if (this.attempts === 0) {
      return `${where(this)}: the server has limited the rate of another call.${after} The deadline of this call is earlier: allow more time, or try again later. ${outcome(this)}`
    }
    return `${where(this)}: 429, too many requests.${after} Send fewer at once, or try again later. ${outcome(this)}${quote(this)}`
  }
}

const ServerErrorClass: ErrorClass<ServerError, "MammothServerError", LimitedProps, LimitedProps, LimitedEncoded> =
  Schema.TaggedError<ServerError>("@mammoth-effect/core/ServerError")("MammothServerError", {
    ...answered,
    retryAfter: Schema.optional(Millis)
  })

/**
 * The server, or a gateway before it, failed (5xx).
 *
 * @example
 * import { WebhooksError } from "@mammoth-effect/core"
 *
 * const status = (error: WebhooksError.ServerError): number => error.status
 *
 * @since 0.1.0
 * @category errors
 */
export class ServerError extends ServerErrorClass {
  override get message(): string {
    return `${where(this)}: ${this.status}, the server or a gateway before it failed: try again later. ${outcome(this)}${quote(this)}`
  }
}

type UnexpectedProps = Answered & {
  /** The origin that a redirect points to, never its path or query. */
  readonly redirectOrigin?: string | undefined
}

const UnexpectedStatusClass: ErrorClass<UnexpectedStatus, "MammothUnexpectedStatus", UnexpectedProps> =
  Schema.TaggedError<UnexpectedStatus>("@mammoth-effect/core/UnexpectedStatus")("MammothUnexpectedStatus", {
    ...answered,
    redirectOrigin: Schema.optional(Schema.String)
  })

/**
 * A status that the contract does not know, redirects among them: the SDK follows no redirect.
 *
 * @example
 * import { WebhooksError } from "@mammoth-effect/core"
 *
 * const wasRedirected = (error: WebhooksError.UnexpectedStatus) => error.redirectOrigin !== undefined
 *
 * @since 0.1.0
 * @category errors
 */
export class UnexpectedStatus extends UnexpectedStatusClass {
  override get message(): string {
    const redirect =
      this.redirectOrigin === undefined
        ? ""
        : ` It redirects to ${this.redirectOrigin}, which is not followed: check the base URL.`
    return `${where(this)}: unexpected status ${this.status}.${redirect} ${outcome(this)}${quote(this)}`
  }
}

const DecodeErrorClass: ErrorClass<DecodeError, "MammothDecodeError", Answered & WithIssues, Answered & IssuesInput> =
  Schema.TaggedError<DecodeError>("@mammoth-effect/core/DecodeError")("MammothDecodeError", {
    ...answered,
    ...issues
  })

/**
 * A 2xx whose needed body is lost or does not match the contract.
 *
 * @example
 * import { WebhooksError } from "@mammoth-effect/core"
 *
 * const where = (error: WebhooksError.DecodeError) => error.issues.map((issue) => issue.path.join("."))
 *
 * @since 0.1.0
 * @category errors
 */
export class DecodeError extends DecodeErrorClass {
  override get message(): string {
    return `${where(this)}: ${this.status}, but the answer is unusable: ${Issue.formatAll(this)}. Check that the base URL is that of a Mammoth API. ${outcome(this)}${quote(this)}`
  }
}

/**
 * The errors that every operation can have.
 *
 * @since 0.1.0
 * @category errors
 */
export type Common =
  | InvalidRequest
  | CredentialsError
  | TransportError
  | TimedOut
  | BadRequest
  | Unauthorized
  | Forbidden
  | NotFound
  | RateLimited
  | ServerError
  | UnexpectedStatus

/**
 * Every error that an operation can have.
 *
 * @example
 * import type { WebhooksError } from "@mammoth-effect/core"
 *
 * const mayHaveActed = (error: WebhooksError.WebhooksError) =>
 *   error.delivery === "Unknown" || error.delivery === "Accepted"
 *
 * @since 0.1.0
 * @category errors
 */
export type WebhooksError = Common | PayloadTooLarge | DecodeError
