/**
 * The tagged errors of the operations, one for each cause. No error holds a secret.
 *
 * @since 0.1.0
 */
import type * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"
import { Delivery } from "./Delivery.js"
import * as Issue from "./Issue.js"
import * as Time from "./Time.js"

/** Makes a field that callers of `new` may leave out. A field that is left out has the given value. */
const filledIn = <A, I>(schema: Schema.Schema<A, I>, value: A) =>
  Schema.propertySignature(schema).pipe(Schema.withConstructorDefault(() => value))

/** The fields of an error that lists the issues of a value. */
const issues = {
  issues: Schema.Array(Issue.Issue),
  omitted: filledIn(Schema.Number, 0)
}

/** The fields that name the call that failed. */
const call = {
  operation: Schema.String,
  method: Schema.String,
  route: Schema.String
}

/**
 * One attempt of a call, with its outcome, its duration, and the wait before the next attempt.
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
  /** The status of the response, if there was one. */
  status: Schema.optional(Schema.Number),
  delivery: Delivery,
  /** The duration of the attempt, in milliseconds. */
  elapsedMillis: Schema.Number,
  /** The wait after this attempt, in milliseconds. It is 0 after the last attempt. */
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
 * A length of time, encoded as milliseconds. `Schema.Duration` handles more cases, but its code would make every
 * bundle larger.
 */
const Millis = Schema.transform(
  Schema.NonNegative,
  Schema.DurationFromSelf.annotations({ arbitrary: () => (fc) => fc.maxSafeNat().map(Duration.millis) }),
  { strict: true, decode: Duration.millis, encode: Duration.toMillis }
)

/** The fields of an error that ends a call: the call, its delivery and its attempts. */
const attempted = {
  ...call,
  delivery: Delivery,
  attempts: Schema.Number,
  history: Schema.Array(Attempt)
}

/** The fields of an error that a response causes: the call, its attempts and the response. */
const answered = {
  ...attempted,
  status: Schema.Number,
  requestId: Schema.optional(Schema.String),
  excerpt: Schema.String
}

/**
 * The type of an error class, which is also a schema. The errors of the class have the properties `Props`, and `new`
 * accepts `Input`.
 *
 * `Props`, `Input` and `Encoded` are written out for each error. The compiler could compute them from the schema's
 * fields, but that would take most of the time to compile a small program.
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
 * The tag of an error, which `Effect.catchTag` looks for.
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
  /** The name of the function that was called, such as `getDetails` or `ensure`. */
  readonly operation: string
  /** The HTTP method. */
  readonly method: string
  /** The path template, such as `/webhooks/data/{webhook_uri}`. It is never the path itself, which may hold a key. */
  readonly route: string
}

/**
 * The properties of an error that lists the issues of a value.
 *
 * @since 0.1.0
 * @category models
 */
export interface WithIssues {
  /** The first issues, at most 20. They show no values. */
  readonly issues: ReadonlyArray<Issue.Issue>
  /** The number of issues that `issues` leaves out, plus the number of unread list items. Default: 0. */
  readonly omitted: number
}

/** The issues of an error, in the form that `new` accepts. */
type IssuesInput = {
  readonly issues: ReadonlyArray<Issue.Issue>
  readonly omitted?: number
}

/**
 * The properties of an error that ends a call: the call, its delivery and its attempts.
 *
 * @since 0.1.0
 * @category models
 */
export interface Attempted extends Call {
  /** The certainty that the server acted on at least one attempt of the call. */
  readonly delivery: Delivery
  /** The number of attempts. */
  readonly attempts: number
  /** The last attempts, in order. At most 100. */
  readonly history: ReadonlyArray<Attempt>
}

/**
 * The properties of an error that a response causes: the call, its attempts and the response.
 *
 * @since 0.1.0
 * @category models
 */
export interface Answered extends Attempted {
  /** The status of the last response. */
  readonly status: number
  /** The server's id for the request, if the server sent an id. */
  readonly requestId?: string | undefined
  /** The start of the response's body, without secrets. At most 500 characters. */
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
  `${self.excerpt === "" ? "" : ` Response: ${self.excerpt}`}${self.requestId === undefined ? "" : ` [request ${self.requestId}]`}`

const InvalidRequestClass: ErrorClass<InvalidRequest, "MammothInvalidRequest", Call & WithIssues, Call & IssuesInput> =
  Schema.TaggedError<InvalidRequest>("@mammoth-effect/core/InvalidRequest")("MammothInvalidRequest", {
    ...call,
    ...issues
  })

/**
 * The input of a call is not valid, so nothing was sent.
 *
 * Each issue names the field, the expected value and the shape of the actual value. No issue shows the value itself.
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
  /** The reason why the credentials are missing. Do not put a secret here: the error's message shows the reason. */
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
 * The credentials effect failed, so this attempt sent nothing. `delivery` also covers earlier attempts of the call.
 *
 * Make your own credentials effect fail with `new CredentialsError({ reason })`. The SDK fills in the call.
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
    return `${this.operation === "?" ? "No" : `${where(this)}: no`} credentials: ${sentence(this.reason)} ${outcome(this)}`
  }
}

