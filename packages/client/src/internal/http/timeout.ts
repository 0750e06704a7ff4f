/** How long one attempt may take: no longer than its timeout, nor than what is left until the call's deadline. */
import type { Delivery } from "@mammoth-effect/core/Delivery"
import * as Wait from "@mammoth-effect/core/Wait"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as DefaultServices from "effect/DefaultServices"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import * as FiberRefs from "effect/FiberRefs"
import * as Option from "effect/Option"
import * as Runtime from "effect/Runtime"
import { type Attempt, isSuccess, type Response } from "./attempt.js"
import { type Call, returnsBody } from "./call.js"
import type { Failure } from "./failure.js"

const deliveryOf = ({ response, stage }: Attempt): Delivery => {
  switch (stage) {
    case "credentials":
      return "NotSent"
    case "request":
      return "Unknown"
    case "body":
      return response !== undefined && isSuccess(response) ? "Accepted" : "Unknown"
  }
}

/** The clock that is there where nobody, such as a test, has given another. */
const live = Context.get(DefaultServices.liveServices, Clock.Clock)

const interruptAs = (fiber: Fiber.RuntimeFiber<unknown, unknown>) => {
  fiber.unsafeInterruptAsFork(FiberId.none)
}

/**
 * Runs something once the time is over, and never for an infinite one; returns what calls that off. One timer under the
 * live clock takes no fiber.
 */
const after = (limit: Duration.DurationInput, runtime: Runtime.Runtime<never>, run: () => void): (() => void) => {
  const clock = Context.get(FiberRefs.getOrDefault(runtime.fiberRefs, DefaultServices.currentServices), Clock.Clock)
  const millis = Duration.toMillis(limit)
  if (millis === Number.POSITIVE_INFINITY) return () => {}
  if (clock === live && millis <= Wait.longestTimer) {
    const timer = setTimeout(run, millis)
    return () => clearTimeout(timer)
  }
  const timer = Runtime.runFork(runtime, Effect.interruptible(Effect.map(Wait.sleep(limit), run)))
  return () => interruptAs(timer)
}

/**
 * An effect's value, or none where the limit passes first. An interruption reaches the effect where it reaches the
 * caller, and only there: within `Effect.uninterruptible`, as in `Effect.acquireRelease`, the limit alone ends it.
 */
export const limited = <A, E, R>(
  effect: Effect.Effect<A, E, R>,
  limit: Duration.DurationInput
): Effect.Effect<Option.Option<A>, E, R> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.flatMap(Effect.runtime<R>(), (runtime) => {
      let isOver = false
      // begins at once, where a forked fiber would wait for its turn
      const fiber = Runtime.runFork(runtime, Effect.interruptible(effect))
      const cancel = after(limit, runtime, () => {
        isOver = true
        interruptAs(fiber)
      })
      const ended = Effect.async<Exit.Exit<A, E>>((resume) => fiber.addObserver((exit) => resume(Effect.succeed(exit))))
      return Effect.matchCauseEffect(restore(ended), {
        onFailure: (cause) => {
          cancel()
          return Effect.zipRight(Fiber.interrupt(fiber), Effect.failCause(cause))
        },
        onSuccess: (exit): Effect.Effect<Option.Option<A>, E> => {
          cancel()
          return isOver && Exit.isInterrupted(exit) ? Effect.succeedNone : Exit.map(exit, Option.some)
        }
      })
    })
  )

/** The limit of an attempt, which limit that is, and how much of the limit is left. */
const limitOf = ({ settings }: Call, { deadlineAt, startedAt }: Attempt) => {
  const { deadline, timeout } = settings
  const left = Duration.millis(Math.max(0, deadlineAt - startedAt))
  return Option.isSome(deadline) && Duration.lessThan(left, timeout)
    ? ({ limit: "deadline", duration: deadline.value, left } as const)
    : ({ limit: "attempt", duration: timeout, left: timeout } as const)
}

/** Ends each attempt in time. If only the rest of a body that nobody needs is late, the status is the response. */
export const withTimeLimits =
  (call: Call, attempt: Attempt) =>
  (received: Effect.Effect<Response, Failure>): Effect.Effect<Response, Failure> =>
    Effect.suspend(() => {
      const { duration, left, limit } = limitOf(call, attempt)
      return Effect.flatMap(limited(received, left), (ended): Effect.Effect<Response, Failure> => {
        if (Option.isSome(ended)) return Effect.succeed(ended.value)
        const { response, stage } = attempt
        return response !== undefined && !(isSuccess(response) && returnsBody(call))
          ? Effect.succeed(response)
          : Effect.fail({
              _tag: "TimedOut",
              delivery: deliveryOf(attempt),
              status: response?.status ?? null,
              fields: { limit, stage, duration }
            })
      })
    })
