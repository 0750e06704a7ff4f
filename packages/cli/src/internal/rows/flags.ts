/** The flags that `ingest` and `replay` share. */
import * as Options from "@effect/cli/Options"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { atLeast } from "./push.js"

export const flags = {
  batch: Options.integer("batch").pipe(
    Options.withPseudoName("rows"),
    Options.withDescription(
      "Sends up to so many rows in one request, as an array. Use it only if the webhook is known to take arrays. Default: one row a request."
    ),
    Options.optional
  ),
  concurrency: Options.integer("concurrency").pipe(
    Options.withPseudoName("number"),
    Options.withDescription("The most requests in flight. With 1 the rows keep their order. Default: 8."),
    Options.optional
  ),
  fromRow: Options.integer("from-row").pipe(
    Options.withPseudoName("number"),
    Options.withDescription("Skips the rows before this one, counted from 0. A run that stopped tells the number."),
    Options.optional
  ),
  deadLetters: Options.text("dead-letters").pipe(
    Options.withPseudoName("file"),
    Options.withDescription(
      "Goes on after rows that are refused, and appends them to this file, with the undelivered. Rows that may have arrived go to FILE.unknown, and lines that are no rows to FILE.bad."
    ),
    Options.optional
  )
}

interface Given {
  readonly batch: Option.Option<number>
  readonly concurrency: Option.Option<number>
  readonly fromRow: Option.Option<number>
}

/** Checks the numbers. */
export const check = ({ batch, concurrency, fromRow }: Given) =>
  Effect.all({
    batch: Option.isSome(batch) ? Effect.asSome(atLeast("--batch", 1, batch.value)) : Effect.succeedNone,
    concurrency: atLeast(
      "--concurrency",
      1,
      Option.getOrElse(concurrency, () => 8)
    ),
    fromRow: atLeast(
      "--from-row",
      0,
      Option.getOrElse(fromRow, () => 0)
    )
  })

/** Quotes a word so that a shell reads it back. */
export const quote = (word: string): string =>
  /^[\w./:@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`

/** Writes the command that goes on from a row, with the flags of the run that count. */
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
