/** The command `send`. */
import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as Webhooks from "@mammoth-effect/client/Webhooks"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Input from "../input.js"
import * as Names from "../names.js"
import * as Flags from "../settings/flags.js"
import { provide } from "../settings/webhooks.js"
import { loaded } from "../shell/command.js"
import { afterChange, UsageError } from "../shell/errors.js"
import { Notices } from "../shell/notices.js"
import { Output } from "../shell/output.js"
import { webhookArgument } from "./arguments.js"

const flags = {
  webhook: webhookArgument,
  file: Args.text({ name: "file" }).pipe(
    Args.withDescription("The file with the JSON document, or - for stdin. Default: stdin."),
    Args.optional
  ),
  get: Options.boolean("get").pipe(
    Options.withDescription(
      "Sends one flat row in the query string of a GET request, like senders that cannot use POST."
    )
  ),
  output: Flags.output,
  connection: Flags.connection
}

const Document = Schema.parseJson()

const FlatRow = Schema.parseJson(
  Schema.Record({ key: Schema.String, value: Schema.Union(Schema.String, Schema.Number, Schema.Boolean) })
)

/** Makes the error for a wrong document. The message does not show the document. */
const wrong = (message: string) => () => new UsageError({ message, hint: "Nothing was sent. Correct the document." })

export const columns = ["id", "name", "accepted", "bytes"]

/** The note that follows each push, because the server's response does not say if the rows are in the dataset. */
const told = "The server accepted the document. It does not say if the rows are in the dataset: check the dataset."

export const send = loaded(
  Command.make("send", flags, ({ connection, file, get, webhook }) =>
    Effect.gen(function* () {
      const output = yield* Output
      const notices = yield* Notices
      const path = Option.getOrElse(file, () => "-")
      // Ask for missing keys before reading the document. Otherwise the prompt for the keys would read lines of a
      // document that the user types at the terminal.
      return yield* Effect.gen(function* () {
        const text = yield* Input.readText(path)
        const isJson = Schema.decodeUnknown(Document)(text)
        yield* Effect.mapError(isJson, wrong("the document is not JSON"))
        const row = get
          ? yield* Effect.mapError(
              Schema.decodeUnknown(FlatRow)(text),
              wrong("--get needs an object with only strings, numbers and booleans")
            )
          : undefined
        const found = yield* Names.find(webhook)
        yield* row === undefined
          ? (yield* Webhooks.Webhooks).addEncodedData(found, text)
          : Webhooks.addDataUsingGet(found, row)
        yield* notices.note(found.mode === "replace" ? `${told} The document replaces all earlier rows.` : told)
        const bytes = Buffer.byteLength(text)
        return yield* output
          .one(
            columns,
            { id: found.id, name: found.name, accepted: true, bytes },
            { note: "the server accepted the document, but does not say if its rows are in the dataset" }
          )
          .pipe(Effect.mapError(afterChange("the server accepted the document")))
      }).pipe(provide(connection, { readsStdin: path === "-" }))
    })
  )
)
