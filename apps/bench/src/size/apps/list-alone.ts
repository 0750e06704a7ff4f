/** An app that calls `list`. Its bundle contains no other operation. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as Credentials from "@mammoth-effect/client/Credentials"
import * as MammothConfig from "@mammoth-effect/client/MammothConfig"
import * as Webhooks from "@mammoth-effect/client/Webhooks"
import * as Operations from "@mammoth-effect/core/Operations"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"

const MammothLayer = Layer.mergeAll(
  Credentials.layer({ apiKey: Redacted.make("key"), apiSecret: Redacted.make("secret") }),
  MammothConfig.layer(),
  FetchHttpClient.layer
)

const program = Effect.flatMap(Webhooks.makePerform, (perform) =>
  perform(Operations.list, { workspaceId: 4, projectId: 4 })
)

void Effect.runPromise(Effect.provide(program, MammothLayer)).then(console.log)
