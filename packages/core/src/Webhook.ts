/**
 * A webhook: an HTTP endpoint that turns each JSON document pushed to it into rows of one dataset.
 *
 * @since 0.1.0
 */
import type * as Brand from "effect/Brand"
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Struct from "effect/Struct"
import * as Identifier from "./Identifier.js"
import { component } from "./internal/component.js"
import { wireNames } from "./internal/wire.js"
import * as WebhookField from "./WebhookField.js"
import * as WebhookMode from "./WebhookMode.js"

/**
 * A webhook as the server describes it.
 *
 * `origins` and `secret` are `null` if the server does not send them. `uri` and `secret` are `Redacted`, because they
 * are credentials: anyone who has them can write.
 *
 * Source: published API description, `WebhookStandardSchema`.
 *
 * @example
 * import type { Webhook } from "@mammoth-effect/core"
 *
 * const describe = (webhook: Webhook.Webhook) => `${webhook.name} feeds dataset ${webhook.datasetId}`
 *
 * @since 0.1.0
 * @category models
 */
export interface Webhook {
  readonly id: Identifier.WebhookId
  /** The name, of at least one character. Several webhooks of a project may have the same name. */
  readonly name: string
  readonly mode: WebhookMode.Open
  /** The path to push to, such as `/webhook/data/…`. Its last segment is the webhook's key. */
  readonly uri: Redacted.Redacted
  readonly datasetId: Identifier.DatasetId
  /** The browser origins that may push, as the server returns them: `*` or a list. */
  readonly origins: string | null
  /** The secret that a push to a secure webhook has to carry. */
  readonly secret: Redacted.Redacted | null
}

/**
 * A webhook known to be in mode `combine`: each push appends rows.
 *
 * @since 0.1.0
 * @category models
 */
export interface CombineWebhook extends Webhook, Brand.Brand<"@mammoth-effect/core/CombineWebhook"> {
  readonly mode: "combine"
}

/**
 * A webhook known to be in mode `replace`: each push replaces all rows.
 *
 * @since 0.1.0
 * @category models
 */
export interface ReplaceWebhook extends Webhook, Brand.Brand<"@mammoth-effect/core/ReplaceWebhook"> {
  readonly mode: "replace"
}

/**
 * The type of a webhook whose mode is `Mode`. The type is {@link Webhook} if `Mode` is not exactly one of the two modes.
 *
 * @example
 * import type { Webhook } from "@mammoth-effect/core"
 *
 * const mode = (webhook: Webhook.OfMode<"combine">): "combine" => webhook.mode
 *
 * @since 0.1.0
 * @category models
 */
export type OfMode<Mode extends WebhookMode.WebhookMode | undefined> = [Mode] extends ["combine"]
  ? CombineWebhook
  : [Mode] extends ["replace"]
    ? ReplaceWebhook
    : Webhook

/**
 * A webhook narrowed to some of its fields.
 *
 * @example
 * import type { Webhook } from "@mammoth-effect/core"
 *
 * const label = (webhook: Webhook.Projected<"id" | "name">) => `${webhook.id} ${webhook.name}`
 *
 * @since 0.1.0
 * @category models
 */
export type Projected<Field extends WebhookField.WebhookField> = [WebhookField.WebhookField] extends [Field]
  ? Webhook
  : { readonly [F in Field]: Webhook[F] }

/**
 * The type of a webhook for a selection of fields:
 *
 * - If the type lists each field, the webhook has exactly those fields.
 * - If the type is an array of unknown length, each of its fields is optional.
 * - With `min`, the webhook has the five fields of `min`.
 * - With any other set, the webhook has all fields.
 *
 * @example
 * import type { Webhook } from "@mammoth-effect/core"
 *
 * const label = (webhook: Webhook.Selected<readonly ["id", "name"]>) => `${webhook.id} ${webhook.name}`
 *
 * @since 0.1.0
 * @category models
 */
export type Selected<S extends WebhookField.Selection> =
  S extends ReadonlyArray<infer F extends WebhookField.WebhookField>
    ? number extends S["length"]
      ? Partial<Pick<Webhook, F>>
      : Projected<F>
    : S extends "min"
      ? Projected<WebhookField.Minimal>
      : Webhook

/**
 * The wire format of a webhook. The schemas ignore unknown keys, and refuse integers beyond 2^53 - 1.
 *
 * @since 0.1.0
 * @category models
 */
