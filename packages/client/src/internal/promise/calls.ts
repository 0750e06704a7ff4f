/** Runs calls as promises. Handles abort signals, converts errors, and closes the client. */
import type * as Issue from "@mammoth-effect/core/Issue"
import { InvalidRequest } from "@mammoth-effect/core/WebhooksError"
import * as Cause from "effect/Cause"
import type * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as RequestOptions from "../../RequestOptions.js"
import { onAbort } from "../http/abort.js"
import type { identify } from "../http/call.js"
import type { Kind } from "../options/kinds.js"
import * as CallOptions from "./callOptions.js"
import { ClientClosed, isAnyTagged, toPlain } from "./errors.js"
import { type Trace, traceOf } from "./trace.js"

/** The fields of an error that name the function that was called. */
export type Named = ReturnType<typeof identify>

/** A call of a method: the function's name, the stack of the caller, and the first issue in the arguments. */
export interface Called {
  readonly named: Named
  readonly trace: Trace
  /** The first issue in the arguments. The options are checked later. */
  readonly wrong?: Issue.Issue | undefined
  /** The `Kind` that checks the options. Default: the check for the options that every call has. */
  readonly kind?: Kind | undefined
}

/** Records the stack of a method's caller, and the issue in the arguments. */
export const called = (
  method: (...args: never) => unknown,
  named: Named,
  wrong?: Issue.Issue,
  kind?: Kind
): Called => ({ named, trace: traceOf(method), wrong, kind })

export interface Calls<R> {
  /**
   * Runs an effect with options. The call ends when the signal of the options or the signal `left` is aborted. An
   * iteration aborts `left` when the program leaves the loop.
   */
  readonly run: <A, E>(
    called: Called,
    effect: Effect.Effect<A, E, R>,
    options?: CallOptions.CallOptions,
    left?: AbortSignal
  ) => Promise<A>
  /** Rejects new calls, waits for the calls in flight, and releases the resources of the layer. */
  readonly close: () => Promise<void>
}

/** Converts a tagged error to plain data, with the stack of the caller. Returns any other value unchanged. */
const plain = (error: unknown, trace: Trace): unknown => (isAnyTagged(error) ? toPlain(error, trace) : error)

/** Makes the error for calls after the client was closed. */
type ToClosed = (trace: Trace) => unknown

/**
 * Returns the value with which a failed call rejects: a plain error, the reason of the signal that ended the call, or
 * an unchanged defect.
 */
const rejection = (
  cause: Cause.Cause<unknown>,
  signal: AbortSignal | null | undefined,
  trace: Trace,
  toClosed: ToClosed
): unknown => {
  if (!Cause.isInterruptedOnly(cause)) return plain(Cause.originalError(Cause.squash(cause)), trace)
  return signal?.aborted === true ? signal.reason : plain(toClosed(trace), trace)
}

/** Makes the calls of a client from a layer of their services. */
export const make = <R, E>(
  layer: Layer.Layer<R, E>,
  toClosed: ToClosed = (trace) => new ClientClosed(trace)
): Calls<R> => {
  const runtime = ManagedRuntime.make(layer)
  const running = new Set<Promise<unknown>>()
  let closed: Promise<void> | undefined

  return {
    run: ({ kind = CallOptions.kind, named, trace, wrong }, effect, options = {}, left) => {
      if (closed !== undefined) return Promise.reject(plain(toClosed(trace), trace))
      const issue = wrong ?? CallOptions.check(kind, options)
      if (issue !== undefined) {
        return Promise.reject(toPlain(new InvalidRequest({ ...named, issues: [issue], omitted: 0 }), trace))
      }
      const { signal } = options
      // Reject now if a signal is already aborted. The effect would be interrupted only at its first wait, and its
      // request would be sent by then.
      if (signal?.aborted === true) return Promise.reject(signal.reason)
      if (left?.aborted === true) return Promise.reject(left.reason)
      const ending = new AbortController()
      const stops = [signal, left].map((given) => given && onAbort(given, () => ending.abort()))
      const provided = RequestOptions.withOptions(CallOptions.toRequestOptions(options))(effect)
      const exit = runtime.runPromiseExit(provided, { signal: ending.signal })
      const forget = () => {
        for (const stopListening of stops) stopListening?.()
        running.delete(exit)
      }
      running.add(exit)
      exit.then(forget, forget)
      return exit.then((ended) =>
        Exit.isSuccess(ended) ? ended.value : Promise.reject(rejection(ended.cause, signal, trace, toClosed))
      )
    },
    close: () => (closed ??= Promise.allSettled(running).then(() => runtime.dispose()))
  }
}
