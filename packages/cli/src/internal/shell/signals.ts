/**
 * Runs the command until it ends or is interrupted.
 *
 * The first signal asks a command to stop, if the command can stop by itself, and interrupts it otherwise. The second
 * interrupts it in any case, and the third ends the process. The state is shared with the listeners of the process, so
 * all of it stays in this file.
 */
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { exitCodes } from "./exitCodes.js"

export interface Service {
  /** Runs a command that can stop by itself: `stop` ends when the command should stop. */
  readonly stoppable: <A, E, R>(
    use: (stop: Deferred.Deferred<void>) => Effect.Effect<A, E, R>
  ) => Effect.Effect<A, E, R>
}

/** The signals that the process receives. */
export class Signals extends Context.Tag("@mammoth-effect/cli/Signals")<Signals, Service>() {}

/** Runs the program, and ends the process with the exit code that the program returns, or that its signal has. */
export const runMain = (program: (signals: Service) => Effect.Effect<number>): void => {
  let stop: Deferred.Deferred<void> | undefined
  let received: "interrupted" | "terminated" | undefined
  let isInterrupted = false

  const signals: Service = {
    stoppable: (use) =>
      Effect.acquireUseRelease(
        Effect.tap(Deferred.make<void>(), (made) => Effect.sync(() => void (stop = made))),
        use,
        () => Effect.sync(() => void (stop = undefined))
      )
  }

  const keepAlive = setInterval(() => {}, 2 ** 31 - 1)
  const fiber = Effect.runFork(program(signals))
  const onSignal = (name: "interrupted" | "terminated") => () => {
    const isFirst = received === undefined
    received ??= name
    if (isFirst && stop !== undefined) return Deferred.unsafeDone(stop, Effect.void)
    if (isInterrupted) process.exit(exitCodes[received].code)
    isInterrupted = true
    fiber.unsafeInterruptAsFork(fiber.id())
  }
  process.on("SIGINT", onSignal("interrupted"))
  process.on("SIGTERM", onSignal("terminated"))
  fiber.addObserver((exit) => {
    clearInterval(keepAlive)
    const code = Exit.isSuccess(exit) ? exit.value : exitCodes.failed.code
    process.exit(received === undefined ? code : exitCodes[received].code)
  })
}
