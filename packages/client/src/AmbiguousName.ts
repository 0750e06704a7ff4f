/**
 * The error with which `Webhooks.ensure` and `NamedWebhooks.plan` fail if several webhooks have the same name.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import * as Identifier from "./Identifier.js"
import { shorten } from "./Issue.js"

/**
 * Several webhooks of the project have the same name, so `Webhooks.ensure` used none of them and changed none of them.
 * `ensure` first waits for up to 10 seconds, and fails with this error only if several webhooks are left. If the server
 * refuses to delete the webhook that the call created, `ensure` fails without this wait.
 *
 * Keep the webhook that holds your rows, and delete the others. If several processes created the webhooks at the same
 * time, your rows are in the webhook with the lowest id.
 *
 * @example
 * import { AmbiguousName, Identifier } from "@mammoth-effect/client"
 *
 * const ids = [3, 8].map((id) => Identifier.WebhookId.make(id))
 * const error = new AmbiguousName.AmbiguousName({ webhookName: "orders", ids })
 * console.log(error.ids) // [3, 8]
 *
 * @since 0.1.0
 * @category errors
 */
export class AmbiguousName extends Schema.TaggedError<AmbiguousName>("@mammoth-effect/client/AmbiguousName")(
  "MammothAmbiguousName",
  {
    /**
     * The name that `ensure` looked for. The property is not called `name`, because every error already has a property
     * `name`.
     */
    webhookName: Schema.String,
    /** The ids of the webhooks with that name, the lowest id first. */
    ids: Schema.Array(Identifier.WebhookId),
    /**
     * The webhook that this call created and could not delete. `reason` is the tag of the error with which the deletion
     * failed.
     */
    undeleted: Schema.optional(Schema.Struct({ id: Identifier.WebhookId, reason: Schema.String }))
  }
) {
  /** The delivery of rows: always `NotSent`, because no row was sent. */
  get delivery(): "NotSent" {
    return "NotSent"
  }

  override get message(): string {
    const ids = this.ids.slice(0, 20).join(", ") + (this.ids.length > 20 ? ", …" : "")
    const own =
      this.undeleted === undefined
        ? ""
        : ` This call created ${this.undeleted.id}, and could not delete it (${this.undeleted.reason}).`
    return `Webhooks.ensure: ${this.ids.length} webhooks are named ${JSON.stringify(shorten(this.webhookName, 200))} (ids ${ids}), so the call used none. Keep the webhook that holds your rows (the lowest id, if processes created them at the same time), and delete the others.${own}`
  }
}
