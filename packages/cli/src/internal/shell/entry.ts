/**
 * The entries of the list of commands. The code of a command is loaded when it is named. This file and the list load
 * nothing, since the help of the program has to come at once.
 */
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as Path from "@effect/platform/Path"
import type * as Terminal from "@effect/platform/Terminal"
import type * as Effect from "effect/Effect"
import type { Catalog } from "./catalog.js"
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

/** The code of a command. */
export interface Loaded {
  readonly grammar: Grammar
  /** Makes the help, under the whole name by which the command is called. */
  readonly help: (called: string, summary: string) => string
  /** Runs the command with words that were checked. */
  readonly run: (called: string, words: ReadonlyArray<string>) => Effect.Effect<void, CliError, Environment>
}

/** A command or a group of commands. */
export interface Entry {
  readonly name: string
  readonly summary: string
  readonly children: ReadonlyArray<Entry>
  /** Loads a command. A group has nothing to load. */
  readonly load: () => Promise<Loaded>
}

/** Makes the entry of a command. */
export const command = (name: string, summary: string, load: () => Promise<Loaded>): Entry => ({
  name,
  summary,
  children: [],
  load
})

/** Makes a group of commands, such as `outbox`. */
export const group = (name: string, summary: string, children: ReadonlyArray<Entry>): Entry => ({
  name,
  summary,
  children,
  load: () => Promise.reject(new Error(`${name} is a group`))
})
