/**
 * Changes to a webhook's configuration.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { component } from "./internal/component.js"
import * as WebhookMode from "./WebhookMode.js"

/**
 * One change of a setting. The `path` names the setting and decides the type of the value.
 *
 * Source: published API description, `WebhookPatchData`. `op` is always `replace`, so callers leave it out.
 *
 * @example
 * import type { WebhookPatch } from "@mammoth-effect/core"
 *
 * const append: WebhookPatch.Change = { path: "mode", value: "combine" }
 *
 * @since 0.1.0
 * @category models
 */
export type Change =
  | { readonly path: "mode"; readonly value: WebhookMode.WebhookMode }
  | { readonly path: "origins"; readonly value: string }
  | { readonly path: "isSecure"; readonly value: boolean }

/**
 * New values for settings, by name. A patch needs at least one setting.
 *
 * @example
 * import type { WebhookPatch } from "@mammoth-effect/core"
 *
 * const settings: WebhookPatch.Settings = { mode: "combine", origins: "*" }
 *
 * @since 0.1.0
 * @category models
 */
export interface Settings {
  readonly mode?: WebhookMode.WebhookMode | undefined
  /** The browser origins that may push. `*` allows any. */
  readonly origins?: string | undefined
  /** If `true`, a push has to carry the webhook's secret. */
  readonly isSecure?: boolean | undefined
}

declare const NotBothTypeId: unique symbol

/**
 * The type of a setting that a caller must not combine with a list of changes. No value has this type. The compiler's
 * error shows the type's parameter, which names the remedy.
 *
 * @since 0.1.0
 * @category models
 */
export interface NotBoth<Remedy extends string = "give either `patch` or settings such as `mode`, not both"> {
  readonly [NotBothTypeId]: Remedy
}

/**
 * The input of an update: either settings by name, or an explicit list of changes.
 *
 * @example
 * import type { WebhookPatch } from "@mammoth-effect/core"
 *
 * const byName: WebhookPatch.Input = { mode: "combine" }
 * const explicit: WebhookPatch.Input = { patch: [{ path: "isSecure", value: true }] }
 *
 * @since 0.1.0
 * @category models
 */
export type Input = ByName | ByPatch

/**
 * Settings by name, without a list of changes.
 *
 * @since 0.1.0
 * @category models
 */
export interface ByName extends Settings {
  readonly patch?: undefined
}

/**
 * A list of changes, without settings by name.
 *
 * @since 0.1.0
 * @category models
 */
export interface ByPatch {
  readonly patch: ReadonlyArray<Change>
  readonly mode?: NotBoth | undefined
  readonly origins?: NotBoth | undefined
  readonly isSecure?: NotBoth | undefined
}

/**
 * A patch: either settings by name, or an explicit list of changes. List the changes in the order in which the server
 * has to apply them.
 *
 * @example
 * import type { WebhookPatch } from "@mammoth-effect/core"
 *
 * const byName: WebhookPatch.WebhookPatch = { mode: "combine" }
 * const explicit: WebhookPatch.WebhookPatch = { patch: [{ path: "isSecure", value: true }] }
 *
 * @since 0.1.0
 * @category models
 */
export interface WebhookPatch extends Settings {
  readonly patch?: ReadonlyArray<Change> | undefined
}

/**
 * The wire format of a change.
 *
 * @since 0.1.0
 * @category models
 */
export type EncodedChange =
  | { readonly op: "replace"; readonly path: "mode"; readonly value: WebhookMode.WebhookMode }
  | { readonly op: "replace"; readonly path: "origins"; readonly value: string }
  | { readonly op: "replace"; readonly path: "is_secure"; readonly value: boolean }

/**
 * The wire format of a patch.
 *
 * @since 0.1.0
 * @category models
 */
export interface Encoded {
  readonly patch: ReadonlyArray<EncodedChange>
}

const op = Schema.Literal("replace")

