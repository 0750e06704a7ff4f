/** Commands as the shell runs them: their description in `@effect/cli`, and the effect behind it. */
import * as CliConfig from "@effect/cli/CliConfig"
import type * as Command from "@effect/cli/Command"
import * as CommandDescriptor from "@effect/cli/CommandDescriptor"
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as Path from "@effect/platform/Path"
import type * as Terminal from "@effect/platform/Terminal"
import * as Effect from "effect/Effect"
import { UsageError } from "./errors.js"
import type { CliError } from "./failure.js"
import type * as Grammar from "./grammar.js"
import { textOf } from "./help.js"
import type { Notices } from "./notices.js"
import type { Output } from "./output.js"
import type { Prompts } from "./prompts.js"
import type { Signals } from "./signals.js"

/** The services that every command may use. */
export type Environment = Output | Notices | Prompts | Signals | FileSystem.FileSystem | Path.Path | Terminal.Terminal

/** A command or a group of commands. */
export interface Runnable extends Grammar.Tree {
  readonly children: ReadonlyArray<Runnable>
  readonly run: (words: ReadonlyArray<string>) => Effect.Effect<void, CliError, Environment>
}

/** Flags are what they are: no other case, no correction. */
const config = CliConfig.make({ isCaseSensitive: true, autoCorrectLimit: 0, showBuiltIns: false })

/** Makes a command of its description and its handler. */
export const leaf = <Name extends string, A>(
  name: Name,
  summary: string,
  command: Command.Command<Name, Environment, CliError, A>
): Runnable => ({
  name,
  summary,
  descriptor: CommandDescriptor.withDescription(command.descriptor, summary),
  children: [],
  run: (words) =>
    CommandDescriptor.parse(command.descriptor, words, config).pipe(
      Effect.mapError(
        (error) => new UsageError({ message: textOf(error.error), hint: `See mammoth-webhooks ${name} --help.` })
      ),
      Effect.flatMap((directive) =>
        directive._tag === "UserDefined" && directive.leftover.length === 0
          ? command.handler(directive.value)
          : new UsageError({ message: "wrong arguments", hint: `See mammoth-webhooks ${name} --help.` })
      )
    )
})

/** Makes a group of commands, such as `outbox`. */
export const group = (name: string, summary: string, children: ReadonlyArray<Runnable>): Runnable => ({
  name,
  summary,
  descriptor: CommandDescriptor.make(name),
  children,
  run: () => new UsageError({ message: "a command is missing", hint: `See mammoth-webhooks ${name} --help.` })
})
