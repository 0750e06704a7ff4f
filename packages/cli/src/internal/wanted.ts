/** Compares webhooks with their wanted settings, and changes the webhooks that differ. */
import * as NamedWebhooks from "@mammoth-effect/client/NamedWebhooks"
import * as Webhooks from "@mammoth-effect/client/Webhooks"
import type * as Webhook from "@mammoth-effect/core/Webhook"
import * as WebhookMode from "@mammoth-effect/core/WebhookMode"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Change from "./change.js"
import { Project } from "./settings/webhooks.js"
import type { Row } from "./shell/output.js"

export const Wanted = Schema.Struct({
  name: Schema.NonEmptyString.annotations({ description: "a name" }),
  mode: WebhookMode.WebhookMode,
  origins: Schema.optional(Schema.String),
  isSecure: Schema.optional(Schema.Boolean),
  folderResourceId: Schema.optional(Schema.String)
})

/** The wanted state of one webhook. */
export interface Wanted extends Schema.Schema.Type<typeof Wanted> {}

/** The plan for one webhook. */
export interface Step extends Webhooks.EnsurePlan {
  readonly wanted: Wanted
}

/** Describes the changes of a step in words. */
export const describe = ({ action, changes, wanted }: Step): string =>
  action === "create" ? `mode: ${wanted.mode}` : changes.map(Change.describe).join(", ")

/** Plans the changes of all webhooks, and changes nothing. */
export const plan = (
  wanted: ReadonlyArray<Wanted>
): Effect.Effect<ReadonlyArray<Step>, Webhooks.EnsureError, Project | Webhooks.Webhooks> =>
  Effect.forEach(
    wanted,
    (wanted) =>
      Effect.gen(function* () {
        const step = yield* NamedWebhooks.plan(wanted.name, { ...(yield* Project), ...wanted })
        return { ...step, wanted }
      }),
    { concurrency: 4 }
  )

/**
 * Runs one step of the plan. The client compares the settings again, because the webhook may have changed after the plan
 * was made.
 */
export const apply = ({
  wanted: { name, ...spec }
}: Step): Effect.Effect<Webhook.Webhook, Webhooks.EnsureError, Project | Webhooks.Webhooks> =>
  Effect.flatMap(Project, (project) => Webhooks.ensure(name, { ...project, ...spec }))

export const columns = ["action", "id", "name", "changes"] as const

/** Converts a step to a record for the output. */
export const toRow = (step: Step): Row => ({
  action: step.action,
  id: step.id ?? null,
  name: step.wanted.name,
  changes: describe(step)
})
