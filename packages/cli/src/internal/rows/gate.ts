/**
 * A gate that stops the pushes of a run. After the gate is closed, no new push starts, but the pushes in flight can finish.
 */
import type { PushService } from "@mammoth-effect/client/Webhooks"
import * as Operations from "@mammoth-effect/core/Operations"
import { TransportError } from "@mammoth-effect/core/WebhooksError"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"

export interface Gate {
  readonly close: Effect.Effect<void>
  readonly isClosed: Effect.Effect<boolean>
  readonly awaitClosed: Effect.Effect<void>
  /** Waits until the gate is closed and no push is in flight. */
  readonly awaitIdle: Effect.Effect<void>
  /** Returns a service that checks the gate before each push. If the gate is closed, the push fails with `closed`. */
  readonly guard: (webhooks: PushService) => PushService
}

/** The error of a push that was not sent, because the gate was closed. */
export const closed = new TransportError({
  operation: Operations.addData.name,
  method: Operations.addData.method,
  route: Operations.addData.route,
  delivery: "NotSent",
  attempts: 0,
  history: [],
  reason: "other",
  description: "the run was already stopped"
})

/** The time that `awaitIdle` waits after the last push. During this time, the rows of the last push get their outcomes. */
const settling = "100 millis"

/** Makes the gate of a run. `concurrency` is the maximum number of pushes in flight. */
export const make = (concurrency: number): Effect.Effect<Gate> =>
  Effect.gen(function* () {
    const end = yield* Deferred.make<void>()
    const inFlight = yield* Effect.makeSemaphore(concurrency)
    const awaitClosed = Deferred.await(end)
    return {
      close: Effect.asVoid(Deferred.succeed(end, undefined)),
      isClosed: Deferred.isDone(end),
      awaitClosed,
      awaitIdle: awaitClosed.pipe(
        Effect.zipRight(inFlight.withPermits(concurrency)(Effect.void)),
        Effect.zipRight(Effect.sleep(settling))
      ),
      guard: (webhooks) => ({
        ...webhooks,
        addEncodedData: (target, document, options) =>
          inFlight.withPermits(1)(
            Effect.flatMap(Deferred.isDone(end), (isClosed) =>
              isClosed ? closed : webhooks.addEncodedData(target, document, options)
            )
          )
      })
    }
  })
