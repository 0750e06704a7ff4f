/** The command `completions`. */
import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Completions from "../completions.js"
import { loaded } from "../shell/command.js"
import { Catalog, type Entry } from "../shell/entry.js"
import { Output } from "../shell/output.js"

/** Loads a command, or all commands of a group, and returns their flags and arguments. */
const read = (entry: Entry): Effect.Effect<Completions.Completed> =>
  entry.children.length > 0
    ? Effect.map(Effect.forEach(entry.children, read), (children) => ({ ...entry, children, grammar: undefined }))
    : Effect.map(Effect.promise(entry.load), ({ grammar }) => ({ ...entry, children: [], grammar }))

export const completions = loaded(
  Command.make(
    "completions",
    {
      shell: Args.choice(
        Completions.shells.map((shell) => [shell, shell] as const),
        { name: "shell" }
      ).pipe(
        Args.withDescription(
          "The shell: bash, zsh or fish. Put the output where your shell looks for completions, or evaluate the output."
        )
      )
    },
    ({ shell }) =>
      Effect.gen(function* () {
        const { commands, program } = yield* Catalog
        const output = yield* Output
        const all = yield* Effect.forEach(commands, read)
        return yield* output.text(Completions.make(shell, program, all))
      })
  )
)
