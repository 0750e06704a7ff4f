/**
 * The settings of a new webhook.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { component } from "./internal/component.js"
import { isWellFormed } from "./internal/text.js"
import * as WebhookMode from "./WebhookMode.js"

/**
 * The settings of a webhook to create. The server uses its default for each that is left out.
 *
 * Source: published API description, `WebhookSpec`. Defaults: name `Generic Webhook`, mode `replace`, origins `*`,
 * not secure, no folder.
 *
 * @example
 * import type { WebhookSpec } from "@mammoth-effect/core"
 *
 * const orders: WebhookSpec.WebhookSpec = { name: "orders", mode: "combine" }
 *
 * @since 0.1.0
 * @category models
 */
export interface WebhookSpec {
  /** At least one character. */
  readonly name?: string | undefined
  readonly mode?: WebhookMode.WebhookMode | undefined
  /** The browser origins that may push: `*` for any. */
  readonly origins?: string | undefined
  /** `true` if a push has to carry the webhook's secret. */
  readonly isSecure?: boolean | undefined
  /** The folder to put the dataset in, such as `label_1363`. */
  readonly folderResourceId?: string | null | undefined
}

/**
 * A specification as it travels.
 *
 * @since 0.1.0
 * @category models
 */
export interface Encoded {
  readonly name?: string | undefined
  readonly mode?: WebhookMode.WebhookMode | undefined
  readonly origins?: string | undefined
  readonly is_secure?: boolean | undefined
  readonly folder_resource_id?: string | null | undefined
}

/**
 * The schema of a specification.
 *
 * @example
 * import { WebhookSpec } from "@mammoth-effect/core"
 * import { Schema } from "effect"
 *
 * console.log(Schema.encodeSync(WebhookSpec.WebhookSpec)({ isSecure: true })) // { is_secure: true }
 *
 * @since 0.1.0
 * @category schemas
 */
export const WebhookSpec: Schema.Schema<WebhookSpec, Encoded> = Schema.Struct({
  name: Schema.optional(
    Schema.String.pipe(
      Schema.filter((name) => name !== "" && isWellFormed(name), { jsonSchema: { minLength: 1 } })
    ).annotations({
      description: "a name of at least one character, well-formed",
      jsonSchema: { type: "string", minLength: 1, default: "Generic Webhook", description: "What it is to be called." }
    })
  ),
  mode: Schema.optional(
    WebhookMode.WebhookMode.annotations({
      jsonSchema: {
        type: "string",
        enum: WebhookMode.WebhookMode.literals,
        default: "replace",
        description: "What a push does to the rows that are there: `replace` them or `combine` with them."
      }
    })
  ),
  origins: Schema.optional(
    Schema.String.annotations({
      jsonSchema: { type: "string", default: "*", description: "Which browser origins may push: `*` for any." }
    })
  ),
  isSecure: Schema.optional(
    Schema.Boolean.annotations({
      jsonSchema: { type: "boolean", default: false, description: "Whether a push has to carry the webhook's secret." }
    })
  ).pipe(Schema.fromKey("is_secure")),
  folderResourceId: Schema.optional(
    Schema.NullOr(Schema.String).annotations({
      description: "a folder's resource id or null",
      jsonSchema: {
        anyOf: [{ type: "string" }, { type: "null" }],
        description: "The resource id of the folder to put the dataset in, such as `label_1363`."
      }
    })
  ).pipe(Schema.fromKey("folder_resource_id"))
}).annotations(component("WebhookSpec"))
