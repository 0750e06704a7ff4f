/**
 * The fields of a webhook that a request can select, and their names on the wire.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { wireNames } from "./internal/wire.js"

const description = "a webhook field: id, name, mode, uri, datasetId, origins or secret"

/**
 * One field of a webhook, by its TypeScript name.
 *
 * Source: published API description, `WebhookStandardSchema`. `secret` is in the published model, but not in the
 * published lists of values that `fields` accepts.
 *
 * @example
 * import { WebhookField } from "@mammoth-effect/core"
 *
 * const fields: ReadonlyArray<WebhookField.WebhookField> = ["id", "name"]
 *
 * @since 0.1.0
 * @category schemas
 */
export const WebhookField: Schema.Literal<["id", "name", "mode", "uri", "datasetId", "origins", "secret"]> =
  Schema.Literal("id", "name", "mode", "uri", "datasetId", "origins", "secret").annotations({ description })

/**
 * The TypeScript name of a webhook's field.
 *
 * @since 0.1.0
 * @category models
 */
export type WebhookField = "id" | "name" | "mode" | "uri" | "datasetId" | "origins" | "secret"

/**
 * The name of a set of fields. `min` has id, name, mode, uri and datasetId. `standard` and `full` also have origins.
 *
 * Source: published API description, query parameter `fields` (`__min`, `__standard`, `__full`).
 *
 * @example
 * import type { WebhookField } from "@mammoth-effect/core"
 *
 * const representation: WebhookField.Representation = "min"
 *
 * @since 0.1.0
 * @category models
 */
export type Representation = "min" | "standard" | "full"

/**
 * The fields that a request selects: a list of fields or the name of a set.
 *
 * @example
 * import type { WebhookField } from "@mammoth-effect/core"
 *
 * const selections: ReadonlyArray<WebhookField.Selection> = ["min", ["id", "name"]]
 *
 * @since 0.1.0
 * @category models
 */
export type Selection = Representation | ReadonlyArray<typeof WebhookField.Type>

/**
 * The fields in the set `min`.
 *
 * @since 0.1.0
 * @category models
 */
export type Minimal = "id" | "name" | "mode" | "uri" | "datasetId"

/**
 * Every field, in the order of the published model.
 *
 * @example
 * import { WebhookField } from "@mammoth-effect/core"
 *
 * console.log(WebhookField.all.length) // 7
 *
 * @since 0.1.0
 * @category constants
 */
export const all: ReadonlyArray<WebhookField> = WebhookField.literals

/**
 * The fields in the set `min`, in the order of the published description.
 *
 * @example
 * import { WebhookField } from "@mammoth-effect/core"
 *
 * console.log(WebhookField.minimal.join()) // id,name,mode,uri,datasetId
 *
 * @since 0.1.0
 * @category constants
 */
export const minimal: ReadonlyArray<Minimal> = ["id", "name", "mode", "uri", "datasetId"]

/**
 * The schema of a field in a query. On the wire, `datasetId` is `ds_id`, and the other fields keep their names.
 *
 * @example
 * import { WebhookField } from "@mammoth-effect/core"
 * import { Schema } from "effect"
 *
 * console.log(Schema.encodeSync(WebhookField.FromWire)("datasetId")) // "ds_id"
 *
 * @since 0.1.0
 * @category schemas
 */
export const FromWire: Schema.Schema<WebhookField, (typeof wireNames)[WebhookField]> = Schema.transform(
  Schema.Literal(
    wireNames.id,
    wireNames.name,
    wireNames.mode,
    wireNames.uri,
    wireNames.datasetId,
    wireNames.origins,
    wireNames.secret
  ).annotations({ description: `a webhook field: id, name, mode, uri, ${wireNames.datasetId}, origins or secret` }),
  WebhookField,
  {
    strict: true,
    decode: (name) => (name === wireNames.datasetId ? "datasetId" : name),
    encode: (field) => wireNames[field]
  }
)
