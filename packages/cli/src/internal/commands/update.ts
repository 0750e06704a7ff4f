/** The command `update`. */
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as Webhooks from "@mammoth-effect/client/Webhooks"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Names from "../names.js"
import * as SecretFile from "../secretFile.js"
import * as Flags from "../settings/flags.js"
import { Project, provide } from "../settings/webhooks.js"
import { loaded } from "../shell/command.js"
import { afterChange, UsageError } from "../shell/errors.js"
import { Output } from "../shell/output.js"
import * as Show from "../show.js"
import { webhookArgument } from "./arguments.js"
import * as Spec from "./spec.js"

const flags = {
  webhook: webhookArgument,
  mode: Options.choice("mode", ["replace", "combine"]).pipe(
    Options.withDescription("With combine, each push adds rows. With replace, each push replaces all rows."),
    Options.optional
  ),
  origins: Spec.origins,
  security: Options.choice("security", ["on", "off"]).pipe(
    Options.withDescription("With on, pushes must carry the secret of the webhook."),
    Options.optional
  ),
  secretOut: Flags.secretOut,
  output: Flags.output,
  connection: Flags.connection
}

export const update = loaded(
  Command.make("update", flags, ({ connection, mode, origins, secretOut, security, webhook }) =>
    Effect.gen(function* () {
      const changes = {
        ...(Option.isSome(mode) ? { mode: mode.value } : {}),
        ...(Option.isSome(origins) ? { origins: origins.value } : {}),
        ...(Option.isSome(security) ? { isSecure: security.value === "on" } : {})
      }
      if (Object.keys(changes).length === 0) {
        return yield* new UsageError({
          message: "the new settings are missing",
          hint: "Use --mode, --origins or --security."
        })
      }
      return yield* SecretFile.using(secretOut, (keep) =>
        Effect.gen(function* () {
          const output = yield* Output
          const { id } = yield* Names.identify(webhook)
          const updated = yield* Webhooks.update({ ...(yield* Project), webhookId: id, ...changes })
          return yield* Effect.zipRight(keep(updated), output.one(Show.columns, Show.webhook(updated))).pipe(
            Effect.mapError(afterChange(`webhook ${updated.id} was updated`))
          )
        })
      ).pipe(provide(connection))
    })
  )
)
