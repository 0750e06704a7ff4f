/** Converts commands of `@effect/cli` to commands that the program can run. */
import * as CliConfig from "@effect/cli/CliConfig"
import type * as Command from "@effect/cli/Command"
import * as CommandDescriptor from "@effect/cli/CommandDescriptor"
import * as Effect from "effect/Effect"
import type { Environment, Loaded } from "./entry.js"
import { UsageError } from "./errors.js"
import type { CliError } from "./failure.js"
import * as Grammar from "./grammar.js"
import * as Help from "./help.js"
import { helpFor } from "./select.js"

/** The options of the parser. Flags must match exactly, in case and spelling. */
const config = CliConfig.make({ isCaseSensitive: true, autoCorrectLimit: 0, showBuiltIns: false })

/** Converts a command of `@effect/cli`, with its description and its handler, to a command that the program can run. */
export const loaded = <Name extends string, A>(command: Command.Command<Name, Environment, CliError, A>): Loaded => {
  const { descriptor } = command
  const [name = ""] = CommandDescriptor.getNames(descriptor)
  const grammar = Grammar.of(name, CommandDescriptor.getUsage(descriptor))
  return {
    grammar,
    help: (called, summary) => Help.ofCommand(called, summary, grammar, descriptor),
    run: (called, words) => {
      const hint = helpFor(called)
      return CommandDescriptor.parse(descriptor, [name, ...words], config).pipe(
        Effect.mapError((error) => new UsageError({ message: Help.textOf(error.error), hint })),
        Effect.flatMap((directive) =>
          directive._tag === "UserDefined" && directive.leftover.length === 0
            ? command.handler(directive.value)
            : new UsageError({ message: "the arguments are wrong", hint })
        )
      )
    }
  }
}
