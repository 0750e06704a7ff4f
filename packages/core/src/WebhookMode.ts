/**
 * The effect of a push on the rows that a webhook's dataset already has.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * The two modes that a request can name. With `replace`, each push replaces all rows. With `combine`, each push appends
 * rows.
 *
 * Source: published API description, `WebhookSpec.mode`. The server's default is `replace`. If rows are sent to a
 * `replace` webhook in several pushes, only the rows of the last push remain.
 *
 * @example
 * import { WebhookMode } from "@mammoth-effect/core"
 *
 * const mode: WebhookMode.WebhookMode = "combine"
 *
 * @since 0.1.0
 * @category schemas
 */
export const WebhookMode: Schema.Literal<["replace", "combine"]> = Schema.Literal("replace", "combine").annotations({
  description: `"replace" or "combine"`
})

/**
 * A mode that a request can name.
 *
 * @since 0.1.0
 * @category models
 */
export type WebhookMode = typeof WebhookMode.Type

/**
 * A mode in a response: one of the two known modes, or a string that this version of the SDK does not know.
 *
 * @example
 * import { WebhookMode } from "@mammoth-effect/core"
 *
 * const later: WebhookMode.Open = "merge"
 *
 * @since 0.1.0
 * @category models
 */
export type Open = WebhookMode | (string & {})

/**
 * The schema of a mode in a response. Accepts any string.
 *
 * @example
 * import { WebhookMode } from "@mammoth-effect/core"
 * import { Schema } from "effect"
 *
 * const mode: WebhookMode.Open = Schema.decodeUnknownSync(WebhookMode.Open)("merge")
 *
 * @since 0.1.0
 * @category schemas
 */
export const Open: Schema.Schema<Open> = Schema.declare((u: unknown): u is Open => typeof u === "string", {
  description: "a webhook mode",
  jsonSchema: { anyOf: [{ type: "string", enum: ["replace", "combine"] }, { type: "string" }] },
  arbitrary: () => (fc) => fc.constantFrom("replace", "combine"),
  pretty: () => (mode) => JSON.stringify(mode)
})
