/** The types of the entries in the command list. The code of a command is loaded when a command line names the command. */
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as Path from "@effect/platform/Path"
import type * as Terminal from "@effect/platform/Terminal"
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type { CliError } from "./failure.js"
import type { Grammar } from "./grammar.js"
import type { Notices } from "./notices.js"
import type { Output } from "./output.js"
import type { Prompts } from "./prompts.js"
import type { Signals } from "./signals.js"

/** The services that every command may use. */
export type Environment =
  | Output
  | Notices
  | Prompts
  | Signals
  | Catalog
  | FileSystem.FileSystem
  | Path.Path
  | Terminal.Terminal

/** A command whose code is loaded. */
export interface Loaded {
  readonly grammar: Grammar
  /** Returns the help. `called` is the whole name of the command, such as `mammoth-webhooks outbox status`. */
  readonly help: (called: string, summary: string) => string
  /** Runs the command. `words` are the words that `Argv.check` returned. */
  readonly run: (called: string, words: ReadonlyArray<string>) => Effect.Effect<void, CliError, Environment>
}

/** A command or a group of commands. */
export interface Entry {
  readonly name: string
  readonly summary: string
  readonly children: ReadonlyArray<Entry>
  /** Returns true if the command changes nothing on the server. Receives the words after the command's name. */
  readonly onlyReads: (words: ReadonlyArray<string>) => boolean
  /** Loads the code of a command. Fails for a group, because a group has no code. */
  readonly load: () => Promise<Loaded>
}

/** All commands. The command `completions` needs them. */
export class Catalog extends Context.Tag("@mammoth-effect/cli/Catalog")<
  Catalog,
  { readonly program: string; readonly commands: ReadonlyArray<Entry> }
>() {}
