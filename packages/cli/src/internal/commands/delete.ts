/** The command `delete`. */
import * as Command from "@effect/cli/Command"
import * as Webhooks from "@mammoth-effect/client/Webhooks"
import * as Effect from "effect/Effect"
import * as Names from "../names.js"
import * as Flags from "../settings/flags.js"
import { Project, provide } from "../settings/webhooks.js"
import { loaded } from "../shell/command.js"
import { afterChange } from "../shell/errors.js"
import { Output } from "../shell/output.js"
import { Prompts } from "../shell/prompts.js"
import { webhookArgument } from "./arguments.js"

const remove = loaded(
  Command.make(
    "delete",
    { webhook: webhookArgument, yes: Flags.yes, output: Flags.output, connection: Flags.connection },
    ({ connection, webhook, yes }) =>
      Effect.gen(function* () {
        const output = yield* Output
        const prompts = yield* Prompts
        // Without a terminal, fail here if `--yes` is missing. The command then fails before the request that looks up the
        // webhook's name.
        if (!prompts.isPossible) yield* prompts.confirm("", yes)
        return yield* Effect.gen(function* () {
          const { id, name } = yield* Names.identify(webhook)
          const called = name === undefined ? `webhook ${id}` : `webhook ${id} (${JSON.stringify(name)})`
          yield* prompts.confirm(`Delete ${called}? Its address stops working for all senders.`, yes)
          yield* Webhooks.delete({ ...(yield* Project), webhookId: id })
          return yield* Effect.mapError(
            output.one(["id", "deleted"], { id, deleted: true }),
            afterChange(`webhook ${id} was deleted`)
          )
        }).pipe(provide(connection))
      })
  )
)
export { remove as delete }
