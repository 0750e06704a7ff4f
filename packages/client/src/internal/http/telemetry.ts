/**
 * Makes spans that contain the operation and its route. A span never contains the URL, which can hold a query or a key.
 */
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as HttpTraceContext from "@effect/platform/HttpTraceContext"
import type * as Operation from "@mammoth-effect/core/Operation"
import type { WebhooksError } from "@mammoth-effect/core/WebhooksError"
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as DefaultServices from "effect/DefaultServices"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberRef from "effect/FiberRef"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Tracer from "effect/Tracer"
import type { Attempt, Call } from "./call.js"
import type { Failure } from "./failure.js"

/** The default tracer, which records nothing. */
const silent = Context.get(DefaultServices.liveServices, Tracer.Tracer)

/**
 * Runs `traced` if a tracer was given, or if trace context is sent to the server. Otherwise runs `effect`, because a
 * span costs more than all other policies together.
 */
const whereTraced =
  (isAsked: boolean) =>
  <A, E, R, T>(effect: Effect.Effect<A, E, R>, traced: Effect.Effect<A, E, T>): Effect.Effect<A, E, R | T> =>
    Effect.withFiberRuntime((fiber): Effect.Effect<A, E, R | T> =>
      (isAsked || fiber.currentTracer !== silent) && fiber.getFiberRef(FiberRef.currentTracerEnabled) ? traced : effect
    )

/** Sends the attempt's trace context to the server, if the configuration sets `traceContext`. */
export const withTraceContext =
  (isAsked: boolean) =>
  (request: HttpClientRequest.HttpClientRequest): Effect.Effect<HttpClientRequest.HttpClientRequest> =>
    isAsked
      ? Effect.map(Effect.option(Effect.currentSpan), (span) =>
          Option.isSome(span) ? HttpClientRequest.setHeaders(request, HttpTraceContext.toHeaders(span.value)) : request
        )
      : Effect.succeed(request)

const describe = (operation: Operation.Operation) => ({
  "http.request.method": operation.method,
  "url.template": operation.route,
  "mammoth.operation_id": operation.operationId
})

const failureOf = <E>(exit: Exit.Exit<unknown, E>): E | undefined =>
  Exit.isFailure(exit) ? Option.getOrUndefined(Cause.failureOption(exit.cause)) : undefined

const endAttempt = (span: Tracer.Span, { response }: Attempt, exit: Exit.Exit<unknown, Failure>) =>
  Effect.sync(() => {
    if (response !== undefined) span.attribute("http.response.status_code", response.status)
    const failure = failureOf(exit)
    if (failure === undefined) return
    span.attribute("error.type", failure._tag)
    span.attribute("mammoth.delivery", failure.delivery)
  })

/** Makes a span for each attempt, with OpenTelemetry's names for HTTP clients. */
export const withAttemptSpans =
  (traceContext: boolean) =>
  ({ operation, settings }: Call, attempt: Attempt) =>
  <A>(sent: Effect.Effect<A, Failure>): Effect.Effect<A, Failure> =>
    whereTraced(traceContext)(
      sent,
      Effect.suspend(() => {
        const server = new URL(settings.baseUrl)
        return Effect.useSpan(
          `${operation.method} ${operation.route}`,
          {
            kind: "client",
            captureStackTrace: false,
            attributes: {
              ...describe(operation),
              "server.address": server.hostname,
              "server.port": Number(server.port === "" ? (server.protocol === "https:" ? 443 : 80) : server.port),
              ...(attempt.number === 1 ? {} : { "http.request.resend_count": attempt.number - 1 })
            }
          },
          (span) =>
            sent.pipe(
              Effect.onExit((exit) => endAttempt(span, attempt, exit)),
              Effect.withParentSpan(span)
            )
        )
      })
    )

const identifiers = [
  ["workspaceId", "mammoth.workspace_id"],
  ["projectId", "mammoth.project_id"],
  ["webhookId", "mammoth.webhook_id"]
] as const

/**
 * Returns the identifiers in the path of a call as attributes. The identifiers are not secret, and do not include a
 * webhook's key.
 */
const identify = (path: unknown): Record<string, number> => {
  const found: Record<string, number> = {}
  for (const [name, attribute] of identifiers) {
    if (Predicate.hasProperty(path, name) && Predicate.isNumber(path[name])) found[attribute] = path[name]
  }
  return found
}

const endCall = (span: Tracer.Span, exit: Exit.Exit<unknown, WebhooksError>) =>
  Effect.sync(() => {
    const error = failureOf(exit)
    if (error === undefined) return
    span.attribute("error.type", error._tag)
    span.attribute("mammoth.delivery", error.delivery)
    if (error._tag !== "MammothInvalidRequest") span.attribute("mammoth.attempts", error.attempts)
  })

/** Makes a span for each call of an operation, around its attempts and waits. */
export const withCallSpan =
  (traceContext: boolean, operation: Operation.Operation, path: unknown) =>
  <A, E extends WebhooksError, R>(call: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    whereTraced(traceContext)(
      call,
      Effect.suspend(() =>
        Effect.useSpan(
          `Webhooks.${operation.name}`,
          { captureStackTrace: false, attributes: describe(operation) },
          (span) =>
            call.pipe(
              Effect.onExit((exit) => {
                for (const [attribute, value] of Object.entries(identify(path))) span.attribute(attribute, value)
                return endCall(span, exit)
              }),
              Effect.withParentSpan(span)
            )
        )
      )
    )
