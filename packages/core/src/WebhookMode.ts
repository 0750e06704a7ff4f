/**
 * The effect of a push on the rows that a webhook's dataset already has.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * The two modes that a request may name: with `replace` each push replaces all rows, with `combine` each push appends.
 *
 * Source: published API description, `WebhookSpec.mode`. The server's default is `replace`. If a dataset is sent in
 * several pushes to a `replace` webhook, only the last push remains.
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
 * A mode that a request may name.
 *
 * @since 0.1.0
 * @category models
 */
export type WebhookMode = typeof WebhookMode.Type

/**
 * A mode in a response: one of the two known ones, or a string that this version does not know yet.
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
 * The schema of {@link Open}.
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
