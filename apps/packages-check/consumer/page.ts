/** A program in a web page. It calls `/api/v2` on the page's own origin. That server adds the keys and forwards the requests. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as Credentials from "@mammoth-effect/client/Credentials"
import * as MammothConfig from "@mammoth-effect/client/MammothConfig"
import * as Webhooks from "@mammoth-effect/client/Webhooks"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"

const key = Redacted.make("replaced by the server")

const program = Effect.gen(function* () {
  const orders = yield* Webhooks.ensure("orders", { workspaceId: 4, projectId: 4, mode: "combine" })
  yield* Webhooks.addData(orders, { order: 1, total: 9.5 })
  const page = yield* Webhooks.list({ workspaceId: 4, projectId: 4, fields: ["name"] })
  return page.webhooks.map(({ name }) => name).join()
})

const MammothLayer = Webhooks.layer.pipe(
  Layer.provide([
    Credentials.layer({ apiKey: key, apiSecret: key }),
    MammothConfig.layer({ baseUrl: `${location.origin}/api/v2` }),
    FetchHttpClient.layer
  ])
)

Effect.runPromise(program.pipe(Effect.provide(MammothLayer))).then(
  (names) => (document.title = `pushed to ${names}`),
  (error: unknown) => (document.title = `failed: ${String(error)}`)
)
