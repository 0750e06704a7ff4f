/** What is counted of every attempt. */
import * as HttpClient from "@effect/platform/HttpClient"
import type { WebhooksError } from "@mammoth-effect/core/WebhooksError"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FiberRef from "effect/FiberRef"
import * as Metric from "effect/Metric"
import * as MetricBoundaries from "effect/MetricBoundaries"
import * as Option from "effect/Option"
import { type Call, CurrentCall } from "./call.js"

const requests = Metric.counter("mammoth_requests_total", {
  description: "Attempts of webhook operations, by operation and outcome: success or the error's tag",
  incremental: true
})

const retries = Metric.counter("mammoth_retries_total", {
  description: "Attempts that repeated an earlier one, by operation",
  incremental: true
})

const inFlight = Metric.gauge("mammoth_requests_in_flight", {
  description: "Attempts that are under way, by operation"
})

const duration = Metric.histogram(
  "mammoth_request_duration_seconds",
  // the boundaries that OpenTelemetry gives for http.client.request.duration
  MetricBoundaries.fromIterable([0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]),
  "How long attempts of webhook operations take, in seconds, by operation"
)

/** The metrics of one operation, each made once. */
const ofOperation = (name: string) => {
  const ofOutcome = Metric.tagged(requests, "operation", name)
  const outcomes = new Map<string, typeof requests>()
  return {
    requests: (outcome: string) => {
      const known = outcomes.get(outcome) ?? Metric.tagged(ofOutcome, "outcome", outcome)
      outcomes.set(outcome, known)
      return known
    },
    retries: Metric.tagged(retries, "operation", name),
    inFlight: Metric.tagged(inFlight, "operation", name),
    duration: Metric.tagged(duration, "operation", name)
  }
}

const outcomeOf = (cause: Cause.Cause<WebhooksError>): string | undefined =>
  Option.getOrUndefined(Option.map(Cause.failureOption(cause), (error) => error._tag))

/** Counts attempts, retries, what is under way, and how long attempts take. */
export const withMetrics = <E extends WebhooksError, R>(
  client: HttpClient.HttpClient.With<E, R>
): HttpClient.HttpClient.With<E, R | CurrentCall> => {
  const known = new Map<string, ReturnType<typeof ofOperation>>()
  const metricsOf = ({ operation }: Call) => {
    const metrics = known.get(operation.name) ?? ofOperation(operation.name)
    known.set(operation.name, metrics)
    return metrics
  }
  return HttpClient.transformResponse(client, (attempt) =>
    Effect.flatMap(CurrentCall, (call) =>
      Effect.withFiberRuntime((fiber) => {
        const metrics = metricsOf(call)
        const labels = fiber.getFiberRef(FiberRef.currentMetricLabels)
        const clock = Context.get(fiber.currentDefaultServices, Clock.Clock)
        const end = (outcome: string | undefined): void => {
          metrics.inFlight.unsafeModify(-1, labels)
          if (outcome === undefined) return
          metrics.requests(outcome).unsafeUpdate(1, labels)
          metrics.duration.unsafeUpdate((clock.unsafeCurrentTimeMillis() - call.startedAt) / 1000, labels)
        }
        return Effect.uninterruptibleMask((restore) => {
          metrics.inFlight.unsafeModify(1, labels)
          if (call.history.length > 0) metrics.retries.unsafeUpdate(1, labels)
          return Effect.matchCauseEffect(restore(attempt), {
            onSuccess: (response) => {
              end("success")
              return Effect.succeed(response)
            },
            onFailure: (cause) => {
              end(outcomeOf(cause))
              return Effect.failCause(cause)
            }
          })
        })
      })
    )
  )
}
