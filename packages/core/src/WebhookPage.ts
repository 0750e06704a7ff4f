/**
 * One page of a list of webhooks.
 *
 * @since 0.1.0
 */
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { component } from "./internal/component.js"
import * as Webhook from "./Webhook.js"
import * as WebhookField from "./WebhookField.js"

/**
 * A page of webhooks, narrowed to the fields of the request.
 *
 * `limit`, `offset` and `next` are `null` if the server does not send them. `next` is the server's own link. You
 * do not need `next` to read all pages: use the client's `stream`.
 *
 * Source: published API description, `WebhooksList`.
 *
 * @example
 * import type { WebhookPage } from "@mammoth-effect/core"
 *
 * const names = (page: WebhookPage.WebhookPage<"id" | "name">) => page.webhooks.map((webhook) => webhook.name)
 *
 * @since 0.1.0
 * @category models
 */
export interface WebhookPage<Field extends WebhookField.WebhookField = WebhookField.WebhookField> {
  readonly webhooks: ReadonlyArray<Webhook.Projected<Field>>
  readonly limit: number | null
  readonly offset: number | null
  readonly next: string | null
}

/**
 * The type of a page for a selection of fields. See `Webhook.Selected`.
 *
 * @example
 * import type { WebhookPage } from "@mammoth-effect/core"
 *
 * const count = (page: WebhookPage.Selected<"min">) => page.webhooks.length
 *
 * @since 0.1.0
 * @category models
 */
export type Selected<S extends WebhookField.Selection> =
  S extends ReadonlyArray<infer F extends WebhookField.WebhookField>
    ? number extends S["length"]
      ? Omit<WebhookPage, "webhooks"> & { readonly webhooks: ReadonlyArray<Webhook.Selected<S>> }
      : WebhookPage<F>
    : S extends "min"
      ? WebhookPage<WebhookField.Minimal>
      : WebhookPage

/**
 * The wire format of a page.
 *
 * @since 0.1.0
 * @category models
 */
export interface Encoded {
  readonly webhooks: ReadonlyArray<Webhook.Encoded>
  readonly limit?: number | null | undefined
  readonly offset?: number | null | undefined
  readonly next?: string | null | undefined
}

const Count = Schema.Number.pipe(
  Schema.filter((n) => Number.isSafeInteger(n), {
    description: "an integer between -(2^53 - 1) and 2^53 - 1",
    jsonSchema: { type: "integer" },
    arbitrary: () => (fc) => fc.nat()
  })
)

/**
 * Makes the schema of a field that becomes `null` if the server does not send it. `Schema.optionalWith` can do the same,
 * but its code for other cases would make every bundle larger.
 */
const orNull = <A, I>(schema: Schema.Schema<A, I>, description: string) =>
  Schema.optionalToRequired(Schema.NullishOr(schema), Schema.NullOr(Schema.typeSchema(schema)), {
    decode: (value) => Option.getOrUndefined(value) ?? null,
    encode: Option.some
  }).annotations({ description })

/**
 * Makes the schema of a page whose webhooks are narrowed to the given fields.
 *
 * @example
 * import { WebhookPage } from "@mammoth-effect/core"
 * import { Schema } from "effect"
 *
 * const page = Schema.decodeUnknownSync(WebhookPage.projection(["id"]))({ webhooks: [{ id: 8 }], next: null })
 * console.log(page.webhooks) // [{ id: 8 }]
 *
 * @since 0.1.0
 * @category schemas
 */
export const projection = <Field extends WebhookField.WebhookField>(
  fields: ReadonlyArray<Field>
): Schema.Schema<WebhookPage<Field>, Encoded> =>
  Schema.Struct({
    webhooks: Schema.Array(Webhook.projection(fields)),
    limit: orNull(Count, "The maximum number of webhooks in a page."),
    offset: orNull(Count, "The number of webhooks that were skipped."),
    next: orNull(Schema.String, "The server's link to the next page. Empty on the last page.")
  })

/**
 * The schema of a page of whole webhooks.
 *
 * @example
 * import { WebhookPage } from "@mammoth-effect/core"
 * import { Schema } from "effect"
 *
 * const page = Schema.decodeUnknownSync(WebhookPage.WebhookPage)({ webhooks: [], next: "" })
 * console.log(page.limit) // null
 *
 * @since 0.1.0
 * @category schemas
 */
export const WebhookPage: Schema.Schema<WebhookPage, Encoded> = projection(WebhookField.all).annotations(
  component("WebhookPage")
)
