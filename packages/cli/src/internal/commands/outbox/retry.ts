/** The command `outbox retry`. */
import * as Command from "@effect/cli/Command"
import { OutboxStore } from "@mammoth-effect/outbox/OutboxStore"
import * as Effect from "effect/Effect"
import { loaded } from "../../shell/command.js"
import { Output } from "../../shell/output.js"
import * as Store from "./store.js"

export const retry = loaded(
  Command.make("retry", { id: Store.ids, ...Store.flags }, ({ id, outbox, ...given }) =>
    Effect.gen(function* () {
      const output = yield* Output
      const store = yield* OutboxStore
      const retried = yield* store.redrive(outbox, id.length === 0 ? undefined : id)
      return yield* output.one(["outbox", "retried"], { outbox, retried })
    }).pipe(Store.provide(given))
  )
)
