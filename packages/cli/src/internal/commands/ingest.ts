/** The command `ingest`. */
import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as UndiciHttpClient from "@mammoth-effect/client/UndiciHttpClient"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Names from "../names.js"
import * as RowFlags from "../rows/flags.js"
import { prepare, push } from "../rows/push.js"
import * as Source from "../rows/source.js"
import * as Flags from "../settings/flags.js"
import { provide } from "../settings/webhooks.js"
import { loaded } from "../shell/command.js"
import { webhookArgument } from "./arguments.js"

const flags = {
  webhook: webhookArgument,
  file: Args.text({ name: "file" }).pipe(
    Args.withDescription(
      "The file with the rows, plain or compressed with gzip, or - for stdin. Write integers beyond 2^53 as strings. JavaScript would round these integers, so the command refuses rows that contain them as numbers."
    )
  ),
  format: Options.choice("format", Source.formats).pipe(
    Options.withDescription(
      "ndjson is one JSON object per line, csv is CSV with a header, and json is one JSON array. Default: detected from the name of the file, or from the first character in the file."
    ),
    Options.optional
  ),
  delimiter: Options.text("delimiter").pipe(
    Options.withPseudoName("text"),
    Options.withDescription("The separator between CSV fields. Default: a comma."),
    Options.optional
  ),
  rows: RowFlags.flags,
  output: Flags.output,
  connection: Flags.connection
}

export const ingest = loaded(
  Command.make("ingest", flags, ({ connection, delimiter, file, format, rows, webhook }) =>
    Effect.gen(function* () {
      const numbers = yield* RowFlags.check(file, rows)
      return yield* Effect.gen(function* () {
        const source = yield* prepare(Source.open(file, { format, delimiter }))
        const command = [
          "ingest",
          webhook,
          file,
          ...(Option.isSome(format) ? ["--format", format.value] : []),
          ...(Option.isSome(delimiter) ? ["--delimiter", delimiter.value] : []),
          ...Flags.connectionWords(connection)
        ]
        return yield* push({
          ...numbers,
          source,
          webhook: yield* prepare(Names.find(webhook)),
          deadLetters: rows.deadLetters,
          resume: (fromRow) => RowFlags.resumeWith(command, rows, fromRow)
        })
      }).pipe(Effect.scoped, provide(connection, { readsStdin: file === "-", transport: UndiciHttpClient.layer() }))
    })
  )
)
