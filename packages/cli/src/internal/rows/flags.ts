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
      "Sends up to this number of rows in one request, as an array. Use it only if the webhook is known to accept arrays. Default: one row a request."
    )
  ),
  concurrency: Options.optional(
    integer("concurrency", { least: 1 }, "The most requests in flight. With 1 the rows keep their order. Default: 8.")
  ),
  fromRow: Options.optional(
    integer(
      "from-row",
      { least: 0 },
      "Skips the rows before this one, counted from 0. A run that stops shows the number."
    )
  ),
  deadLetters: Options.text("dead-letters").pipe(
    Options.withPseudoName("file"),
    Options.withDescription(
      "Goes on after rows that are not delivered, and appends them to this file: refused rows, which are not objects or have integers beyond 2^53; dead rows, which the server refused; and undelivered rows. Rows that may have arrived go to FILE.unknown. Bad lines, which are not rows at all, go to FILE.bad."
    ),
    Options.optional
  )
}

interface Given {
  readonly batch: Option.Option<number>
  readonly concurrency: Option.Option<number>
  readonly fromRow: Option.Option<number>
}

/** Fills in the defaults, and checks that no letter would go to the file that is read. */
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

/** Quotes a word for a shell. */
export const quote = (word: string): string =>
  /^[\w./:@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`

/** Writes the command that goes on from a row, with the relevant flags of the run. */
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