type TransportProps = Attempted & {
  readonly reason: "connect" | "tls" | "dns" | "reset" | "closed" | "other"
  /** The system's code, such as `ECONNREFUSED`, if the transport reports one. */
  readonly code?: string | undefined
  /** The status of the proxy that refused to connect to the server, if the transport reports it. */
  readonly proxyStatus?: number | undefined
  /** The transport's own message, without secrets and URLs. At most 500 characters. */
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
 * The client got no complete response, because it could not connect or because the connection ended early.
 *
 * `reason` is one of these:
 *
 * - `connect`: the connection was refused, the server is unreachable, or a proxy refused to connect.
 * - `dns`: the host name does not resolve.
 * - `tls`: the connection is not trusted.
 * - `reset` or `closed`: the connection ended during the call.
 * - `other`: the transport reports none of these.
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
      other: "The reason is not known: check the network and the base URL."
    }[this.reason]
    const code = this.code === undefined || this.description.includes(this.code) ? "" : ` ${this.code}`
    return `${where(this)}: no complete response (${this.reason}${code}: ${this.description}). ${check} ${outcome(this)}`
  }
}

type TimedOutEncoded = Attempted & {
  readonly limit: "attempt" | "deadline"
  readonly stage: "credentials" | "request" | "body"
  readonly duration: number
}

type TimedOutProps = Attempted & {
  /** The limit that passed: the timeout of one attempt, or the deadline of the whole call. */
  readonly limit: "attempt" | "deadline"
  /** The stage of the attempt when the limit passed. */
  readonly stage: "credentials" | "request" | "body"
  /** The length of the timeout or of the deadline. */
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
 * The timeout of an attempt or the deadline of the call passed.
 *
 * `stage` names the wait that the limit ended:
 *
 * - `credentials`: the wait for the credentials.
 * - `request`: the wait from connecting until the response's status.
 * - `body`: the wait for the rest of the response's body.
 *
 * @example
 * import { WebhooksError } from "@mammoth-effect/core"
 *
 * const hadResponse = (error: WebhooksError.TimedOut) => error.stage === "body"
 *
 * @since 0.1.0
 * @category errors
 */
export class TimedOut extends TimedOutClass {
  override get message(): string {
    const limit = this.limit === "attempt" ? "an attempt's timeout" : "the call's deadline"
    const check = {
      credentials: "Check why the credentials take so long.",
      request: "Check that the server is up, or allow more time.",
      body: "The response started but did not end: check the network, or allow more time."
    }[this.stage]
    return `${where(this)}: ${limit} of ${Time.format(this.duration)} passed (stage: ${this.stage}). ${check} ${outcome(this)}`
  }
}

type BadRequestProps = Answered & {
  /** The error as the server describes it. */
  readonly detail: string
  /** Further details from the server. `null` if it sent none, or if the body has more than 65,536 characters. */
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
 * The server refused the request as invalid (400).
 *
 * `detail` is the property `detail` or `message` of the response's body. If the body has neither property, `detail` is
 * the excerpt. If the body is empty, `detail` says that the server gives no reason.
 *
 * Source: published API description, the 400 body `{ status_code, detail, extra? }`. Elsewhere in the API, the body is
 * `{ error_code, name, message, details?, link? }`.
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
 * The server did not accept the credentials (401).
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
    return `${where(this)}: 401, the server did not accept the API key and secret, or the webhook's secret: check them. ${outcome(this)}${quote(this)}`
  }
}

const ForbiddenClass: ErrorClass<Forbidden, "MammothForbidden", Answered> = Schema.TaggedError<Forbidden>(
  "@mammoth-effect/core/Forbidden"
)("MammothForbidden", answered)

