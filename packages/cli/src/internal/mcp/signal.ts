/** Converts abort signals to interruptions of effects. */
import * as Effect from "effect/Effect"

/**
 * Returns an effect that waits for the signal. The effect is interrupted when the signal is aborted, and never ends
 * otherwise.
 */
export const interruptedBy = (signal: AbortSignal): Effect.Effect<never> =>
  Effect.async((resume) => {
    const interrupt = () => resume(Effect.interrupt)
    if (signal.aborted) return interrupt()
    signal.addEventListener("abort", interrupt, { once: true })
    return Effect.sync(() => signal.removeEventListener("abort", interrupt))
  })
