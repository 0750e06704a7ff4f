/**
 * Asks the user questions at the terminal. Without a terminal, asks no questions, because a pipe could answer by accident.
 */
import { createInterface } from "node:readline"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { UsageError } from "./errors.js"

export interface Service {
  /** `true` if stdin and stderr are terminals. Questions appear on stderr, because stdout carries only data. */
  readonly isPossible: boolean
  /** Asks a question, and returns what the user types. Returns an empty string if the input ends. */
  readonly ask: (question: string) => Effect.Effect<string, UsageError>
  /** Asks for a secret, and does not show what the user types. */
  readonly askSecret: (question: string) => Effect.Effect<Redacted.Redacted, UsageError>
  /** Fails unless the user answers yes, or the flag `--yes` was given. */
  readonly confirm: (question: string, isConfirmed: boolean) => Effect.Effect<void, UsageError>
}

/** The service that asks the user at the terminal. */
export class Prompts extends Context.Tag("@mammoth-effect/cli/Prompts")<Prompts, Service>() {}

const impossible = new UsageError({
  message: "the command cannot ask the user, because stdin or stderr is not a terminal",
  hint: "Use a flag instead. The command's --help lists the flags."
})

const ask = (question: string) =>
  Effect.async<string>((resume) => {
    const lines = createInterface({ input: process.stdin, output: process.stderr, terminal: false })
    let answer = ""
    lines.once("close", () => resume(Effect.succeed(answer)))
    lines.question(question, (line) => {
      answer = line
      lines.close()
    })
    return Effect.sync(() => lines.close())
  })

/**
 * Asks for a secret in raw mode. In this mode, the terminal does not show what the user types, and Ctrl-C arrives as a
 * character.
 */
const askSecret = (question: string) =>
  Effect.async<Redacted.Redacted>((resume) => {
    const { stderr, stdin } = process
    let typed = ""
    const close = () => {
      stdin.off("data", onData)
      stdin.setRawMode(false)
      stdin.pause()
      stderr.write("\n")
    }
    const onData = (data: Buffer) => {
      for (const character of data.toString("utf8")) {
        if (character === "\r" || character === "\n" || character === "\u0004") {
          close()
          return resume(Effect.succeed(Redacted.make(typed)))
        }
        // Interrupt the command on Ctrl-C. The interruption closes the question.
        if (character === "\u0003") return void process.kill(process.pid, "SIGINT")
        typed = character === "\u007F" ? typed.slice(0, -1) : typed + character
      }
    }
    // Turn the echo off before the question appears. Otherwise the terminal could show a quickly typed answer.
    stdin.setRawMode(true)
    stderr.write(question)
    stdin.on("data", onData)
    stdin.resume()
    return Effect.sync(close)
  })

export const make: Effect.Effect<Service> = Effect.sync(() => {
  const isPossible = process.stdin.isTTY && process.stderr.isTTY
  const guard = <A>(self: Effect.Effect<A>): Effect.Effect<A, UsageError> => (isPossible ? self : impossible)
  return {
    isPossible,
    ask: (question) => guard(ask(question)),
    askSecret: (question) => guard(askSecret(question)),
    confirm: (question, isConfirmed) => {
      if (isConfirmed) return Effect.void
      if (!isPossible) {
        return new UsageError({
          message:
            "this needs a confirmation, but the command cannot ask the user, because stdin or stderr is not a terminal",
          hint: "Nothing was changed. Run the command again with --yes."
        })
      }
      return Effect.flatMap(ask(`${question} [y/N] `), (answer) =>
        /^y(es)?$/i.test(answer.trim())
          ? Effect.void
          : new UsageError({ message: "the user did not confirm", hint: "Nothing was changed." })
      )
    }
  }
})
