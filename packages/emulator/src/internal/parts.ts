/** Makes the parts of an emulator, and the service that uses these parts. */
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import type * as Scope from "effect/Scope"
import { type Options, type Service, UnknownWebhook } from "../EmulatorService.js"
import type { Parts } from "./api.js"
import * as Faults from "./faults.js"
import * as Handlers from "./handlers.js"
import * as Journal from "./journal.js"
import { resolveSettings } from "./settings.js"
import * as Store from "./store.js"

export const make = (options: Options, scope: Scope.Scope): Effect.Effect<Parts> =>
  Effect.gen(function* () {
    const settings = resolveSettings(options)
    const random = options.seed === undefined ? yield* Effect.random : Random.make(options.seed)
    const store = Store.make(random, settings.listLag)
    const journal = Journal.make(settings.record, settings.recordBytes)
    return { settings, store, journal, faults: Faults.make(), handlers: Handlers.make(settings, store), scope }
  })

export const toService = (
  { faults, journal, settings, store }: Parts,
  transport: Pick<Service, "baseUrl" | "fetch" | "openSockets">
): Service => ({
  ...transport,
  apiKey: settings.apiKey,
  apiSecret: settings.apiSecret,
  rows: (webhookId) =>
    Effect.suspend(() => {
      const entry = store.byId(webhookId)
      return entry === undefined ? Effect.fail(new UnknownWebhook({ webhookId })) : Effect.succeed(entry.rows.slice())
    }),
  requests: Effect.sync(journal.all),
  clearRequests: Effect.sync(journal.clear),
  inject: (fault) => Effect.sync(() => faults.inject(fault)),
  clearFaults: Effect.sync(faults.clear),
  reset: Effect.sync(() => {
    store.clear()
    journal.clear()
    faults.clear()
  })
})
