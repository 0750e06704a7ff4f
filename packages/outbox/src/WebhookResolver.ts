/**
 * Finds the webhook that an outbox delivers to. Rows hold only the name of the outbox, so no key is stored with them.
 *
 * @since 0.1.0
 */
import type { CombineTarget } from "@mammoth-effect/client/WebhookTarget"
import * as WebhookTarget from "@mammoth-effect/client/WebhookTarget"
import * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { WebhookUnresolved } from "./OutboxError.js"

/**
 * Finds the webhook of an outbox by its name.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /**
   * Finds the webhook. A worker calls this function before it delivers rows. The worker calls it again after a minute,
   * after an error of this function, and after a 401, 403 or 404.
   */
  readonly resolve: (outbox: string) => Effect.Effect<CombineTarget, WebhookUnresolved>
}

/**
 * Finds the webhooks of outboxes. A program that only offers rows does not need this service.
 *
 * @example
 * import { WebhookTarget } from "@mammoth-effect/client"
 * import { WebhookResolver } from "@mammoth-effect/outbox"
 * import { Effect, Layer, Redacted } from "effect"
 *
 * const readVault = (path: string) => Effect.succeed(Redacted.make(path))
 *
 * const FromVault = Layer.succeed(WebhookResolver.WebhookResolver, {
 *   resolve: (outbox) => Effect.map(readVault(`webhooks/${outbox}`), (key) => WebhookTarget.assumeCombine(key))
 * })
 *
 * @since 0.1.0
 * @category tags
 */
export class WebhookResolver extends Context.Tag("@mammoth-effect/outbox/WebhookResolver")<
  WebhookResolver,
  Service
>() {}

const unknown = (outbox: string, known: ReadonlyArray<string>) =>
  new WebhookUnresolved({
    outbox,
    reason: `the resolver has ${known.length === 0 ? "no webhook" : `webhooks only for ${known.map((name) => JSON.stringify(name)).join(", ")}`}; add a webhook for this outbox`
  })

/**
 * Finds the webhook of each outbox in the given record. The keys of the record are the names of the outboxes.
 *
 * @example
 * import { Webhooks } from "@mammoth-effect/client"
 * import { WebhookResolver } from "@mammoth-effect/outbox"
 * import { Effect, Layer } from "effect"
 *
 * const ResolverLayer = Layer.unwrapEffect(
 *   Effect.map(Webhooks.ensure("orders", { workspaceId: 4, projectId: 4, mode: "combine" }), (orders) =>
 *     WebhookResolver.layer({ orders })
 *   )
 * )
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (webhooks: { readonly [outbox: string]: CombineTarget }): Layer.Layer<WebhookResolver> =>
  Layer.succeed(WebhookResolver, {
    resolve: (outbox) => {
      const webhook = Object.hasOwn(webhooks, outbox) ? webhooks[outbox] : undefined
      return webhook === undefined ? unknown(outbox, Object.keys(webhooks)) : Effect.succeed(webhook)
    }
  })

/**
 * Reads the key or uri of each outbox's webhook from the configuration. The keys of the given record are the names of
 * the outboxes. The layer assumes that the webhooks are in mode `combine`. A worker reads the configuration when the
 * worker delivers rows. So if the key of one webhook is missing, the other outboxes still deliver.
 *
 * @example
 * import { WebhookResolver } from "@mammoth-effect/outbox"
 * import { Config } from "effect"
 *
 * const ResolverLayer = WebhookResolver.layerConfig({ orders: Config.redacted("ORDERS_WEBHOOK") })
 *
 * @since 0.1.0
 * @category layers
 */
export const layerConfig = (keys: {
  readonly [outbox: string]: Config.Config<Redacted.Redacted>
}): Layer.Layer<WebhookResolver> =>
  Layer.succeed(WebhookResolver, {
    resolve: (outbox) => {
      const key = Object.hasOwn(keys, outbox) ? keys[outbox] : undefined
      return key === undefined
        ? unknown(outbox, Object.keys(keys))
        : Effect.option(key).pipe(
            // Treat an empty variable as missing: deployments often set a variable to an empty string instead of
            // omitting it.
            Effect.map(Option.filter((uri) => Redacted.value(uri).trim() !== "")),
            Effect.flatMap(
              Option.match({
                // Leave out the error's message, because the message may quote the key.
                onNone: () =>
                  new WebhookUnresolved({ outbox, reason: "the webhook's key is not in the configuration" }),
                onSome: (uri) => Effect.succeed(WebhookTarget.assumeCombine(uri))
              })
            )
          )
    }
  })
