/** Writes notes, progress and the final failure to stderr. Data is written to stdout. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { visible } from "./text.js"

export interface Service {
  readonly isTerminal: boolean
  /** The width of the terminal in columns, or 80 if the width is unknown. */
  readonly columns: Effect.Effect<number>
  readonly isQuiet: boolean
  readonly isVerbose: boolean
  /** Writes one line, unless the command is quiet. */
  readonly note: (text: string) => Effect.Effect<void>
  /** Writes one important line, even if the command is quiet. */
  readonly line: (text: string) => Effect.Effect<void>
  /** Writes a string unchanged. */
  readonly raw: (text: string) => Effect.Effect<void>
}

/** The service that writes to stderr. */
export class Notices extends Context.Tag("@mammoth-effect/cli/Notices")<Notices, Service>() {}

/** The part of a Node stream that this module needs. */
interface Writable {
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
  readonly write: (text: string) => unknown
}

export const make = (
  stderr: Writable,
  { quiet, verbose }: { readonly quiet: boolean; readonly verbose: boolean }
): Service => {
  const raw = (text: string) => Effect.sync(() => void stderr.write(text))
  const line = (text: string) => raw(`${visible(text)}\n`)
  return {
    isTerminal: stderr.isTTY === true,
    columns: Effect.sync(() => (stderr.columns === undefined || stderr.columns < 1 ? 80 : stderr.columns)),
    isQuiet: quiet,
    isVerbose: verbose,
    note: (text) => (quiet ? Effect.void : line(text)),
    line,
    raw
  }
}
