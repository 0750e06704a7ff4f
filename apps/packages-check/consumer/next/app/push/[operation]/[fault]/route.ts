/** Pushes to the server with the fault that the path names. Uses Effect, and no account keys. */
import { FetchHttpClient } from "@effect/platform"
import { MammothConfig, RetryPolicy, Webhooks } from "@mammoth-effect/client"
import { Effect, Layer } from "effect"
import { describe } from "../../../../../probe.js"
import { at } from "../../../../origins.js"

interface Context {
  /** The parameters of the path. Next.js 14 passes the parameters themselves, and later versions pass a promise of them. */
  readonly params: Promise<Params> | Params
}

interface Params {
  readonly operation: string
  readonly fault: string
}

export async function POST(_: Request, { params }: Context): Promise<Response> {
  const { fault, operation } = await params
  const push = operation === "addData" ? Webhooks.addData : Webhooks.addDataUsingGet
  const layer = Webhooks.layerPush.pipe(
    Layer.provide([
      MammothConfig.layer({
        baseUrl: at(fault, `route/${operation}`),
        timeout: fault === "stall" ? "1 second" : "20 seconds"
      }),
      RetryPolicy.layer(RetryPolicy.none),
      FetchHttpClient.layer
    ])
  )
  const outcome = push("key", { n: 1 }).pipe(
    Effect.provide(layer),
    Effect.match({ onSuccess: () => "success", onFailure: describe })
  )
  return new Response(await Effect.runPromise(outcome))
}
