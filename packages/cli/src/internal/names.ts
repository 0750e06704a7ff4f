/** Finds the webhook of a command line by its id or its exact name. */
import * as NamedWebhooks from "@mammoth-effect/client/NamedWebhooks"
import * as Webhooks from "@mammoth-effect/client/Webhooks"
import type * as Webhook from "@mammoth-effect/core/Webhook"
import * as Effect from "effect/Effect"
import { Project } from "./settings/webhooks.js"
import { SharedName, UnknownName } from "./shell/errors.js"

/** A text of digits is an id. */
const isId = (text: string): boolean => /^[1-9]\d{0,15}$/.test(text)

/** Finds one webhook by id or exact name, with its key. */
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

/** Finds the id of a webhook. An id needs no request. */
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
