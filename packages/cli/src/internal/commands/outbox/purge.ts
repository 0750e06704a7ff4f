/** The command `outbox purge`. */
import * as Command from "@effect/cli/Command"
import { OutboxStore } from "@mammoth-effect/outbox/OutboxStore"
import * as Effect from "effect/Effect"
import * as Flags from "../../settings/flags.js"
import { loaded } from "../../shell/command.js"
import { afterChange } from "../../shell/errors.js"
import { Output } from "../../shell/output.js"
import { Prompts } from "../../shell/prompts.js"
import * as Store from "./store.js"

export const purge = loaded(
  Command.make("purge", { id: Store.ids, yes: Flags.yes, ...Store.flags }, ({ id, outbox, yes, ...given }) =>
    Effect.gen(function* () {
      const output = yield* Output
      const prompts = yield* Prompts
      const rows = id.length === 0 ? "all dead rows" : `${id.length} dead rows`
      yield* prompts.confirm(`Delete ${rows} of the outbox ${JSON.stringify(outbox)}? There are no other copies.`, yes)
      const purged = yield* Effect.flatMap(OutboxStore, (store) =>
        store.purge(outbox, id.length === 0 ? undefined : id)
      ).pipe(Store.provide(given))
      yield* Store.remark(outbox, purged)
      return yield* Effect.mapError(
        output.one(["outbox", "purged"], { outbox, purged }),
        afterChange(`${purged} rows of the outbox were deleted`)
      )
    })
  )
)
