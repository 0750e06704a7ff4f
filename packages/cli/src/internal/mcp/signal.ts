/** Converts abort signals to interruptions of effects. */
import * as Effect from "effect/Effect"

/**
 * Returns an effect that waits until the signal is aborted, and is then interrupted. If the signal is never aborted, the
 * effect never ends.
 */
export const interruptedBy = (signal: AbortSignal): Effect.Effect<never> =>
  Effect.async((resume) => {
    const interrupt = () => resume(Effect.interrupt)
    if (signal.aborted) return interrupt()
    signal.addEventListener("abort", interrupt, { once: true })
    return Effect.sync(() => signal.removeEventListener("abort", interrupt))
  })
