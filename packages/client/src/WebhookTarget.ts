/**
 * The types that sinks and `replaceAll` require: webhooks whose mode is known. The functions of this module make these
 * types from a key or uri, and the caller asserts the mode.
 *
 * @since 0.1.0
 */
import * as Redacted from "effect/Redacted"
import type * as WebhookMode from "./WebhookMode.js"

declare const RemedyTypeId: unique symbol

/**
 * A webhook to which a push appends rows. Its mode is known to be `combine`, or the caller asserts this mode.
 *
 * Write this type without its type parameter. The parameter exists only for the compiler's message: if a program passes
 * any other webhook, the message shows a remedy.
 *
 * @since 0.1.0
 * @category models
 */
export interface CombineTarget<
  Remedy extends string = "get the webhook from ensure or create, or narrow it with Webhook.isCombine"
> {
  readonly mode: "combine"
  readonly uri: Redacted.Redacted
  readonly secret: Redacted.Redacted | null
  readonly [RemedyTypeId]?: Remedy
}

/**
 * A webhook in mode `replace`: each push replaces its rows. The mode is known, or the caller asserts it.
 *
 * Write this type without its type parameter. The parameter exists only for the compiler's message: if a program passes
 * any other webhook, the message shows a remedy.
 *
 * @since 0.1.0
 * @category models
 */
export interface ReplaceTarget<
  Remedy extends string = "get the webhook from ensure or create, or narrow it with Webhook.isReplace"
> {
  readonly mode: "replace"
  readonly uri: Redacted.Redacted
  readonly secret: Redacted.Redacted | null
  readonly [RemedyTypeId]?: Remedy
}

/**
 * A webhook's key or uri, with the mode that the caller asserts.
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
 * Makes a target from a key or uri, and asserts that its webhook is in mode `combine`. Nothing checks the mode. If the
 * webhook is in mode `replace`, each push replaces all rows, so only the rows of the last push remain.
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
 * Makes a target from a key or uri, and asserts that its webhook is in mode `replace`. Nothing checks the mode.
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
