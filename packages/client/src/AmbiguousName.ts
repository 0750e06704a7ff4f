/**
 * The error of `Webhooks.ensure` where a name does not tell which webhook is meant.
 *
 * @since 0.1.0
 */
import * as Identifier from "@mammoth-effect/core/Identifier"
import { shorten } from "@mammoth-effect/core/Issue"
import * as Schema from "effect/Schema"

/**
 * Several webhooks of the project have the name, so that none can be taken for the one that is wanted. Nothing was
 * changed.
 *
 * @example
 * import { AmbiguousName } from "@mammoth-effect/client"
 * import { Identifier } from "@mammoth-effect/core"
 *
 * const ids = [3, 8].map((id) => Identifier.WebhookId.make(id))
 * const error = new AmbiguousName.AmbiguousName({ webhookName: "orders", ids })
 * console.log(error.ids) // [3, 8]
 *
 * @since 0.1.0
 * @category errors
 */
export class AmbiguousName extends Schema.TaggedError<AmbiguousName>("@mammoth-effect/client/AmbiguousName")(
  "AmbiguousName",
  {
    /** The name that was looked for; `name` is what errors have of their own. */
    webhookName: Schema.String,
    /** The webhooks of that name. */
    ids: Schema.Array(Identifier.WebhookId)
  }
) {
  /** Nothing was written. */
  get delivery(): "NotSent" {
    return "NotSent"
  }

  override get message(): string {
    const ids = this.ids.slice(0, 20).join(", ") + (this.ids.length > 20 ? ", …" : "")
    return `Webhooks.ensure: ${this.ids.length} webhooks are named ${JSON.stringify(shorten(this.webhookName, 200))} (ids ${ids}), so none was changed: rename or delete all but one`
  }
}
