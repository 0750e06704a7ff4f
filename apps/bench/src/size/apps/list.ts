/** An app that calls `list`, with the layer of all operations. */
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

void Effect.runPromise(Effect.provide(Webhooks.list({ workspaceId: 4, projectId: 4 }), MammothLayer)).then(console.log)
