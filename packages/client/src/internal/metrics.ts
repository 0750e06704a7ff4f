/** What is counted of every attempt. */
import * as HttpClient from "@effect/platform/HttpClient"
import type { WebhooksError } from "@mammoth-effect/core/WebhooksError"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import * as MetricBoundaries from "effect/MetricBoundaries"
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

const ofOperation = (name: string) => ({
  requests: Metric.tagged(requests, "operation", name),
  retries: Metric.tagged(retries, "operation", name),
  inFlight: Metric.tagged(inFlight, "operation", name),
  duration: Metric.tagged(duration, "operation", name)
})

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
    Effect.flatMap(CurrentCall, (call) => {
      const metrics = metricsOf(call)
      const count = (outcome: string) =>
        Effect.zipRight(
          Metric.increment(Metric.tagged(metrics.requests, "outcome", outcome)),
          Effect.flatMap(Clock.currentTimeMillis, (now) =>
            Metric.update(metrics.duration, (now - call.startedAt) / 1000)
          )
        )
      return Effect.acquireUseRelease(
        Effect.zipRight(
          Metric.increment(metrics.inFlight),
          call.history.length === 0 ? Effect.void : Metric.increment(metrics.retries)
        ),
        () =>
          Effect.tapBoth(attempt, {
            onSuccess: () => count("success"),
            onFailure: (error) => count(error._tag)
          }),
        () => Metric.incrementBy(metrics.inFlight, -1)
      )
    })
  )
}
