import { FetchHttpClient } from "@effect/platform"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Webhooks } from "@mammoth-effect/client"
import { Config, Console, Effect, Layer } from "effect"

const program = Effect.gen(function* () {
  // Read the ids of the workspace and the project: the SDK never guesses them.
  const project = {
    workspaceId: yield* Config.integer("MAMMOTH_WORKSPACE_ID"),
    projectId: yield* Config.integer("MAMMOTH_PROJECT_ID")
  }

  // Ask for mode combine, in which each push adds its rows to the dataset.
  const orders = yield* Webhooks.ensure("orders", { ...project, mode: "combine" })
  yield* Webhooks.addData(orders, { order: 1, total: 9.5 })

  const { webhooks } = yield* Webhooks.list({ ...project, fields: ["id", "name"] })
  yield* Console.log(`pushed a row to ${orders.name}; webhooks: ${webhooks.map(({ name }) => name).join(", ")}`)
})

const MammothLayer = Webhooks.layerConfig().pipe(Layer.provide(FetchHttpClient.layer))

program.pipe(Effect.provide(MammothLayer), NodeRuntime.runMain)