export interface Encoded {
  readonly [wireNames.id]: number
  readonly [wireNames.name]: string
  readonly [wireNames.mode]: WebhookMode.Open
  readonly [wireNames.uri]: string
  readonly [wireNames.datasetId]: number
  readonly [wireNames.origins]?: string | null | undefined
  readonly [wireNames.secret]?: string | null | undefined
}

const text = Schema.NonEmptyString.annotations({
  description: "a string of at least one character",
  jsonSchema: { type: "string", minLength: 1 }
})

const textOrNull = Schema.NullOr(Schema.String).annotations({ description: "a string or null" })

const wireFields = {
  [wireNames.id]: Schema.propertySignature(Identifier.WebhookId).annotations({ description: "The webhook's id." }),
  [wireNames.name]: Schema.propertySignature(text).annotations({
    description: "The webhook's name. It need not be unique."
  }),
  [wireNames.mode]: Schema.propertySignature(WebhookMode.Open).annotations({
    description: "The effect of a push on existing rows: `replace` replaces them, `combine` appends to them."
  }),
  [wireNames.uri]: Schema.propertySignature(text).annotations({
    description:
      "The path to push to, such as `/webhook/data/…`. Its last segment is the webhook's key, which is a credential."
  }),
  [wireNames.datasetId]: Schema.propertySignature(Identifier.DatasetId).annotations({
    description: "The id of the dataset that the webhook writes to."
  }),
  [wireNames.origins]: Schema.optional(textOrNull).annotations({
    description: "The browser origins that may push. `*` allows any."
  }),
  [wireNames.secret]: Schema.optional(textOrNull).annotations({
    description: "The secret that a push to a secure webhook has to carry. It is a credential."
  })
}

type Wire = Schema.Struct.Type<typeof wireFields>

const redact = (text: string | null | undefined) => (Predicate.isString(text) ? Redacted.make(text) : null)

/** Converts all fields of a wire object in one step, which is several times as fast as a step for each field. */
const fromWire = (wire: Partial<Wire>) => ({
  id: wire[wireNames.id],
  name: wire[wireNames.name],
  mode: wire[wireNames.mode],
  uri: redact(wire[wireNames.uri]),
  datasetId: wire[wireNames.datasetId],
  origins: wire[wireNames.origins] ?? null,
  secret: redact(wire[wireNames.secret])
})

const isNullOr = (is: Predicate.Predicate<unknown>) => (u: unknown) => u === null || is(u)

const isRedactedString = (u: unknown) => Redacted.isRedacted(u) && Predicate.isString(Redacted.value(u))

const holds: { readonly [F in WebhookField.WebhookField]: Predicate.Predicate<unknown> } = {
  id: Number.isSafeInteger,
  name: Predicate.isString,
  mode: Predicate.isString,
  uri: isRedactedString,
  datasetId: Number.isSafeInteger,
  origins: isNullOr(Predicate.isString),
  secret: isNullOr(isRedactedString)
}

const Wire = Schema.Struct(wireFields)

/**
 * Makes the schema of a webhook that is narrowed to exactly the given fields. The schema ignores other fields.
 *
 * For speed, a plain struct checks the wire object, a hand-written function converts it, and a guard checks the result.
 * A struct that renames a key and redacts values itself takes at least 1.5 times as long as this schema to decode a
 * page. A class that does the same takes at least twice as long as this schema. Run `scripts/measure.ts` to repeat the
 * measurement.
 *
 * @example
 * import { Webhook } from "@mammoth-effect/core"
 * import { Schema } from "effect"
 *
 * const IdAndName = Webhook.projection(["id", "name"])
 * console.log(Schema.decodeUnknownSync(IdAndName)({ id: 8, name: "test", mode: "combine" })) // { id: 8, name: "test" }
 *
 * @since 0.1.0
 * @category schemas
 */
