/** The command `outbox status`. */
import * as Command from "@effect/cli/Command"
import { OutboxStore } from "@mammoth-effect/outbox/OutboxStore"
import * as Effect from "effect/Effect"
import { loaded } from "../../shell/command.js"
import { Output } from "../../shell/output.js"
import * as Store from "./store.js"

export const columns = ["outbox", "pending", "leased", "delivered", "dead", "failing", "failingSince", "error"] as const

export const status = loaded(
  Command.make("status", Store.flags, ({ outbox, ...given }) =>
    Effect.gen(function* () {
      const output = yield* Output
      const store = yield* OutboxStore
      const counts = yield* store.counts(outbox)
      const failing = yield* store.failing(outbox)
      yield* Store.remark(outbox, counts.pending + counts.leased + counts.delivered + counts.dead)
      return yield* output.one(columns, {
        outbox,
        ...counts,
        failing: failing?.rows ?? 0,
        failingSince: failing === undefined ? null : new Date(failing.sinceMillis).toISOString(),
        error: failing?.error ?? null
      })
    }).pipe(Store.provide(given))
  )
)
