/** Declares the error of a wrong argument, and gives errors a useful stack. The module `promise` exports the error. */
import * as Schema from "effect/Schema"

/**
 * A function was called with an option or a value that it cannot use. Nothing was changed.
 *
 * @example
 * import { InvalidArgument, startEmulator } from "@mammoth-effect/emulator/promise"
 *
 * export const start = (port: number) =>
 *   startEmulator({ port }).catch((error: unknown) => {
 *     if (error instanceof InvalidArgument) console.error(error.message)
 *     throw error
 *   })
 *
 * @since 0.1.0
 * @category errors
 */
export class InvalidArgument extends Schema.TaggedError<InvalidArgument>("@mammoth-effect/emulator/InvalidArgument")(
  "MammothInvalidArgument",
  {
    function: Schema.Literal("startEmulator", "fail", "rows"),
    /** The name of the option or value, and the reason why it cannot be used. */
    reason: Schema.String
  }
) {
  override get message(): string {
    return `${this.function}: ${this.reason}`
  }
}

/**
 * Captures the stack of the caller immediately, and returns a function that gives errors this stack. Otherwise the
 * stack would show only functions of Effect, and not the caller.
 */
export const atCaller = (callee: Function): (<E extends Error>(error: E) => E) => {
  const captured = { stack: "" }
  Error.captureStackTrace(captured, callee)
  const frames = captured.stack.split("\n").slice(1)
  return (error) =>
    Object.defineProperty(error, "stack", {
      value: [`${error.name}: ${error.message}`, ...frames].join("\n"),
      configurable: true,
      writable: true
    })
}
