/**
 * Webhooks of a known mode, which sinks and `replaceAll` take, and functions that assert the mode of a webhook.
 *
 * @since 0.1.0
 */
import * as Redacted from "effect/Redacted"
import type * as WebhookMode from "./WebhookMode.js"

declare const RemedyTypeId: unique symbol

/**
 * A webhook to which a push appends rows: it is known to be in mode `combine`, or the caller asserts that it is.
 *
 * Use the type without its parameter. The parameter puts a remedy into the compiler's message about any other webhook.
 *
 * @since 0.1.0
 * @category models
 */
export interface CombineTarget<Remedy extends string = "use ensure, create or narrow with Webhook.isCombine"> {
  readonly mode: "combine"
  readonly uri: Redacted.Redacted
  readonly secret: Redacted.Redacted | null
  readonly [RemedyTypeId]?: Remedy
}

/**
 * A webhook whose rows a push replaces: it is known to be in mode `replace`, or the caller asserts that it is.
 *
 * Use the type without its parameter. The parameter puts a remedy into the compiler's message about any other webhook.
 *
 * @since 0.1.0
 * @category models
 */
export interface ReplaceTarget<Remedy extends string = "use ensure, create or narrow with Webhook.isReplace"> {
  readonly mode: "replace"
  readonly uri: Redacted.Redacted
  readonly secret: Redacted.Redacted | null
  readonly [RemedyTypeId]?: Remedy
}

/**
 * A key with the mode that the caller asserts for its webhook.
 *
 * @since 0.1.0
 * @category models
 */
export interface AssumedTarget<Mode extends WebhookMode.WebhookMode> {
  readonly _tag: "AssumedTarget"
  readonly mode: Mode
  readonly uri: Redacted.Redacted
  readonly secret: Redacted.Redacted | null
}

const assume =
  <const Mode extends "combine" | "replace">(mode: Mode) =>
  (
    uri: string | Redacted.Redacted,
    options?: { readonly secret?: Redacted.Redacted | undefined }
  ): AssumedTarget<Mode> => ({
    _tag: "AssumedTarget",
    mode,
    uri: Redacted.isRedacted(uri) ? uri : Redacted.make(uri),
    secret: options?.secret ?? null
  })

/**
 * Asserts that the webhook of a key or uri is in mode `combine`. Nothing checks this. If the webhook is in mode
 * `replace`, each push replaces the rows of the push before, and only the last rows remain.
 *
 * @example
 * import { WebhookKey, WebhookTarget } from "@mammoth-effect/client"
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
 * Asserts that the webhook of a key or uri is in mode `replace`. Nothing checks this.
 *
 * @example
 * import { WebhookKey, WebhookTarget } from "@mammoth-effect/client"
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
