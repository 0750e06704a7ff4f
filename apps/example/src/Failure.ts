/** Prints why a run failed, and sets its exit code. */
import type { Teardown } from "@effect/platform/Runtime"
import { Cause, Console, Effect, ConfigError, Exit } from "effect"

/** Prints why an effect failed: a line for each failure, and a stack trace only for a defect. */
export const report = <A, E extends Error | ConfigError.ConfigError, R>(
  self: Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> =>
  Effect.onError(self, (cause) =>
    Cause.isInterruptedOnly(cause)
      ? Console.error("\nInterrupted.")
      : Console.error(
          ["", ...Array.from(Cause.failures(cause), describe), ...Array.from(Cause.defects(cause), pretty)].join("\n")
        )
  )

/** Ends the process with exit code 0 after a success, 130 after an interruption, and 1 otherwise. */
export const teardown: Teardown = (exit, onExit) =>
  onExit(Exit.isSuccess(exit) ? 0 : Cause.isInterruptedOnly(exit.cause) ? 130 : 1)

/** Describes every environment variable that is missing or invalid. */
const describeConfig = (error: ConfigError.ConfigError): string => {
  const { missing, others } = collect(error)
  return [
    ...(missing.length === 0
      ? []
      : [`Failed: missing environment variables: ${missing.join(", ")}. Set them as apps/example/README.md describes`]),
    ...others.map((other) => `Failed: ${other}`)
  ].join("\n")
}

const collect = (
  error: ConfigError.ConfigError
): { readonly missing: ReadonlyArray<string>; readonly others: ReadonlyArray<string> } => {
  switch (error._op) {
    case "And":
    case "Or": {
      const [left, right] = [collect(error.left), collect(error.right)]
      return { missing: [...left.missing, ...right.missing], others: [...left.others, ...right.others] }
    }
    case "MissingData":
      return { missing: [error.path.join("_")], others: [] }
    default:
      return { missing: [], others: [`${error.path.join("_")}: ${error.message}`] }
  }
}

const describe = (error: Error | ConfigError.ConfigError): string =>
  ConfigError.isConfigError(error) ? describeConfig(error) : `Failed: ${error.message}`

const pretty = (defect: unknown): string => Cause.pretty(Cause.die(defect))