/**
 * The credentials do not permit this call (403).
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
    return `${where(this)}: 403, the credentials do not permit this call: check the workspace and project ids. ${outcome(this)}${quote(this)}`
  }
}

const NotFoundClass: ErrorClass<NotFound, "MammothNotFound", Answered> = Schema.TaggedError<NotFound>(
  "@mammoth-effect/core/NotFound"
)("MammothNotFound", answered)

/**
 * The workspace, project or webhook does not exist (404).
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
    return `${where(this)}: 404, not found: check the ids or the webhook's key, and the base URL. ${outcome(this)}${quote(this)}`
  }
}

const PayloadTooLargeClass: ErrorClass<PayloadTooLarge, "MammothPayloadTooLarge", Answered> =
  Schema.TaggedError<PayloadTooLarge>("@mammoth-effect/core/PayloadTooLarge")("MammothPayloadTooLarge", answered)

/**
 * The document is larger than the server accepts (413).
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
    return `${where(this)}: 413, the document is larger than the server accepts: send a smaller document. ${outcome(this)}${quote(this)}`
  }
}

type LimitedEncoded = Answered & {
  readonly retryAfter?: number | undefined
}

type LimitedProps = Answered & {
  /** The remaining part of the wait that the server requested, or `undefined` if the server requested no wait. */
  readonly retryAfter?: Duration.Duration | undefined
}

const RateLimitedClass: ErrorClass<RateLimited, "MammothRateLimited", LimitedProps, LimitedProps, LimitedEncoded> =
  Schema.TaggedError<RateLimited>("@mammoth-effect/core/RateLimited")("MammothRateLimited", {
    ...answered,
    retryAfter: Schema.optional(Millis)
  })

/**
 * The server asks for fewer requests (429). Retries did not help, or no retry was allowed.
 *
 * **Details**
 *
 * If the server asks one call to wait, the other calls of the same layer and base URL wait, too. Calls whose policy
 * allows no retries do not wait. If the wait would last beyond a call's deadline, the call immediately fails with this
 * error, and sends no further request. The `status` of this error is 429, even if the call itself received no 429.
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
    const time = this.retryAfter === undefined ? "" : ` ${Time.format(this.retryAfter)}`
    if (this.attempts === 0) {
      return `${where(this)}: nothing was sent. The server asked another call to wait${time}, and this call's deadline is earlier: allow more time, or try again later. ${outcome(this)}`
    }
    const after = time === "" ? "" : ` The server asks to wait${time}.`
    return `${where(this)}: 429, too many requests.${after} Send fewer requests, or try again later. ${outcome(this)}${quote(this)}`
  }
}

const ServerErrorClass: ErrorClass<ServerError, "MammothServerError", LimitedProps, LimitedProps, LimitedEncoded> =
  Schema.TaggedError<ServerError>("@mammoth-effect/core/ServerError")("MammothServerError", {
    ...answered,
    retryAfter: Schema.optional(Millis)
  })

/**
 * The server, or a gateway in front of the server, failed (5xx).
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
    return `${where(this)}: ${this.status}, the server or a gateway in front of it failed. Repeat a read later. Before you repeat a write, check its effect. ${outcome(this)}${quote(this)}`
  }
}

type UnexpectedProps = Answered & {
  /** The origin that a redirect points to. It has no path or query. */
  readonly redirectOrigin?: string | undefined
}

const UnexpectedStatusClass: ErrorClass<UnexpectedStatus, "MammothUnexpectedStatus", UnexpectedProps> =
  Schema.TaggedError<UnexpectedStatus>("@mammoth-effect/core/UnexpectedStatus")("MammothUnexpectedStatus", {
    ...answered,
    redirectOrigin: Schema.optional(Schema.String)
  })

/**
 * The server responded with a status that the contract does not declare. A redirect also gives this error, because the
 * SDK follows no redirect.
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
        : ` The server redirects to ${this.redirectOrigin}, but the SDK follows no redirect: check the base URL.`
    return `${where(this)}: unexpected status ${this.status}.${redirect} ${outcome(this)}${quote(this)}`
  }
}

const DecodeErrorClass: ErrorClass<DecodeError, "MammothDecodeError", Answered & WithIssues, Answered & IssuesInput> =
  Schema.TaggedError<DecodeError>("@mammoth-effect/core/DecodeError")("MammothDecodeError", {
    ...answered,
    ...issues
  })

/**
 * The server responded with a 2xx, but the body that the caller needs is lost or does not match the contract.
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
    return `${where(this)}: ${this.status}, but the response is unusable: ${Issue.formatAll(this)}. Check that the base URL points to a Mammoth API. ${outcome(this)}${quote(this)}`
  }
}

/**
 * An error that every operation can have.
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
 * An error of any operation.
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
