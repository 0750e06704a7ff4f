/** An app that calls `list`, imported from the index of the package. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import { Credentials, MammothConfig, Webhooks } from "@mammoth-effect/client"
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
