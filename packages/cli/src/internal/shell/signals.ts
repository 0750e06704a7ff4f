/**
 * Runs the command until it ends or is interrupted.
 *
 * If the command uses `stoppable`, the first signal asks the command to stop. The second signal asks the command to give up
 * the requests in flight. The first signal interrupts any other command. After an interruption, the next signal ends the
 * process.
 *
 * All state stays in this file, because the listeners of the process share the state.
 */
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { exitCodes } from "./exitCodes.js"

/**
 * Reports signals to a command. The first signal asks the command to stop. The second signal asks the command to give up the
 * requests in flight.
 */
export interface Stop {
  /** Waits until a signal asks the command to stop. */
  readonly awaitAsked: Effect.Effect<void>
  readonly isAsked: Effect.Effect<boolean>
  /** Waits until a signal asks the command to give up the requests in flight. */
  readonly awaitGiveUp: Effect.Effect<void>
}

export interface Service {
  /** Runs a command that reacts to signals. The effects in `stop` report the signals to the command. */
  readonly stoppable: <A, E, R>(use: (stop: Stop) => Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
}

/** The service for the signals that the process receives. */
export class Signals extends Context.Tag("@mammoth-effect/cli/Signals")<Signals, Service>() {}

/** Runs the program. Ends the process with the exit code of the program or of the received signal. */
export const runMain = (program: (signals: Service) => Effect.Effect<number>): void => {
  /**
   * The deferred values that the next signals complete, in order. The first value asks the command to stop. The second value
   * asks the command to give up the requests in flight. If the list is empty, a signal interrupts the command.
   */
  let wishes: ReadonlyArray<Deferred.Deferred<void>> = []
  let received: "interrupted" | "terminated" | undefined
  let isInterrupted = false

  const signals: Service = {
    stoppable: (use) =>
      Effect.acquireUseRelease(
        Effect.tap(Effect.all([Deferred.make<void>(), Deferred.make<void>()]), (made) =>
          Effect.sync(() => void (wishes = made))
        ),
        ([asked, givenUp]) =>
          use({
            awaitAsked: Deferred.await(asked),
            isAsked: Deferred.isDone(asked),
            awaitGiveUp: Deferred.await(givenUp)
          }),
        () => Effect.sync(() => void (wishes = []))
      )
  }

  const keepAlive = setInterval(() => {}, 2 ** 31 - 1)
  const fiber = Effect.runFork(program(signals))
  const onSignal = (name: "interrupted" | "terminated") => () => {
    received ??= name
    const [next, ...others] = wishes
    wishes = others
    if (next !== undefined) return Deferred.unsafeDone(next, Effect.void)
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
