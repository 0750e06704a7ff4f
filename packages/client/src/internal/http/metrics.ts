/** What is counted of every attempt. */
import type { WebhooksError } from "@mammoth-effect/core/WebhooksError"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FiberRef from "effect/FiberRef"
import * as Metric from "effect/Metric"
import * as MetricBoundaries from "effect/MetricBoundaries"
import type * as MetricHook from "effect/MetricHook"
import * as MetricKey from "effect/MetricKey"
import * as MetricLabel from "effect/MetricLabel"
import * as Option from "effect/Option"
import type { Call } from "./call.js"
import { remembering } from "./remembering.js"

const requests = MetricKey.counter("mammoth_requests_total", {
  description: "Attempts of webhook operations, by operation and outcome: success or the error's tag",
  incremental: true
})

const retries = MetricKey.counter("mammoth_retries_total", {
  description: "Attempts that repeated an earlier one, by operation",
  incremental: true
})

const inFlight = MetricKey.gauge("mammoth_requests_in_flight", {
  description: "Attempts that are under way, by operation"
})

const duration = MetricKey.histogram(
  "mammoth_request_duration_seconds",
  // the boundaries that OpenTelemetry gives for http.client.request.duration
  MetricBoundaries.fromIterable([0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]),
  "How long attempts of webhook operations take, in seconds, by operation"
)

const registry = Metric.globalMetricRegistry

/** The metrics of one operation, each looked up once, as that costs more than to count. */
const ofOperation = (operation: string, given: ReadonlyArray<MetricLabel.MetricLabel>) => {
  const labels = [...given, MetricLabel.make("operation", operation)]
  const outcomes = new Map<string, MetricHook.MetricHook.Counter<number>>()
  return {
    requests: (outcome: string) => {
      const known =
        outcomes.get(outcome)
        ?? registry.getCounter(MetricKey.taggedWithLabels(requests, [...labels, MetricLabel.make("outcome", outcome)]))
      outcomes.set(outcome, known)
      return known
    },
    retries: () => registry.getCounter(MetricKey.taggedWithLabels(retries, labels)),
    inFlight: registry.getGauge(MetricKey.taggedWithLabels(inFlight, labels)),
    duration: registry.getHistogram(MetricKey.taggedWithLabels(duration, labels))
  }
}

const outcomeOf = (cause: Cause.Cause<WebhooksError>): string | undefined =>
  Option.getOrUndefined(Option.map(Cause.failureOption(cause), (error) => error._tag))

/** Counts attempts, retries, what is under way, and how long attempts take. */
export const withMetrics = () => {
  const metricsOf = remembering((labels: ReadonlyArray<MetricLabel.MetricLabel>) => {
    const known = new Map<string, ReturnType<typeof ofOperation>>()
    return ({ operation }: Call) => {
      const metrics = known.get(operation.name) ?? ofOperation(operation.name, labels)
      known.set(operation.name, metrics)
      return metrics
    }
  })
  return (call: Call) =>
    <E extends WebhooksError>(attempt: Effect.Effect<void, E>): Effect.Effect<void, E> =>
      Effect.withFiberRuntime((fiber) => {
        const metrics = metricsOf(fiber.getFiberRef(FiberRef.currentMetricLabels))(call)
        const clock = Context.get(fiber.currentDefaultServices, Clock.Clock)
        const end = (outcome: string | undefined): void => {
          metrics.inFlight.modify(-1)
          if (outcome === undefined) return
          metrics.requests(outcome).update(1)
          metrics.duration.update((clock.unsafeCurrentTimeMillis() - call.startedAt) / 1000)
        }
        return Effect.uninterruptibleMask((restore) => {
          metrics.inFlight.modify(1)
          if (call.history.length > 0) metrics.retries().update(1)
          return Effect.matchCauseEffect(restore(attempt), {
            onSuccess: () => {
              end("success")
              return Effect.void
            },
            onFailure: (cause) => {
              end(outcomeOf(cause))
              return Effect.failCause(cause)
            }
          })
        })
      })
}
