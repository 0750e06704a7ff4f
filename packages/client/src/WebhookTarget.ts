/**
 * A webhook whose mode the caller asserts: the explicit exception to the branded ones.
 *
 * @since 0.1.0
 */
import type * as Brand from "effect/Brand"
import * as Redacted from "effect/Redacted"
import type { CombineWebhook, ReplaceWebhook } from "./Webhook.js"

/**
 * A webhook to which a push appends rows: it is known to be in mode `combine`, or the caller asserts that it is.
 *
 * @since 0.1.0
 * @category models
 */
export type CombineTarget =
  | Pick<CombineWebhook, "uri" | "secret" | "mode" | keyof Brand.Brand<"@mammoth-effect/core/CombineWebhook">>
  | AssumedTarget<"combine">

/**
 * A webhook whose rows a push replaces: it is known to be in mode `replace`, or the caller asserts that it is.
 *
 * @since 0.1.0
 * @category models
 */
export type ReplaceTarget =
  | Pick<ReplaceWebhook, "uri" | "secret" | "mode" | keyof Brand.Brand<"@mammoth-effect/core/ReplaceWebhook">>
  | AssumedTarget<"replace">

/**
 * A key with the mode that the caller asserts for its webhook.
 *
 * @since 0.1.0
 * @category models
 */
export interface AssumedTarget<Mode extends "combine" | "replace"> {
  readonly _tag: "AssumedTarget"
  readonly uri: Redacted.Redacted
  readonly secret: Redacted.Redacted | null
  readonly mode: Mode
}

const assume =
  <const Mode extends "combine" | "replace">(mode: Mode) =>
  (
    uri: string | Redacted.Redacted,
    options?: { readonly secret?: Redacted.Redacted | undefined }
  ): AssumedTarget<Mode> => ({
    _tag: "AssumedTarget",
    uri: Redacted.isRedacted(uri) ? uri : Redacted.make(uri),
    secret: options?.secret ?? null,
    mode
  })

/**
 * Asserts that the webhook of a key or uri is in mode `combine`. Nobody checks it. If it is in mode `replace`, each
 * push replaces the rows of the one before, and only the last remains.
 *
 * @example
 * import { WebhookTarget } from "@mammoth-effect/client"
 * import { WebhookKey } from "@mammoth-effect/core"
 *
 * const target = WebhookTarget.assumeCombine(WebhookKey.make("g7rHe3mUqUGPEpnc4XxeDWJa"))
 * console.log(target.mode, String(target.uri)) // combine <redacted>
 *
 * @since 0.1.0
 * @category constructors
 */
export const assumeCombine: (
  uri: string | Redacted.Redacted,
  options?: { readonly secret?: Redacted.Redacted | undefined }
) => AssumedTarget<"combine"> = assume("combine")

/**
 * Asserts that the webhook of a key or uri is in mode `replace`. Nobody checks it.
 *
 * @example
 * import { WebhookTarget } from "@mammoth-effect/client"
 * import { WebhookKey } from "@mammoth-effect/core"
 *
 * const target = WebhookTarget.assumeReplace(WebhookKey.make("g7rHe3mUqUGPEpnc4XxeDWJa"))
 * console.log(target.mode, String(target.uri)) // replace <redacted>
 *
 * @since 0.1.0
 * @category constructors
 */
export const assumeReplace: (
  uri: string | Redacted.Redacted,
  options?: { readonly secret?: Redacted.Redacted | undefined }
) => AssumedTarget<"replace"> = assume("replace")
