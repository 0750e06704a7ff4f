/** An app that calls all operations. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as Credentials from "@mammoth-effect/client/Credentials"
import * as MammothConfig from "@mammoth-effect/client/MammothConfig"
import * as Webhooks from "@mammoth-effect/client/Webhooks"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"

const MammothLayer = Webhooks.layer.pipe(
  Layer.provide([
    Credentials.layer({ apiKey: Redacted.make("key"), apiSecret: Redacted.make("secret") }),
    MammothConfig.layer(),
    FetchHttpClient.layer
  ])
)

const project = { workspaceId: 4, projectId: 4 }

const program = Effect.gen(function* () {
  const webhook = yield* Webhooks.create({ ...project, name: "orders", mode: "combine" })
  const ofWebhook = { ...project, webhookId: webhook.id }
  yield* Webhooks.addData(webhook, { order: 1 })
  yield* Webhooks.addDataUsingGet(webhook, { order: 2 })
  yield* Webhooks.update({ ...ofWebhook, origins: "*" })
  console.log(yield* Webhooks.getDetails(ofWebhook), yield* Webhooks.list(project))
  yield* Webhooks.delete(ofWebhook)
})

void Effect.runPromise(Effect.provide(program, MammothLayer))
