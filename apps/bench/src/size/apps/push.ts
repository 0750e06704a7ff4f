/** An app that pushes data with only a webhook's key. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as MammothConfig from "@mammoth-effect/client/MammothConfig"
import * as Webhooks from "@mammoth-effect/client/Webhooks"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

const PushLayer = Webhooks.layerPush.pipe(Layer.provide([MammothConfig.layer(), FetchHttpClient.layer]))

void Effect.runPromise(Effect.provide(Webhooks.addData("g7rHe3mUqUGPEpnc4XxeDWJa", { order: 1 }), PushLayer))
