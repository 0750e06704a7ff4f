/** Each status that is not a success becomes the tagged error that it stands for. */
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import type { Delivery } from "@mammoth-effect/core/Delivery"
import * as WebhooksError from "@mammoth-effect/core/WebhooksError"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import { requestId } from "./body.js"
import { attempted, type Call, isSuccess } from "./call.js"
import * as HttpDate from "./httpDate.js"
import * as Mask from "./mask.js"

/** The errors that a status stands for. */
export type StatusError =
  | WebhooksError.BadRequest
  | WebhooksError.Unauthorized
  | WebhooksError.Forbidden
  | WebhooksError.NotFound
  | WebhooksError.PayloadTooLarge
  | WebhooksError.RateLimited
  | WebhooksError.ServerError
  | WebhooksError.UnexpectedStatus

const parseJson = (text: string): unknown => Either.getOrUndefined(Either.try((): unknown => JSON.parse(text)))

/** The published body `{ detail, extra }`, or the API's other one `{ message, details }`. */
const refusal = (call: Call, excerpt: string) => {
  const body = parseJson(call.text)
  const text = (name: string) =>
    Predicate.hasProperty(body, name) && Predicate.isString(body[name]) ? body[name] : undefined
  const extra = Predicate.hasProperty(body, "extra")
    ? body.extra
    : Predicate.hasProperty(body, "details")
      ? body.details
      : null
  return {
    detail: Mask.short(call, text("detail") ?? text("message") ?? (excerpt === "" ? "it does not say why" : excerpt)),
    // an answer of such a size is no explanation
    extra: call.text.length > 65_536 ? null : Mask.concealValue(call, extra ?? null)
  }
}

/** Reads `Retry-After`, in seconds or as a date. */
const retryAfter = (response: HttpClientResponse.HttpClientResponse, now: number): Option.Option<Duration.Duration> => {
  const header = response.headers["retry-after"]?.trim() ?? ""
  return /^\d+(\.\d+)?$/.test(header)
    ? Option.some(Duration.seconds(Number(header)))
    : Option.map(HttpDate.parse(header, now), (date) => Duration.millis(Math.max(0, date - now)))
}

const redirectOrigin = (call: Call, response: HttpClientResponse.HttpClientResponse): string | null => {
  const location = response.headers["location"]
  if (location === undefined || response.status < 300 || response.status > 399) return null
  return Either.getOrElse(
    // masked first, as a host is written in lower case, in which a secret is not found
    Either.try(() => Mask.short(call, new URL(Mask.short(call, location), call.settings.baseUrl).origin)),
    () => "an unreadable address"
  )
}

const outcomes: { readonly [status: number]: readonly [tag: StatusError["_tag"], delivery: Delivery] } = {
  400: ["BadRequest", "Rejected"],
  401: ["Unauthorized", "Rejected"],
  403: ["Forbidden", "Rejected"],
  404: ["NotFound", "Rejected"],
  408: ["UnexpectedStatus", "Unknown"],
  413: ["PayloadTooLarge", "Rejected"],
  429: ["RateLimited", "Rejected"]
}

const outcomeOf = (call: Call, status: number): readonly [tag: StatusError["_tag"], delivery: Delivery] => {
  if (status === 413 && !call.operation.errors.includes("PayloadTooLarge")) return ["UnexpectedStatus", "Rejected"]
  if (status >= 500 && status < 600) return ["ServerError", "Unknown"]
  return outcomes[status] ?? ["UnexpectedStatus", status >= 400 && status < 500 ? "Rejected" : "Unknown"]
}

/** The error that the answer's status stands for. */
const statusError = (call: Call, response: HttpClientResponse.HttpClientResponse): Effect.Effect<never, StatusError> =>
  Effect.gen(function* () {
    const [tag, delivery] = outcomeOf(call, response.status)
    const excerpt = Mask.excerpt(call, call.text)
    const now = yield* Clock.currentTimeMillis
    const fields = {
      ...(yield* attempted(call, tag, delivery)),
      status: response.status,
      requestId: requestId(call),
      excerpt
    }
    switch (tag) {
      case "BadRequest":
        return yield* new WebhooksError.BadRequest({ ...fields, ...refusal(call, excerpt) })
      case "RateLimited":
        return yield* new WebhooksError.RateLimited({ ...fields, retryAfter: retryAfter(response, now) })
      case "ServerError":
        return yield* new WebhooksError.ServerError({ ...fields, retryAfter: retryAfter(response, now) })
      case "UnexpectedStatus":
        return yield* new WebhooksError.UnexpectedStatus({ ...fields, redirectOrigin: redirectOrigin(call, response) })
      case "Unauthorized":
        return yield* new WebhooksError.Unauthorized(fields)
      case "Forbidden":
        return yield* new WebhooksError.Forbidden(fields)
      case "NotFound":
        return yield* new WebhooksError.NotFound(fields)
      case "PayloadTooLarge":
        return yield* new WebhooksError.PayloadTooLarge(fields)
    }
  })

/** Fails each answer that is not a 2xx with its tagged error. */
export const withStatusErrors =
  (call: Call) =>
  <E>(
    attempt: Effect.Effect<HttpClientResponse.HttpClientResponse, E>
  ): Effect.Effect<HttpClientResponse.HttpClientResponse, E | StatusError> =>
    Effect.flatMap(attempt, (response) =>
      isSuccess(response.status) ? Effect.succeed(response) : statusError(call, response)
    )