// Put `path` before the other fields. Effect picks a member of the union by the member's first literal, and reports
// only the issues of this member.
const WireChange: Schema.Schema<EncodedChange> = Schema.Union(
  Schema.Struct({ path: Schema.Literal("mode"), op, value: WebhookMode.WebhookMode }),
  Schema.Struct({ path: Schema.Literal("origins"), op, value: Schema.String }),
  Schema.Struct({ path: Schema.Literal("is_secure"), op, value: Schema.Boolean })
).annotations(component("WebhookChange"))

const Change: Schema.Schema<Change> = Schema.Union(
  Schema.Struct({ path: Schema.Literal("mode"), value: WebhookMode.WebhookMode }),
  Schema.Struct({ path: Schema.Literal("origins"), value: Schema.String }),
  Schema.Struct({ path: Schema.Literal("isSecure"), value: Schema.Boolean })
)

const encodeChange = (change: Change): EncodedChange =>
  change.path === "isSecure" ? { op: "replace", path: "is_secure", value: change.value } : { op: "replace", ...change }

const decodeChange = (wire: EncodedChange): Change => {
  switch (wire.path) {
    case "mode":
      return { path: "mode", value: wire.value }
    case "origins":
      return { path: "origins", value: wire.value }
    case "is_secure":
      return { path: "isSecure", value: wire.value }
  }
}

/**
 * Returns the changes of a patch, in order.
 *
 * @example
 * import { WebhookPatch } from "@mammoth-effect/core"
 *
 * console.log(WebhookPatch.changes({ origins: "*" })) // [{ path: "origins", value: "*" }]
 *
 * @since 0.1.0
 * @category getters
 */
export const changes = (patch: WebhookPatch): ReadonlyArray<Change> => [
  ...(patch.mode === undefined ? [] : [{ path: "mode", value: patch.mode } as const]),
  ...(patch.origins === undefined ? [] : [{ path: "origins", value: patch.origins } as const]),
  ...(patch.isSecure === undefined ? [] : [{ path: "isSecure", value: patch.isSecure } as const]),
  ...(patch.patch ?? [])
]

/**
 * The schema of a patch. Its wire format is `{ patch: [{ op, path, value }] }`.
 *
 * It refuses a patch that changes nothing, and a patch that mixes settings with explicit changes.
 *
 * Source: published API description, `WebhookPatchRequest`.
 *
 * @example
 * import { WebhookPatch } from "@mammoth-effect/core"
 * import { Schema } from "effect"
 *
 * const wire = Schema.encodeSync(WebhookPatch.WebhookPatch)({ isSecure: false })
 * console.log(wire) // { patch: [{ path: "is_secure", op: "replace", value: false }] }
 *
 * @since 0.1.0
 * @category schemas
 */
export const WebhookPatch: Schema.Schema<WebhookPatch, Encoded> = Schema.transform(
  Schema.Struct({
    patch: Schema.Array(WireChange).pipe(
      Schema.filter((changes) => changes.length > 0, {
        description: "at least one change: mode, origins or is_secure",
        jsonSchema: { description: "At least one change." }
      })
    )
  }),
  Schema.Struct({
    mode: Schema.optional(WebhookMode.WebhookMode),
    origins: Schema.optional(Schema.String),
    isSecure: Schema.optional(Schema.Boolean),
    patch: Schema.optional(Schema.Array(Change))
  }).pipe(
    Schema.filter((patch) => {
      if (changes(patch).length === 0) return "at least one change: mode, origins or isSecure"
      const mixed = patch.patch !== undefined && changes(patch).length > patch.patch.length
      return mixed ? "either `patch` or settings such as `mode`, not both" : undefined
    })
  ),
  {
    strict: true,
    decode: ({ patch }) => ({ patch: patch.map(decodeChange) }),
    encode: (patch) => ({ patch: changes(patch).map(encodeChange) })
  }
).annotations(component("WebhookPatch"))
