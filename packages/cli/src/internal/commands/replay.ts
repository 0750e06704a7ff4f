/** The command `replay`. */
import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as UndiciHttpClient from "@mammoth-effect/client/UndiciHttpClient"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Names from "../names.js"
import * as RowFlags from "../rows/flags.js"
import { prepare, push } from "../rows/push.js"
import * as Replayed from "../rows/replayed.js"
import * as Source from "../rows/source.js"
import * as Flags from "../settings/flags.js"
import { provide } from "../settings/webhooks.js"
import { loaded } from "../shell/command.js"
import { webhookArgument } from "./arguments.js"

const flags = {
  webhook: webhookArgument,
  file: Args.text({ name: "file" }).pipe(
    Args.withDescription("The file of dead letters that ingest or the SDK wrote, or - for stdin.")
  ),
  rows: RowFlags.flags,
  output: Flags.output,
  connection: Flags.connection
}

export const replay = loaded(
  Command.make("replay", flags, ({ connection, file, rows, webhook }) =>
    Effect.gen(function* () {
      const numbers = yield* RowFlags.check(file, rows)
      return yield* Effect.gen(function* () {
        const source = yield* prepare(Source.open(file, { format: Option.some("ndjson"), delimiter: Option.none() }))
        const command = ["replay", webhook, file, ...Flags.connectionWords(connection)]
        return yield* push({
          ...numbers,
          source: Replayed.of(file, source),
          webhook: yield* prepare(Names.find(webhook)),
          deadLetters: rows.deadLetters,
          resume: (fromRow) => RowFlags.resumeWith(command, rows, fromRow)
        })
      }).pipe(Effect.scoped, provide(connection, { readsStdin: file === "-", transport: UndiciHttpClient.layer() }))
    })
  )
)
