/** Makes the operations and their credentials from the options of a client. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import type * as HttpClient from "@effect/platform/HttpClient"
import * as Context from "effect/Context"
import * as Layer from "effect/Layer"
import * as Credentials from "../../Credentials.js"
import * as Webhooks from "../../Webhooks.js"
import * as Configuration from "./configuration.js"
import type { Trace } from "./trace.js"

/** The options of a client, as the public `Options` documents them. */
export interface Options extends Configuration.Options {
  readonly fetch?: typeof globalThis.fetch | undefined
  readonly httpClient?: Layer.Layer<HttpClient.HttpClient> | undefined
}

/**
 * Makes the operations and their credentials. Reads options and variables immediately. Throws a `ConfigurationError`
 * that names the wrong option, with the stack of the caller.
 */
export const layer = (options: Options, from: Trace): Layer.Layer<Webhooks.Webhooks | Credentials.Credentials> => {
  const context = Configuration.read(options, from)
  const webhooks = Layer.provide(Webhooks.layer, [
    Layer.succeedContext(context),
    options.httpClient ?? FetchHttpClient.layer
  ])
  // Also provide the option `fetch` to the calls. Each call reads `fetch` itself, after the layer has been built.
  const fetch = options.fetch === undefined ? Layer.empty : Layer.succeed(FetchHttpClient.Fetch, options.fetch)
  const credentials = Layer.succeed(Credentials.Credentials, Context.get(context, Credentials.Credentials))
  return Layer.mergeAll(webhooks, credentials, fetch)
}
