/** Finds the webhook of an outbox by the option `webhook`. */
import type { CombineTarget } from "@mammoth-effect/client/WebhookTarget"
import { formatAll, shape } from "@mammoth-effect/core/Issue"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import { WebhookUnresolved } from "../../OutboxError.js"
import type { Service } from "../../WebhookResolver.js"
import * as Checks from "./checks.js"

/** A webhook, or a function that finds the webhook each time. */
export type Webhook = CombineTarget | (() => CombineTarget | PromiseLike<CombineTarget>)

/** Shows only the name of a thrown error, because its message may hold a key. */
const thrown = (error: unknown): string =>
  `the function in the option webhook threw ${Predicate.isError(error) ? `an error (${error.name})` : shape(error)}`

export const make = (webhook: Webhook): Service => ({
  resolve: (outbox) => {
    if (!Predicate.isFunction(webhook)) return Effect.succeed(webhook)
    return Effect.tryPromise({
      try: () => Promise.resolve(webhook()),
      catch: (error) =>
        error instanceof WebhookUnresolved ? error : new WebhookUnresolved({ outbox, reason: thrown(error) })
    }).pipe(
      Effect.filterOrFail(
        (found) => Checks.ofWebhook(found).length === 0,
        (found) => new WebhookUnresolved({ outbox, reason: formatAll({ issues: Checks.ofWebhook(found), omitted: 0 }) })
      )
    )
  }
})
