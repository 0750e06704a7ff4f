/**
 * The filters, order, page and fields of a request for a list of webhooks.
 *
 * @since 0.1.0
 */
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import * as Identifier from "./Identifier.js"
import { isWellFormed, commaList, integerFromText } from "./internal/text.js"
import * as WebhookField from "./WebhookField.js"
import * as WebhookMode from "./WebhookMode.js"

/**
 * One sort key: a field and a direction.
 *
 * @example
 * import type { WebhookQuery } from "@mammoth-effect/core"
 *
 * const newestFirst: WebhookQuery.SortKey = ["id", "desc"]
 *
 * @since 0.1.0
 * @category models
 */
export type SortKey = readonly [field: WebhookField.WebhookField, direction: "asc" | "desc"]

/**
 * The filters, order, page and fields of a request for a list of webhooks. The server uses its default for each
 * property that is left out. By default, the server returns the first 50 of all webhooks, sorted by ascending id, with the
 * standard fields.
 *
 * A filter that is an empty list is refused. On the wire, an empty list would mean "no filter", so the server would
 * return all webhooks.
 *
 * Source: published API description, ListWebhooks.
 *
 * @example
 * import type { WebhookQuery } from "@mammoth-effect/core"
 *
 * const query: WebhookQuery.WebhookQuery = { mode: ["combine"], sort: [["name", "asc"]], limit: 100 }
 *
 * @since 0.1.0
 * @category models
 */
export interface WebhookQuery {
  readonly fields?: WebhookField.Selection | undefined
  readonly id?: ReadonlyArray<Identifier.WebhookId> | undefined
  /** The names to look for. A name must not contain a comma, because the server reads a comma as the end of a name. */
  readonly name?: ReadonlyArray<string> | undefined
  readonly datasetId?: ReadonlyArray<Identifier.DatasetId> | undefined
  readonly mode?: ReadonlyArray<WebhookMode.WebhookMode> | undefined
  /** The maximum number of webhooks in the response: an integer from 0 to 100. Default: 50. */
  readonly limit?: number | undefined
  /** The number of webhooks to skip: an integer from 0 to 2^53 - 1. Default: 0. */
  readonly offset?: number | undefined
  readonly sort?: ReadonlyArray<SortKey> | undefined
}

/**
 * The wire format of a query.
 *
 * @since 0.1.0
 * @category models
 */
export interface Encoded {
  readonly fields?: string | undefined
  readonly id?: string | undefined
  readonly name?: string | undefined
  readonly ds_id?: string | undefined
  readonly mode?: string | undefined
  readonly limit?: string | undefined
  readonly offset?: string | undefined
  readonly sort?: string | undefined
}

const fieldsDescription =
  "The fields of the response: a comma-separated list such as `id,name`, or `__min` (id, name, mode, uri, ds_id), `__standard` or `__full` (these five and origins)."

/**
 * The schema of `fields`. On the wire it is `__min`, `__standard`, `__full` or a comma-separated list of wire names.
 *
 * @example
 * import { WebhookQuery } from "@mammoth-effect/core"
 * import { Schema } from "effect"
 *
 * console.log(Schema.encodeSync(WebhookQuery.Fields)(["id", "datasetId"])) // "id,ds_id"
 *
 * @since 0.1.0
 * @category schemas
 */
export const Fields: Schema.Schema<WebhookField.Selection, string> = Schema.Union(
  Schema.transformLiterals(["__min", "min"], ["__standard", "standard"], ["__full", "full"]),
  commaList(WebhookField.FromWire, fieldsDescription)
).annotations({
  description: `"min", "standard", "full" or a list of at least one of ${WebhookField.all.join(", ")}`,
  jsonSchema: { type: "string", default: "__standard", description: fieldsDescription }
})

const SortKey = Schema.Tuple(WebhookField.FromWire, Schema.Literal("asc", "desc"))

const Sort = Schema.transformOrFail(
  Schema.String,
  Schema.Array(SortKey).pipe(
    Schema.minItems(1, { description: "at least one [field, direction] pair", jsonSchema: { type: "string" } })
  ),
  {
    strict: false,
    decode: (text, _options, ast) => {
      const keys = text.split(",").map((key) => /^\((\w+):(\w+)\)$/.exec(key)?.slice(1))
      return keys.every((key) => key !== undefined)
        ? ParseResult.succeed(keys)
        : ParseResult.fail(new ParseResult.Type(ast, text, "a list such as (id:asc),(name:desc)"))
    },
    encode: (keys: ReadonlyArray<readonly [string, string]>) =>
      ParseResult.succeed(keys.map(([field, direction]) => `(${field}:${direction})`).join(","))
  }
).annotations({
  jsonSchema: {
    type: "string",
    default: "(id:asc)",
    description: "The order: a comma-separated list of `(field:asc)` and `(field:desc)`, such as `(id:asc),(name:asc)`."
  }
})

/**
 * The schema of a query. On the wire, lists are comma-separated, and a sort order is a string such as
 * `(id:asc),(name:desc)`.
 *
 * @example
 * import { WebhookQuery } from "@mammoth-effect/core"
 * import { Schema } from "effect"
 *
 * const wire = Schema.encodeSync(WebhookQuery.WebhookQuery)({ mode: ["combine"], sort: [["id", "desc"]] })
 * console.log(wire) // { mode: "combine", sort: "(id:desc)" }
 *
 * @since 0.1.0
 * @category schemas
 */
export const WebhookQuery: Schema.Schema<WebhookQuery, Encoded> = Schema.Struct({
  fields: Schema.optional(Fields),
  id: Schema.optional(
    commaList(
      integerFromText(Identifier.WebhookId, { type: "integer" }),
      "The ids to look for: a comma-separated list, such as `1,2,3`."
    )
  ),
  name: Schema.optional(
    commaList(
      Schema.String.pipe(
        Schema.filter((name) => name !== "" && isWellFormed(name), { jsonSchema: { minLength: 1 } })
      ).annotations({
        description: "a well-formed name of at least one character",
        arbitrary: () => (fc) => fc.string({ minLength: 1 }).filter((name) => !name.includes(","))
      }),
      "The names to look for: a comma-separated list. A name must have no comma."
    )
  ),
  datasetId: Schema.optional(
    commaList(
      integerFromText(Identifier.DatasetId, { type: "integer" }),
      "The dataset ids to look for: a comma-separated list, such as `1,2,3`."
    )
  ).pipe(Schema.fromKey("ds_id")),
  mode: Schema.optional(
    commaList(WebhookMode.WebhookMode, "The modes to look for: a comma-separated list of `replace` and `combine`.")
  ),
  limit: Schema.optional(
    integerFromText(
      Schema.Number.pipe(
        Schema.filter((n) => Number.isInteger(n) && n >= 0 && n <= 100, {
          description: "an integer from 0 to 100",
          jsonSchema: { minimum: 0, maximum: 100 },
          arbitrary: () => (fc) => fc.integer({ min: 0, max: 100 })
        })
      ),
      {
        type: "integer",
        minimum: 0,
        maximum: 100,
        default: 50,
        description: "The maximum number of webhooks to return."
      }
    )
  ),
  offset: Schema.optional(
    integerFromText(
      Schema.Number.pipe(
        Schema.filter((n) => Number.isSafeInteger(n) && n >= 0, {
          description: "an integer from 0 to 2^53 - 1",
          arbitrary: () => (fc) => fc.nat()
        })
      ),
      {
        type: "integer",
        minimum: 0,
        default: 0,
        description: "The number of webhooks to skip."
      }
    )
  ),
  sort: Schema.optional(Sort)
})