export const projection = <Field extends WebhookField.WebhookField>(
  fields: ReadonlyArray<Field>
): Schema.Schema<Projected<Field>, Encoded> => {
  const selected: ReadonlyArray<WebhookField.WebhookField> = fields
  const isWhole = WebhookField.all.every((field) => selected.includes(field))
  const isProjected = (u: unknown): u is Projected<Field> =>
    Predicate.isRecord(u) && selected.every((field) => holds[field](u[field]))
  return Schema.transform(
    Wire.pick(...selected.map((field) => wireNames[field])),
    Schema.declare(isProjected, {
      description: `a webhook with ${selected.join(", ")}`,
      arbitrary: () => (fc) => {
        const credential = fc.stringMatching(/^[A-Za-z0-9]{24}$/)
        const parts = {
          id: fc.maxSafeInteger(),
          name: fc.string({ minLength: 1 }),
          mode: fc.constantFrom("replace", "combine"),
          uri: credential.map((key) => Redacted.make(`/webhook/data/${key}`)),
          datasetId: fc.maxSafeInteger(),
          origins: fc.option(fc.string()),
          secret: fc.option(credential.map((secret) => Redacted.make(secret)))
        }
        return fc
          .record(Object.fromEntries(selected.map((field) => [field, parts[field]])))
          .map((record): unknown => record)
          .filter(isProjected)
      }
    }),
    {
      strict: false,
      decode: (wire) => {
        const webhook = fromWire(wire)
        return isWhole ? webhook : Struct.pick(webhook, ...selected)
      },
      encode: (webhook) => {
        const wire: Record<string, unknown> = {}
        for (const field of selected) {
          const value: unknown = Reflect.get(webhook, field)
          wire[wireNames[field]] = Redacted.isRedacted(value) ? Redacted.value(value) : value
        }
        return wire
      }
    }
  ).annotations(isWhole ? component("Webhook") : {})
}

/**
 * The schema of a whole webhook.
 *
 * Decoding tolerates additions: an unknown `mode` stays a string, and unknown keys are ignored. `origins` and `secret`
 * become `null` if they are absent or null.
 *
 * @example
 * import { Webhook } from "@mammoth-effect/core"
 * import { Schema } from "effect"
 *
 * const webhook = Schema.decodeUnknownSync(Webhook.Webhook)({
 *   id: 8,
 *   name: "test",
 *   mode: "replace",
 *   uri: "/webhook/data/nHC1zIl97JzgDMopgcfpOgLV",
 *   ds_id: 535
 * })
 * console.log(String(webhook.uri)) // <redacted>
 *
 * @since 0.1.0
 * @category schemas
 */
export const Webhook: Schema.Schema<Webhook, Encoded> = projection(WebhookField.all)

/**
 * The response of an operation that returns one webhook: `{ webhook }`.
 *
 * Source: published API description, `WebhookDetails`.
 *
 * @since 0.1.0
 * @category models
 */
export interface Details<Field extends WebhookField.WebhookField = WebhookField.WebhookField> {
  readonly webhook: Projected<Field>
}

/**
 * The wire format of a response that holds one webhook.
 *
 * @since 0.1.0
 * @category models
 */
export interface EncodedDetails {
  readonly webhook: Encoded
}

/**
 * Makes the schema of a response that holds one webhook, narrowed to the given fields.
 *
 * @example
 * import { Webhook } from "@mammoth-effect/core"
 * import { Schema } from "effect"
 *
 * console.log(Schema.decodeUnknownSync(Webhook.details(["id"]))({ webhook: { id: 8 } })) // { webhook: { id: 8 } }
 *
 * @since 0.1.0
 * @category schemas
 */
export const details = <Field extends WebhookField.WebhookField>(
  fields: ReadonlyArray<Field>
): Schema.Schema<Details<Field>, EncodedDetails> => Schema.Struct({ webhook: projection(fields) })

/**
 * Returns true if a webhook is in mode `combine`. Narrows its type to {@link CombineWebhook}.
 *
 * @example
 * import { Webhook } from "@mammoth-effect/core"
 *
 * const appendable = (webhooks: ReadonlyArray<Webhook.Webhook>): ReadonlyArray<Webhook.CombineWebhook> =>
 *   webhooks.filter(Webhook.isCombine)
 *
 * @since 0.1.0
 * @category guards
 */
export const isCombine = (webhook: Webhook): webhook is CombineWebhook => webhook.mode === "combine"

/**
 * Returns true if a webhook is in mode `replace`. Narrows its type to {@link ReplaceWebhook}.
 *
 * @example
 * import { Webhook } from "@mammoth-effect/core"
 *
 * const replaceable = (webhooks: ReadonlyArray<Webhook.Webhook>): ReadonlyArray<Webhook.ReplaceWebhook> =>
 *   webhooks.filter(Webhook.isReplace)
 *
 * @since 0.1.0
 * @category guards
 */
export const isReplace = (webhook: Webhook): webhook is ReplaceWebhook => webhook.mode === "replace"
