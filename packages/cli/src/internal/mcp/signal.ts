/** Turns abort signals into interruptions. */
import * as Effect from "effect/Effect"

/** Makes an effect that is interrupted when the signal aborts, and that never ends otherwise. */
export const interruptedBy = (signal: AbortSignal): Effect.Effect<never> =>
  Effect.async((resume) => {
    const interrupt = () => resume(Effect.interrupt)
    if (signal.aborted) return interrupt()
    signal.addEventListener("abort", interrupt, { once: true })
    return Effect.sync(() => signal.removeEventListener("abort", interrupt))
  })
