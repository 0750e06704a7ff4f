/** The list of all commands, as a service for the command that makes completions. */
import * as Context from "effect/Context"
import type { Entry } from "./entry.js"

/** All commands, for the command that makes completions. */
export class Catalog extends Context.Tag("@mammoth-effect/cli/Catalog")<
  Catalog,
  { readonly program: string; readonly commands: ReadonlyArray<Entry> }
>() {}
