/**
 * Listens to a signal once for many calls, because all calls of a program often share one signal. With a listener for
 * each call, Node would warn of a leak at the eleventh listener. The listener is removed after the last call.
 */
import * as Predicate from "effect/Predicate"

/** One listener of a signal, and the functions to run when the signal is aborted. */
interface Listening {
  readonly runs: Set<() => void>
  readonly listener: () => void
}

/** Returns `true` for an abort signal of any realm or of a polyfill. */
export const isAbortSignal = (given: unknown): given is AbortSignal =>
  Predicate.hasProperty(given, "aborted")
  && Predicate.isBoolean(given.aborted)
  && Predicate.hasProperty(given, "addEventListener")
  && Predicate.isFunction(given.addEventListener)
  && Predicate.hasProperty(given, "removeEventListener")
  && Predicate.isFunction(given.removeEventListener)

const listening = new WeakMap<AbortSignal, Listening>()

const listen = (signal: AbortSignal): Listening => {
  const runs = new Set<() => void>()
  const listener = () => {
    for (const run of runs) run()
  }
  signal.addEventListener("abort", listener, { once: true })
  const begun = { runs, listener }
  listening.set(signal, begun)
  return begun
}

/** Calls `run` when the signal is aborted. Returns a function that removes `run` again. */
export const onAbort = (signal: AbortSignal, run: () => void): (() => void) => {
  const { listener, runs } = listening.get(signal) ?? listen(signal)
  runs.add(run)
  return () => {
    if (!runs.delete(run) || runs.size > 0) return
    signal.removeEventListener("abort", listener)
    listening.delete(signal)
  }
}
