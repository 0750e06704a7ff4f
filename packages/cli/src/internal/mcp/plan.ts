/** Plans an `ensure` without doing it. */
import { AmbiguousName } from "@mammoth-effect/client/AmbiguousName"
import * as Webhooks from "@mammoth-effect/client/Webhooks"
import type * as WebhookMode from "@mammoth-effect/core/WebhookMode"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { type Change, changesOf } from "../changes.js"
import { fields } from "./schemas.js"

/** The webhook that is wanted. */
interface Wanted {
  readonly name: string
  readonly mode: WebhookMode.WebhookMode
  readonly origins?: string | undefined
}

/** The action that `ensure` would take, and its changes. */
export interface Plan {
  readonly action: "create" | "update" | "none"
  /** The webhook that exists already. */
  readonly id?: number
  readonly changes: ReadonlyArray<Change>
}

/** Plans an `ensure` for a name. Fails if several webhooks have the name. */
export const make = (
  project: Webhooks.InProject,
  wanted: Wanted
): Effect.Effect<Plan, Webhooks.EnsureError, Webhooks.Webhooks> =>
  // a query cannot name a webhook with a comma
  Webhooks.stream({ ...project, fields, ...(wanted.name.includes(",") ? {} : { name: [wanted.name] }) }).pipe(
    Stream.filter((webhook) => webhook.name === wanted.name),
    Stream.runCollect,
    Effect.flatMap(([found, ...others]) => {
      if (found === undefined) return Effect.succeed<Plan>({ action: "create", changes: [] })
      if (others.length > 0) {
        const ids = [found, ...others].map(({ id }) => id).toSorted((a, b) => a - b)
        return Effect.fail(new AmbiguousName({ webhookName: wanted.name, ids }))
      }
      const changes = changesOf(found, wanted)
      return Effect.succeed<Plan>({ action: changes.length === 0 ? "none" : "update", id: found.id, changes })
    })
  )
