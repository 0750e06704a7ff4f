/** Turns each status that is not a 2xx into a failure. */
import type { Delivery } from "@mammoth-effect/core/Delivery"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Predicate from "effect/Predicate"
import { requestId } from "./body.js"
import { type Attempt, type Call, isSuccess, type Response } from "./call.js"
import type { Failure } from "./failure.js"
import * as Mask from "./mask.js"
import { readRetryAfter } from "./retryAfter.js"

const parseJson = (text: string): unknown => Either.getOrUndefined(Either.try((): unknown => JSON.parse(text)))

/**
 * Reads an error from a response's body. The documented form is `{ detail, extra }`. Another form of the API is
 * `{ message, details }`.
 */
const refusal = (attempt: Attempt, { text: json }: Response, excerpt: string) => {
  const body = parseJson(json)
  const text = (name: string) =>
    Predicate.hasProperty(body, name) && Predicate.isString(body[name]) ? body[name] : undefined
  const extra = Predicate.hasProperty(body, "extra")
    ? body.extra
    : Predicate.hasProperty(body, "details")
      ? body.details
      : null
  return {
    detail: Mask.short(attempt, text("detail") ?? text("message") ?? (excerpt === "" ? "no reason given" : excerpt)),
    // Leave out `extra` if the response is very long, because a response of this length does not explain an error.
    extra: json.length > 65_536 ? null : Mask.concealValue(attempt, extra ?? null)
  }
}

const redirectOrigin = ({ settings }: Call, attempt: Attempt, { headers, status }: Response): string | undefined => {
  const location = headers["location"]
  if (location === undefined || status < 300 || status > 399) return undefined
  return Either.getOrElse(
    // Mask the location before it is parsed. Parsing changes the host to lower case, and a secret in lower case would
    // not be found.
    Either.try(() => Mask.short(attempt, new URL(Mask.short(attempt, location), settings.baseUrl).origin)),
    () => "an unreadable address"
  )
}

type Tag =
  | "MammothBadRequest"
  | "MammothUnauthorized"
  | "MammothForbidden"
  | "MammothNotFound"
  | "MammothPayloadTooLarge"
  | "MammothRateLimited"
  | "MammothServerError"
  | "MammothUnexpectedStatus"

const outcomes: { readonly [status: number]: readonly [tag: Tag, delivery: Delivery] } = {
  400: ["MammothBadRequest", "Rejected"],
  401: ["MammothUnauthorized", "Rejected"],
  403: ["MammothForbidden", "Rejected"],
  404: ["MammothNotFound", "Rejected"],
  408: ["MammothUnexpectedStatus", "Unknown"],
  413: ["MammothPayloadTooLarge", "Rejected"],
  429: ["MammothRateLimited", "Rejected"]
}

const outcomeOf = ({ operation }: Call, status: number): readonly [tag: Tag, delivery: Delivery] => {
  if (status === 413 && !operation.errors.includes("MammothPayloadTooLarge"))
    return ["MammothUnexpectedStatus", "Rejected"]
  if (status >= 500 && status < 600) return ["MammothServerError", "Unknown"]
  return outcomes[status] ?? ["MammothUnexpectedStatus", status >= 400 && status < 500 ? "Rejected" : "Unknown"]
}

/** Makes the failure of a response that is not a 2xx. */
const failureOf = (call: Call, attempt: Attempt, response: Response, now: number): Failure => {
  const { status } = response
  const [_tag, delivery] = outcomeOf(call, status)
  const excerpt = Mask.excerpt(attempt, response)
  const told = { status, requestId: requestId(attempt, response), excerpt }
  switch (_tag) {
    case "MammothBadRequest":
      return { _tag, delivery, status, fields: { ...told, ...refusal(attempt, response, excerpt) } }
    case "MammothRateLimited":
    case "MammothServerError":
      return { _tag, delivery, status, fields: { ...told, retryAfter: readRetryAfter(response.headers, now) } }
    case "MammothUnexpectedStatus":
      return { _tag, delivery, status, fields: { ...told, redirectOrigin: redirectOrigin(call, attempt, response) } }
    default:
      return { _tag, delivery, status, fields: told }
  }
}

/** Fails each response whose status is not a 2xx. */
export const withStatusErrors =
  (call: Call, attempt: Attempt) =>
  (received: Effect.Effect<Response, Failure>): Effect.Effect<Response, Failure> =>
    Effect.flatMap(received, (response) =>
      isSuccess(response)
        ? Effect.succeed(response)
        : Effect.flatMap(Clock.currentTimeMillis, (now) => Effect.fail(failureOf(call, attempt, response, now)))
    )
