/** Provides the operations with a new emulator, and returns the requests that the emulator received. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import type * as HttpClient from "@effect/platform/HttpClient"
import { Emulator, type Fault, InProcess } from "@mammoth-effect/emulator"
import { Effect, Layer, Redacted } from "effect"
import { Credentials, MammothConfig, RetryPolicy, Webhooks } from "../../src/index.js"

export interface Options {
  readonly emulator?: Emulator.Options
  readonly config?: MammothConfig.Options
  readonly retry?: RetryPolicy.Service
  readonly client?: Layer.Layer<HttpClient.HttpClient>
  readonly credentials?: Layer.Layer<Credentials.Credentials>
}

/** Provides the operations against a new emulator on a real socket. */
export const layer = (options: Options = {}) =>
  Layer.unwrapEffect(
    Effect.map(Emulator.Emulator, (emulator) =>
      Webhooks.layer.pipe(
        Layer.provide([
          options.credentials ?? Credentials.layer({ apiKey: emulator.apiKey, apiSecret: emulator.apiSecret }),
          MammothConfig.layer({ baseUrl: emulator.baseUrl, ...options.config }),
          RetryPolicy.layer(options.retry ?? RetryPolicy.none),
          options.client ?? FetchHttpClient.layer
        ])
      )
    )
  ).pipe(Layer.provideMerge(Emulator.layer({ seed: 1, ...options.emulator })))

/** Provides the operations against a new emulator without a socket. */
export const layerInProcess = (options: Pick<Options, "config" | "retry"> & { emulator?: InProcess.Options } = {}) =>
  Webhooks.layer.pipe(
    Layer.provide([
      Credentials.layerConfig(),
      MammothConfig.layerConfig(options.config),
      RetryPolicy.layer(options.retry ?? RetryPolicy.none)
    ]),
    Layer.provideMerge(InProcess.layer({ seed: 1, ...options.emulator }))
  )

/** Returns the requests that the emulator received since the previous use of `seen`. */
export const seen = Effect.gen(function* () {
  const emulator = yield* Emulator.Emulator
  const requests = yield* emulator.requests
  yield* emulator.clearRequests
  return requests
})

/** Returns the method, URL and body of the last request, in one line. */
export const lastLine = Effect.map(seen, (requests) => {
  const last = requests.at(-1)
  return last === undefined ? "nothing" : `${last.method} ${last.url}${last.body === "" ? "" : ` ${last.body}`}`
})

export const inject = (fault: Fault.Fault) => Effect.flatMap(Emulator.Emulator, (emulator) => emulator.inject(fault))

export const project = { workspaceId: 4, projectId: 4 }

export const api = Webhooks.inProject(project)

/** Provides credentials that never change. */
export const keys = (apiKey: string, apiSecret: string) =>
  Credentials.layer({ apiKey: Redacted.make(apiKey), apiSecret: Redacted.make(apiSecret) })
