/**
 * Reports when an outbox cannot deliver rows, and when it delivers again. Writes warnings at a limited rate, and
 * metrics.
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import type * as Scope from "effect/Scope"
import * as Time from "../time.js"
import * as Verdict from "./verdict.js"

/** The number of failed requests, with no success between them, after which delivery counts as blocked. */
const isOutage = 5

/** The time after which a warning is repeated while delivery is blocked. */
const reminder = Duration.toMillis("10 minutes")

/** The minimum time between two warnings, even if delivery alternates between blocked and working. */
const shortest = Duration.toMillis("1 minute")

const failures = Metric.counter("mammoth_outbox_failures_total", {
  description: "Failed requests of outbox workers, by outbox and error",
  incremental: true
})

const blockedSince = Metric.gauge("mammoth_outbox_blocked_since_seconds", {
  description:
    "Unix time at which the delivery of an outbox became blocked, by outbox. The value is 0 while delivery works"
})

/** Returns true if every row would fail in the same way until an operator removes the cause. */
const isBlocking = (error: Verdict.Failure): boolean => {
  if (error._tag === "MammothWebhookUnresolved") return true
  const verdict = Verdict.of(error)
  // Treat a refusal as blocking: this function gets a refusal only if the refused rows are not the cause.
  return verdict === "blocked" || verdict === "refused"
}

export interface Health {
  readonly succeeded: Effect.Effect<void>
  /** Records that a request failed and that its rows wait. */
  readonly failed: (error: Verdict.Failure) => Effect.Effect<void>
}

export const make = (outbox: string): Effect.Effect<Health, never, Scope.Scope> =>
  Effect.gen(function* () {
    const since = Metric.tagged(blockedSince, "outbox", outbox)
    let failed = 0
    let blocked: { readonly at: number; isTold: boolean } | undefined
    let toldAt = Number.NEGATIVE_INFINITY
    yield* Effect.addFinalizer(() => Metric.set(since, 0))
    const name = JSON.stringify(outbox)
    return {
      succeeded: Effect.suspend(() => {
        failed = 0
        const last = blocked
        if (last === undefined) return Effect.void
        blocked = undefined
        return Effect.zipRight(
          Metric.set(since, 0),
          last.isTold
            ? Effect.flatMap(Time.now, (now) =>
                Effect.logWarning(`the outbox ${name} delivers again, after ${Time.format(now - last.at)}`)
              )
            : Effect.void
        )
      }),
      failed: (error) =>
        Effect.gen(function* () {
          failed += 1
          yield* Metric.increment(Metric.tagged(Metric.tagged(failures, "outbox", outbox), "error", error._tag))
          if (blocked === undefined && !isBlocking(error) && failed < isOutage) return
          const now = yield* Time.now
          if (blocked === undefined) {
            blocked = { at: now, isTold: false }
            yield* Metric.set(since, (yield* Clock.currentTimeMillis) / 1000)
          }
          if (now - toldAt < (blocked.isTold ? reminder : shortest)) return
          toldAt = now
          const { at, isTold } = blocked
          blocked.isTold = true
          const state = isTold ? `has delivered nothing for ${Time.format(now - at)}` : "cannot deliver"
          yield* Effect.logWarning(`the outbox ${name} ${state}, and its rows wait: ${error.message}`)
        })
    }
  })
