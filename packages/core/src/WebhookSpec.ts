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
 * The settings of a webhook to create. The server uses its default for each setting that is left out.
 *
 * Source: published API description, `WebhookSpec`.
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
  /** The name, of at least one character. Default: `Generic Webhook`. */
  readonly name?: string | undefined
  /** The effect of a push on existing rows. Default: `replace`. */
  readonly mode?: WebhookMode.WebhookMode | undefined
  /** The browser origins that may push. `*` allows any. Default: `*`. */
  readonly origins?: string | undefined
  /** If `true`, a push has to carry the webhook's secret. Default: `false`. */
  readonly isSecure?: boolean | undefined
  /** The resource id of the folder for the dataset, such as `label_1363`. Default: no folder. */
  readonly folderResourceId?: string | null | undefined
}

/**
 * The wire format of a specification.
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
 * The schema of the settings of a new webhook.
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
      description: "a well-formed name of at least one character",
      jsonSchema: { type: "string", minLength: 1, default: "Generic Webhook", description: "The name of the webhook." }
    })
  ),
  mode: Schema.optional(
    WebhookMode.WebhookMode.annotations({
      jsonSchema: {
        type: "string",
        enum: WebhookMode.WebhookMode.literals,
        default: "replace",
        description: "The effect of a push on existing rows: `replace` replaces them, `combine` appends to them."
      }
    })
  ),
  origins: Schema.optional(
    Schema.String.annotations({
      jsonSchema: { type: "string", default: "*", description: "The browser origins that may push. `*` allows any." }
    })
  ),
  isSecure: Schema.optional(
    Schema.Boolean.annotations({
      jsonSchema: { type: "boolean", default: false, description: "If true, a push has to carry the webhook's secret." }
    })
  ).pipe(Schema.fromKey("is_secure")),
  folderResourceId: Schema.optional(
    Schema.NullOr(Schema.String).annotations({
      description: "a folder's resource id or null",
      jsonSchema: {
        anyOf: [{ type: "string" }, { type: "null" }],
        description: "The resource id of the folder for the dataset, such as `label_1363`."
      }
    })
  ).pipe(Schema.fromKey("folder_resource_id"))
}).annotations(component("WebhookSpec"))
