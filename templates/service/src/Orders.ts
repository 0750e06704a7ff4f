/** Accepts orders one by one, and pushes them to a webhook in the background. */
import { Ingestor, Webhooks } from "@mammoth-effect/client"
import { Config, Context, Effect, Layer, Schema } from "effect"

export const Order = Schema.Struct({ id: Schema.Int, total: Schema.Number })

export class Orders extends Context.Tag("mammoth-service/Orders")<Orders, Ingestor.Ingestor<typeof Order.Type>>() {}

export const layer = Layer.scoped(
  Orders,
  Effect.gen(function* () {
    const webhook = yield* Webhooks.ensure("orders", {
      workspaceId: yield* Config.integer("MAMMOTH_WORKSPACE_ID"),
      projectId: yield* Config.integer("MAMMOTH_PROJECT_ID"),
      mode: "combine"
    })
    return yield* Ingestor.make(webhook, {
      schema: Order,
      drainTimeout: "20 seconds",
      // Log each order that the server did not accept, or may not have accepted. In your service, store it for the next start.
      onUndelivered: ({ end, row }) => Effect.logError(`order ${row.id} is ${end}`)
    })
  })
)
