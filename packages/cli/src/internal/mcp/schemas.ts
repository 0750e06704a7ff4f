/**
 * The schemas from which tools build their inputs and outputs. Their JSON Schemas are short, because every assistant has to
 * read them.
 */
import type * as Webhook from "@mammoth-effect/core/Webhook"
import * as WebhookMode from "@mammoth-effect/core/WebhookMode"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import { lostDigits } from "../digits.js"
import type { StructOf } from "./standard.js"

const integer = (least: number, most: number, jsonSchema: object) =>
  Schema.Number.pipe(
    Schema.filter((n) => Number.isSafeInteger(n) && n >= least && n <= most, {
      description: "an integer in the allowed range",
      jsonSchema: { type: "integer", ...jsonSchema }
    })
  )

/** The schema of any safe integer, such as an id. */
export const Int = integer(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, {})

/** The schema of an integer of 0 or more. */
export const Offset = integer(0, Number.MAX_SAFE_INTEGER, { minimum: 0 })

/** The schema of a page size, which is the maximum number of webhooks in a page. Accepts 1 to 100. */
export const Limit = integer(1, 100, { minimum: 1, maximum: 100 })

/** The schema of a string of at least one character. */
export const Text = Schema.String.pipe(
  Schema.filter((text) => text !== "", {
    description: "a string of at least one character",
    jsonSchema: { type: "string", minLength: 1 }
  })
)

/**
 * The schema for the input of a tool without arguments. It refuses every property. `Schema.Struct({})` would accept any
 * object.
 */
export const Nothing: StructOf<{ readonly [name: string]: never }, { readonly [name: string]: never }> = Object.assign(
  Schema.Record({
    key: Schema.String,
    value: Schema.Never.annotations({ description: "no property with this name" })
  }).annotations({
    jsonSchema: { type: "object", additionalProperties: false }
  }),
  { fields: {} }
)

/** The schema of a webhook's mode, as a filter or a setting. */
export const Mode = WebhookMode.WebhookMode.annotations({
  jsonSchema: { type: "string", enum: WebhookMode.WebhookMode.literals }
})

/** One row: an object with at least one property. */
export interface Row {
  readonly [column: string]: unknown
}

/**
 * The schema of a row. The row is already JSON, so the schema only checks it. The row keeps columns of any name, even
 * `__proto__`.
 */
export const Row: Schema.Schema<Row> = Schema.declare(
  (u: unknown): u is Row => Predicate.isRecord(u) && Object.keys(u).length > 0 && !lostDigits(u),
  {
    description: "an object with at least one property, and with integers beyond 2^53 as strings",
    jsonSchema: { type: "object", minProperties: 1 }
  }
)

/** Makes the schema of a list of 1 to `most` rows. */
export const rows = (most: number) =>
  Schema.Array(Row).pipe(
    Schema.filter((rows) => rows.length > 0 && rows.length <= most, {
      description: `a list of 1 to ${most} rows`,
      jsonSchema: { minItems: 1, maxItems: most }
    })
  )

/**
 * The webhook fields that a tool requests if it does not need the webhook's key. The fields include neither the key nor the
 * secret, so the API's response does not contain them.
 */
export const fields = ["id", "name", "mode", "datasetId", "origins"] as const

/** The schemas of the webhook fields that tools return. */
const shown = {
  id: Int,
  name: Schema.String.annotations({ jsonSchema: { type: "string" } }),
  mode: Schema.String.annotations({ jsonSchema: { type: "string" } }),
  datasetId: Int,
  origins: Schema.NullOr(Schema.String).annotations({ jsonSchema: { type: ["string", "null"] } })
}
export const Shown = Schema.Struct(shown)

/** Returns the fields of a webhook that tools show. */
export const show = ({ datasetId, id, mode, name, origins }: Webhook.Projected<(typeof fields)[number]>) => ({
  id,
  name,
  mode,
  datasetId,
  origins
})
