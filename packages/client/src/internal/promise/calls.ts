/** Runs calls as promises: the signals that end them, the errors that they reject with, and the end of the client. */
import { InvalidRequest } from "@mammoth-effect/core/WebhooksError"
import * as Cause from "effect/Cause"
import type * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as RequestOptions from "../../RequestOptions.js"
import { onAbort } from "../http/abort.js"
import type { identify } from "../http/call.js"
import { type CallOptions, check, toRequestOptions } from "./callOptions.js"
import { ClientClosed } from "./errors.js"

/** The fields of an error that name the function that was called. */
export type Named = ReturnType<typeof identify>

export interface Calls<R> {
  /** Runs an effect with options. An iteration also ends its calls when the loop is left. */
  readonly run: <A, E>(
    named: Named,
    effect: Effect.Effect<A, E, R>,
    options?: CallOptions,
    left?: AbortSignal
  ) => Promise<A>
  /** Takes no further call, waits for those in flight, and releases the resources of the layer. */
  readonly close: () => Promise<void>
}

/** Returns the tagged error itself, the reason of the signal that ended the call, or a defect. */
const rejection = (cause: Cause.Cause<unknown>, signal: AbortSignal | undefined, closed: () => Error): unknown => {
  if (!Cause.isInterruptedOnly(cause)) return Cause.originalError(Cause.squash(cause))
  return signal?.aborted === true ? signal.reason : closed()
}

/** Makes the calls of a client from a layer of their services. `closedError` is for calls after the end. */
export const make = <R, E>(layer: Layer.Layer<R, E>, closedError: () => Error = () => new ClientClosed()): Calls<R> => {
  const runtime = ManagedRuntime.make(layer)
  const running = new Set<Promise<unknown>>()
  let closed: Promise<void> | undefined

  return {
    run: (named, effect, options = {}, left) => {
      if (closed !== undefined) return Promise.reject(closedError())
      const issue = check(options)
      if (issue !== undefined) return Promise.reject(new InvalidRequest({ ...named, issues: [issue], omitted: 0 }))
      const { signal } = options
      // an effect runs up to its first wait before it can be interrupted, and its request would have left by then
      if (signal?.aborted === true) return Promise.reject(signal.reason)
      if (left?.aborted === true) return Promise.reject(left.reason)
      const ending = new AbortController()
      const stops = [signal, left].map((given) => given && onAbort(given, () => ending.abort()))
      const provided = RequestOptions.withOptions(toRequestOptions(options))(effect)
      const exit = runtime.runPromiseExit(provided, { signal: ending.signal })
      const forget = () => {
        for (const stopListening of stops) stopListening?.()
        running.delete(exit)
      }
      running.add(exit)
      exit.then(forget, forget)
      return exit.then((ended) =>
        Exit.isSuccess(ended) ? ended.value : Promise.reject(rejection(ended.cause, signal, closedError))
      )
    },
    close: () => (closed ??= Promise.allSettled(running).then(() => runtime.dispose()))
  }
}
