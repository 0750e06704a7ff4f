/** Finds the webhook that a command line names, by its id or its exact name. */
import * as NamedWebhooks from "@mammoth-effect/client/NamedWebhooks"
import * as Webhooks from "@mammoth-effect/client/Webhooks"
import type * as Webhook from "@mammoth-effect/core/Webhook"
import * as Effect from "effect/Effect"
import { Project } from "./settings/webhooks.js"
import { SharedName, UnknownName } from "./shell/errors.js"

/** Returns true if the string is an id: 1 to 16 digits that do not begin with 0. */
const isId = (text: string): boolean => /^[1-9]\d{0,15}$/.test(text)

/** Finds one webhook by its id or exact name. The result includes the webhook's key. */
export const find = (
  named: string
): Effect.Effect<Webhook.Webhook, Webhooks.ReadError | UnknownName | SharedName, Project | Webhooks.Webhooks> =>
  Effect.gen(function* () {
    if (isId(named)) {
      return yield* Webhooks.getDetails({ ...(yield* Project), webhookId: Number(named) })
    }
    const [found, ...others] = yield* NamedWebhooks.find({ ...(yield* Project), name: named })
    if (found === undefined) return yield* new UnknownName({ webhookName: named })
    if (others.length > 0) {
      return yield* new SharedName({ webhookName: named, ids: [found, ...others].map(({ id }) => id) })
    }
    return found
  })

/** Returns the id of a webhook. Sends a request only if the argument is a name. */
export const identify = (
  named: string
): Effect.Effect<
  { readonly id: number; readonly name: string | undefined },
  Webhooks.ReadError | UnknownName | SharedName,
  Project | Webhooks.Webhooks
> =>
  isId(named)
    ? Effect.succeed({ id: Number(named), name: undefined })
    : Effect.map(find(named), ({ id, name }) => ({ id, name }))
