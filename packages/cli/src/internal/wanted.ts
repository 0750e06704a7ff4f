/** The wanted state of webhooks, and the way from the present state to it. */
import * as Webhooks from "@mammoth-effect/client/Webhooks"
import type * as Webhook from "@mammoth-effect/core/Webhook"
import * as WebhookMode from "@mammoth-effect/core/WebhookMode"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { changesOf } from "./changes.js"
import * as Names from "./names.js"
import { Project } from "./settings/webhooks.js"
import { SharedName } from "./shell/errors.js"
import type { Row } from "./shell/output.js"

export const Wanted = Schema.Struct({
  name: Schema.NonEmptyString.annotations({ description: "a name" }),
  mode: WebhookMode.WebhookMode,
  origins: Schema.optional(Schema.String),
  isSecure: Schema.optional(Schema.Boolean),
  folderResourceId: Schema.optional(Schema.String)
})

/** One webhook as it should be. */
export interface Wanted extends Schema.Schema.Type<typeof Wanted> {}

/** One change of the plan. */
export interface Step {
  readonly wanted: Wanted
  readonly action: "create" | "update" | "keep"
  readonly found: Webhook.Webhook | undefined
  /** The settings that differ, in words. */
  readonly changes: ReadonlyArray<string>
}

const planOne = (wanted: Wanted): Effect.Effect<Step, Webhooks.ReadError | SharedName, Project | Webhooks.Webhooks> =>
  Effect.gen(function* () {
    const [found, ...others] = yield* Names.allNamed(wanted.name)
    if (found === undefined) return { wanted, action: "create", found, changes: [`mode: ${wanted.mode}`] }
    if (others.length > 0) {
      return yield* new SharedName({ webhookName: wanted.name, ids: [found, ...others].map(({ id }) => id) })
    }
    const changes = changesOf(found, wanted).map(({ from, setting, to }) => `${setting}: ${from ?? "none"} -> ${to}`)
    return { wanted, action: changes.length === 0 ? "keep" : "update", found, changes }
  })

/** Plans all changes before it makes any. */
export const plan = (wanted: ReadonlyArray<Wanted>) => Effect.forEach(wanted, planOne, { concurrency: 4 })

/** Does what one step says. The client decides again, as the webhook may have changed since. */
export const apply = (
  step: Step
): Effect.Effect<Webhook.Webhook, Webhooks.EnsureError, Project | Webhooks.Webhooks> => {
  const { name, ...spec } = step.wanted
  return step.found !== undefined && step.action === "keep"
    ? Effect.succeed(step.found)
    : Effect.flatMap(Project, (project) => Webhooks.ensure(name, { ...project, ...spec }))
}

export const columns = ["action", "id", "name", "changes"] as const

/** Makes a record of a step. */
export const toRow = ({ action, changes, found, wanted }: Step): Row => ({
  action,
  id: found?.id ?? null,
  name: wanted.name,
  changes: action === "keep" ? "" : changes.join(", ")
})
