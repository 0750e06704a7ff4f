/** The command `get`. */
import * as Command from "@effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Names from "../names.js"
import * as SecretFile from "../secretFile.js"
import * as Flags from "../settings/flags.js"
import { provide } from "../settings/webhooks.js"
import { loaded } from "../shell/command.js"
import { Output } from "../shell/output.js"
import * as Show from "../show.js"
import { webhookArgument } from "./arguments.js"

export const get = loaded(
  Command.make(
    "get",
    { webhook: webhookArgument, secretOut: Flags.secretOut, output: Flags.output, connection: Flags.connection },
    ({ connection, secretOut, webhook }) =>
      SecretFile.using(secretOut, (keep) =>
        Effect.gen(function* () {
          const output = yield* Output
          const found = yield* Names.find(webhook)
          yield* keep(found)
          return yield* output.one(Show.columns, Show.webhook(found))
        })
      ).pipe(provide(connection))
  )
)
