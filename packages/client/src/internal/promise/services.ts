/** Makes the services of all calls from the options of a client. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import type * as HttpClient from "@effect/platform/HttpClient"
import * as Layer from "effect/Layer"
import * as Webhooks from "../../Webhooks.js"
import * as Configuration from "./configuration.js"
import type { Trace } from "./trace.js"

/** The options of a client, as the public `Options` documents them. */
export interface Options extends Configuration.Options {
  readonly fetch?: typeof globalThis.fetch | undefined
  readonly httpClient?: Layer.Layer<HttpClient.HttpClient> | undefined
}

/**
 * Reads options and variables immediately. Throws a `ConfigurationError` that names the wrong option, with the stack of
 * the caller.
 */
export const layer = (options: Options, from: Trace): Layer.Layer<Webhooks.Webhooks> => {
  const webhooks = Layer.provide(Webhooks.layer, [
    Layer.succeedContext(Configuration.read(options, from)),
    options.httpClient ?? FetchHttpClient.layer
  ])
  // Provide the caller's fetch to each call. Fetch is read at each call, not when the layer is built.
  const fetch = options.fetch === undefined ? Layer.empty : Layer.succeed(FetchHttpClient.Fetch, options.fetch)
  return Layer.merge(webhooks, fetch)
}
