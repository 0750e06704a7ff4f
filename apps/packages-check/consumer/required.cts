/** A CommonJS program: its imports become `require`. It pushes a row in process, and catches an error by its tag. */
import { Credentials, MammothConfig, Webhooks } from "@mammoth-effect/client"
import { InProcess } from "@mammoth-effect/emulator"
import { Console, Effect, Layer } from "effect"

const InThisProcess = Webhooks.layer.pipe(
  Layer.provide([Credentials.layerConfig(), MammothConfig.layerConfig()]),
  Layer.provideMerge(InProcess.layer())
)

const program = Effect.gen(function* () {
  const project = { workspaceId: 4, projectId: 4 }
  const orders = yield* Webhooks.ensure("orders", { ...project, mode: "combine" })
  yield* Webhooks.addData(orders, { order: 1 })
  const missing = yield* Webhooks.getDetails({ ...project, webhookId: 99 }).pipe(
    Effect.as("found"),
    Effect.catchTag("MammothNotFound", (error) => Effect.succeed(error.delivery))
  )
  const emulator = yield* InProcess.Emulator
  const rows = yield* emulator.rows(orders.id)
  yield* Console.log(JSON.stringify({ rows: rows.length, missing }))
})

void Effect.runPromise(Effect.provide(program, InThisProcess))
