/** What a page does that holds a webhook's key: pushes, and shows how that went; see `Browser.test.ts`. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import { Effect, Layer } from "effect"
import * as MammothConfig from "../../src/MammothConfig.js"
import * as Webhooks from "../../src/Webhooks.js"

export interface Given {
  readonly baseUrl: string
  readonly uri: string
  readonly method: "addData" | "addDataUsingGet"
}

const handedToFetch: Array<string> = []

/** The names of the headers that fetch was given: of those that a page may not set it would say nothing. */
export const headers = (): ReadonlyArray<string> => handedToFetch

const fetchAndTell: typeof fetch = (input, init) => {
  handedToFetch.push(...new Headers(init?.headers).keys())
  return fetch(input, init)
}

const transport = Layer.provide(FetchHttpClient.layer, Layer.succeed(FetchHttpClient.Fetch, fetchAndTell))

/** `pushed`, or the tag of the error with what is known of the delivery. */
export const push = ({ baseUrl, method, uri }: Given): Promise<string> =>
  Effect.flatMap(Webhooks.WebhookPush, (webhooks) => webhooks[method](uri, { page: "/pricing", seconds: 12 })).pipe(
    Effect.match({
      onFailure: (error) => `${error._tag} ${error.delivery}`,
      onSuccess: () => "pushed"
    }),
    Effect.provide(Webhooks.layerPush.pipe(Layer.provide([MammothConfig.layer({ baseUrl }), transport]))),
    Effect.runPromise
  )
