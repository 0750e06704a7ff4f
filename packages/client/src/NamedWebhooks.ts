/**
 * Finds webhooks by their exact name, and plans the action of `Webhooks.ensure`.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import { AmbiguousName } from "./AmbiguousName.js"
import { collectNamed, compare, filterOf } from "./internal/operations/named.js"
import type * as Webhook from "./Webhook.js"
import * as Webhooks from "./Webhooks.js"

/**
 * Finds every webhook with exactly this name, and sorts these webhooks by ascending id. The API allows several webhooks
 * with one name.
 *
 * @param request the project, and the whole name
 * @example
 * import { NamedWebhooks } from "@mammoth-effect/client"
 *
 * const found = NamedWebhooks.find({ workspaceId: 4, projectId: 4, name: "orders" })
 *
 * @since 0.1.0
 * @category operations
 */
export const find = ({
  name,
  projectId,
  workspaceId
}: Webhooks.InProject & { readonly name: string }): Effect.Effect<
  ReadonlyArray<Webhook.Webhook>,
  Webhooks.ReadError,
  Webhooks.Webhooks
> => collectNamed(name)(Webhooks.stream({ workspaceId, projectId, ...filterOf(name) }))

/**
 * Returns the action that `Webhooks.ensure` would take, and changes nothing. Use the plan for a dry run, or to check
 * that nobody has changed a webhook by hand. The effect fails with `AmbiguousName` if several webhooks have the name.
 * The plan does not request the webhooks' keys and secrets.
 *
 * @param name the whole name, at least one character long
 * @param spec the project, the mode and the origins. The plan compares only mode and origins, because the API shows no
 * other settings
 * @example
 * import { NamedWebhooks } from "@mammoth-effect/client"
 * import { Effect } from "effect"
 *
 * const hasDrifted = NamedWebhooks.plan("orders", { workspaceId: 4, projectId: 4, mode: "combine" }).pipe(
 *   Effect.map(({ action }) => action !== "keep")
 * )
 *
 * @since 0.1.0
 * @category operations
 */
export const plan = (
  name: string,
  spec: Webhooks.InProject & Pick<Webhooks.EnsureSpec, "mode" | "origins">
): Effect.Effect<Webhooks.EnsurePlan, Webhooks.EnsureError, Webhooks.Webhooks> => {
  const { projectId, workspaceId } = spec
  const fields = ["id", "name", "mode", "origins"] as const
  return Effect.flatMap(
    collectNamed(name)(Webhooks.stream({ workspaceId, projectId, fields, ...filterOf(name) })),
    ([found, ...others]) => {
      if (found === undefined)
        return Effect.succeed<Webhooks.EnsurePlan>({ action: "create", id: undefined, changes: [] })
      if (others.length > 0) {
        return Effect.fail(new AmbiguousName({ webhookName: name, ids: [found, ...others].map(({ id }) => id) }))
      }
      const changes = compare(found, spec)
      return Effect.succeed<Webhooks.EnsurePlan>({
        action: changes.length === 0 ? "keep" : "update",
        id: found.id,
        changes
      })
    }
  )
}
