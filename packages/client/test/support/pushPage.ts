/** The script of a page that holds a webhook's key, for `Browser.test.ts`. The script pushes a row, and returns the result. */
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

/**
 * Returns the names of the headers that the SDK gave to fetch. The server does not receive all of them, because a page
 * cannot set every header.
 */
export const headers = (): ReadonlyArray<string> => handedToFetch

const fetchAndTell: typeof fetch = (input, init) => {
  handedToFetch.push(...new Headers(init?.headers).keys())
  return fetch(input, init)
}

const transport = Layer.provide(FetchHttpClient.layer, Layer.succeed(FetchHttpClient.Fetch, fetchAndTell))

/** Returns `pushed`, or the tag and the delivery of the error. */
export const push = ({ baseUrl, method, uri }: Given): Promise<string> =>
  Effect.flatMap(Webhooks.WebhookPush, (webhooks) => webhooks[method](uri, { page: "/pricing", seconds: 12 })).pipe(
    Effect.match({
      onFailure: (error) => `${error._tag} ${error.delivery}`,
      onSuccess: () => "pushed"
    }),
    Effect.provide(Webhooks.layerPush.pipe(Layer.provide([MammothConfig.layer({ baseUrl }), transport]))),
    Effect.runPromise
  )
