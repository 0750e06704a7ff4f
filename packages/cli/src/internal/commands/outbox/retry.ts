/** The command `outbox retry`. */
import * as Command from "@effect/cli/Command"
import { OutboxStore } from "@mammoth-effect/outbox/OutboxStore"
import * as Effect from "effect/Effect"
import { loaded } from "../../shell/command.js"
import { afterChange } from "../../shell/errors.js"
import { Output } from "../../shell/output.js"
import * as Store from "./store.js"

export const retry = loaded(
  Command.make("retry", { id: Store.ids, ...Store.flags }, ({ id, outbox, ...given }) =>
    Effect.gen(function* () {
      const output = yield* Output
      const store = yield* OutboxStore
      const retried = yield* store.redrive(outbox, id.length === 0 ? undefined : id)
      yield* Store.remark(outbox, retried)
      return yield* Effect.mapError(
        output.one(["outbox", "retried"], { outbox, retried }),
        afterChange(`${retried} rows of the outbox are pending again`)
      )
    }).pipe(Store.provide(given))
  )
)
