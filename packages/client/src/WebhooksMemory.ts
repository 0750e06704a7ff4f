/**
 * The operations over webhooks that are kept in memory, for tests without a server.
 *
 * @since 0.1.0
 */
import * as HttpClient from "@effect/platform/HttpClient"
import type * as Identifier from "@mammoth-effect/core/Identifier"
import type { Json } from "@mammoth-effect/core/Json"
import type * as Webhook from "@mammoth-effect/core/Webhook"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Credentials from "./Credentials.js"
import { basePath, makeHttpClient, type Store } from "./internal/operations/memory.js"
import * as MammothConfig from "./MammothConfig.js"
import * as Webhooks from "./Webhooks.js"

/**
 * What a test can see of the webhooks in memory.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /**
   * The rows that a webhook's dataset holds now, in the order in which they came. Dies, by its id, where there is no such
   * webhook.
   */
  readonly rows: (webhookId: Identifier.Input<Identifier.WebhookId>) => Effect.Effect<ReadonlyArray<Json>>
  /** Every webhook of every project, in the order in which they were created. */
  readonly webhooks: Effect.Effect<ReadonlyArray<Webhook.Webhook>>
}

/**
 * The webhooks in memory.
 *
 * @example
 * import { WebhooksMemory } from "@mammoth-effect/client"
 * import { Effect } from "effect"
 *
 * const rows = Effect.flatMap(WebhooksMemory.WebhooksMemory, (memory) => memory.rows(1))
 *
 * @since 0.1.0
 * @category tags
 */
export class WebhooksMemory extends Context.Tag("@mammoth-effect/client/WebhooksMemory")<WebhooksMemory, Service>() {}

/**
 * What the webhooks in memory are to be like.
 *
 * @since 0.1.0
 * @category options
 */
export interface Options {
  /**
   * Whether a list that is pushed is one row for each of its objects; refused by default. That the real server takes
   * lists is plausible and unproven.
   */
  readonly arraysAreRows?: boolean | undefined
}

/**
 * The real operations over webhooks in memory, new and empty each time that the layer is built.
 *
 * Input is checked, encoded, answered and decoded as over the network, so that a test meets the errors that the server's
 * answers would make: an unknown webhook is `NotFound`, a secure one pushed to without its secret `Unauthorized`. It
 * does what the emulator does for each operation. For faults, sockets and other processes, use the emulator.
 *
 * @example
 * import { Webhooks, WebhooksMemory } from "@mammoth-effect/client"
 * import { Effect } from "effect"
 *
 * const test = Effect.gen(function* () {
 *   const orders = yield* Webhooks.ensure("orders", { workspaceId: 4, projectId: 4, mode: "combine" })
 *   yield* Webhooks.addData(orders, { order: 1 })
 *   const memory = yield* WebhooksMemory.WebhooksMemory
 *   console.log(yield* memory.rows(orders.id)) // [{ order: 1 }]
 * }).pipe(Effect.provide(WebhooksMemory.layer()))
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (options: Options = {}): Layer.Layer<Webhooks.Webhooks | WebhooksMemory> =>
  Layer.unwrapEffect(
    Effect.sync(() => {
      const store: Store = new Map()
      return Layer.merge(
        Layer.provide(Webhooks.layer, [
          Credentials.layer({ apiKey: Redacted.make("memory-key"), apiSecret: Redacted.make("memory-secret") }),
          Layer.orDie(MammothConfig.layer({ baseUrl: `http://localhost${basePath}` })),
          Layer.succeed(HttpClient.HttpClient, makeHttpClient(store, options.arraysAreRows ?? false))
        ]),
        Layer.succeed(WebhooksMemory, {
          rows: (webhookId) =>
            Effect.suspend(() => {
              const entry = store.get(webhookId)
              return entry === undefined
                ? Effect.dieMessage(`WebhooksMemory has no webhook ${webhookId}`)
                : Effect.succeed([...entry.rows])
            }),
          webhooks: Effect.sync(() => Array.from(store.values(), ({ webhook }) => webhook))
        })
      )
    })
  )
