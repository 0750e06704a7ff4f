/** Notes the stack of a caller, whose own lines an error shows in place of those of the SDK. */
import * as Predicate from "effect/Predicate"

/** The stack of a caller, as the engine writes it. */
export interface Trace {
  readonly stack?: string | undefined
}

/** Notes the stack of the caller of a method. It costs little: an engine formats a stack when it is read. */
export const traceOf = (method: (...args: never) => unknown): Trace => {
  // not every engine has this function
  const capture: unknown = Reflect.get(Error, "captureStackTrace")
  if (!Predicate.isFunction(capture)) return new Error()
  const trace = {}
  Reflect.apply(capture, Error, [trace, method])
  return trace
}

/** Returns the frames of a stack. V8 writes the name and message of an error before them, others do not. */
export const framesOf = ({ stack = "" }: Trace): string => {
  const start = stack.indexOf("\n    at ")
  return start < 0 && stack !== "" ? `\n${stack}` : stack.slice(start)
}
