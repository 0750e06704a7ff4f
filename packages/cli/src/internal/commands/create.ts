/** The command `create`. */
import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Webhooks from "@mammoth-effect/client/Webhooks"
import * as Effect from "effect/Effect"
import * as SecretFile from "../secretFile.js"
import * as Flags from "../settings/flags.js"
import { Project, provide } from "../settings/webhooks.js"
import { loaded } from "../shell/command.js"
import { afterChange } from "../shell/errors.js"
import { Output } from "../shell/output.js"
import * as Show from "../show.js"
import * as Spec from "./spec.js"

export const create = loaded(
  Command.make(
    "create",
    {
      name: Args.text({ name: "name" }).pipe(Args.withDescription("The name of the new webhook.")),
      spec: Spec.flags,
      secretOut: Flags.secretOut,
      output: Flags.output,
      connection: Flags.connection
    },
    ({ connection, name, secretOut, spec }) =>
      Effect.gen(function* () {
        const mode = yield* Spec.mode(spec.mode)
        return yield* SecretFile.using(secretOut, (keep) =>
          Effect.gen(function* () {
            const output = yield* Output
            const created = yield* Webhooks.create({ ...(yield* Project), name, mode, ...Spec.others(spec) })
            return yield* Effect.zipRight(keep(created), output.one(Show.columns, Show.webhook(created))).pipe(
              Effect.mapError(afterChange(`webhook ${created.id} was created`))
            )
          })
        ).pipe(provide(connection))
      }).pipe(Effect.asVoid)
  )
)
