/** The flags that `ingest` and `replay` share. */
import * as Options from "@effect/cli/Options"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { integer } from "../settings/flags.js"
import type { UsageError } from "../shell/errors.js"
import * as Distinct from "./distinct.js"

export const flags = {
  batch: Options.optional(
    integer(
      "batch",
      { least: 1, word: "rows" },
      "Sends up to this number of rows in one request, as an array. Use this only if you know that the webhook accepts arrays. Default: one row per request."
    )
  ),
  concurrency: Options.optional(
    integer(
      "concurrency",
      { least: 1 },
      "The maximum number of requests in flight. With 1, the rows keep their order. Default: 8."
    )
  ),
  fromRow: Options.optional(
    integer(
      "from-row",
      { least: 0 },
      "Starts at the row with this number, counted from 0. A run that stops early shows the number to use."
    )
  ),
  deadLetters: Options.text("dead-letters").pipe(
    Options.withPseudoName("file"),
    Options.withDescription(
      "If a row is not delivered, continues and appends the row to this file. These are refused rows (not an object, or with an integer beyond 2^53), dead rows (the server refused them) and undelivered rows. Rows that may have arrived are appended to FILE.unknown. Bad lines, which are not rows at all, are appended to FILE.bad."
    ),
    Options.optional
  )
}

interface Given {
  readonly batch: Option.Option<number>
  readonly concurrency: Option.Option<number>
  readonly fromRow: Option.Option<number>
}

/**
 * Checks that the run does not write dead letters to the file that it reads. Returns the values of the flags, with
 * defaults for missing flags.
 */
export const check = (
  source: string,
  { batch, concurrency, deadLetters, fromRow }: Given & { readonly deadLetters: Option.Option<string> }
): Effect.Effect<
  { readonly batch: Option.Option<number>; readonly concurrency: number; readonly fromRow: number },
  UsageError
> =>
  Effect.as(Option.match(deadLetters, { onNone: () => Effect.void, onSome: (path) => Distinct.check(source, path) }), {
    batch,
    concurrency: Option.getOrElse(concurrency, () => 8),
    fromRow: Option.getOrElse(fromRow, () => 0)
  })

/** Quotes a word for use in a shell, if necessary. */
export const quote = (word: string): string =>
  /^[\w./:@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`

/** Returns the command that resumes the run at a row. The command contains the given flags of the run. */
export const resumeWith = (
  command: ReadonlyArray<string>,
  given: Given & { readonly deadLetters: Option.Option<string> },
  fromRow: number
): string =>
  [
    "mammoth-webhooks",
    ...command,
    "--from-row",
    String(fromRow),
    ...(Option.isSome(given.batch) ? ["--batch", String(given.batch.value)] : []),
    ...(Option.isSome(given.concurrency) ? ["--concurrency", String(given.concurrency.value)] : []),
    ...(Option.isSome(given.deadLetters) ? ["--dead-letters", given.deadLetters.value] : [])
  ]
    .map(quote)
    .join(" ")
