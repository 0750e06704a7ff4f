/** Records the stack of a caller, so that an error shows the lines of the caller instead of the SDK's. */
import * as Predicate from "effect/Predicate"

/** The stack of a caller, in the format of the engine. */
export interface Trace {
  readonly stack?: string | undefined
}

/**
 * Records the stack of a method's caller. This costs little, because the engine formats a stack only when it is read.
 */
export const traceOf = (method: (...args: never) => unknown): Trace => {
  // Use the stack of a new error if the engine has no `captureStackTrace`.
  const capture: unknown = Reflect.get(Error, "captureStackTrace")
  if (!Predicate.isFunction(capture)) return new Error()
  const trace = {}
  Reflect.apply(capture, Error, [trace, method])
  return trace
}

/**
 * Returns the frames of a stack without the error's name and message. Only V8 writes the name and message before the
 * frames.
 */
export const framesOf = ({ stack = "" }: Trace): string => {
  const start = stack.indexOf("\n    at ")
  return start < 0 && stack !== "" ? `\n${stack}` : stack.slice(start)
}
