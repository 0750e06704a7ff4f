/**
 * Runs the emulator without sockets, as an HTTP client that makes the responses itself. Use this module for tests
 * in Node, in browsers and in edge runtimes.
 *
 * @since 0.1.0
 */
import * as HttpClient from "@effect/platform/HttpClient"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as ExecutionStrategy from "effect/ExecutionStrategy"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import { Emulator, type Options, type Service as EmulatorService } from "./EmulatorService.js"
import * as Api from "./internal/api.js"
import * as Connection from "./internal/connection.js"
import * as Parts from "./internal/parts.js"
import { variables } from "./internal/variables.js"

export { Emulator, type Options, UnknownWebhook } from "./EmulatorService.js"

/**
 * An emulator in process, and the HTTP client that reaches it.
 *
 * @example
 * import { InProcess } from "@mammoth-effect/emulator"
 * import { Effect } from "effect"
 *
 * const program = Effect.gen(function* () {
 *   const { baseUrl, client, requests } = yield* InProcess.make()
 *   yield* client.get(`${baseUrl}/workspaces/4/projects/4/webhooks`)
 *   console.log((yield* requests).map(({ operation, status }) => `${operation} ${status}`)) // [ 'list 401' ]
 * })
 *
 * @since 0.1.0
 * @category models
 */
export interface Service extends EmulatorService {
  readonly client: HttpClient.HttpClient
}

const origin = "http://emulator.localhost"

/**
 * Makes an emulator in process, which serves requests until the scope ends.
 *
 * It has the operations, rows, recorded requests and faults of the emulator on a socket, with these details:
 *
 * - Delays and `listLag` follow the `Clock` of the caller, so `TestClock` controls them. For requests of `fetch`, delays
 *   and `listLag` follow the `Clock` with which the emulator was made.
 * - The client fails as a client on a socket does: a reset is a `RequestError` whose cause has the code `ECONNRESET`. If
 *   a body breaks off, or if its headers say gzip but the body is not compressed, reading the body fails.
 * - If you interrupt a request, the emulator sees a caller that hangs up. An operation that a fault delays still acts.
 * - A request to an origin other than the origin of `baseUrl` fails as a refused connection does.
 * - Recorded headers have lower-case names. The record has the headers of the request and the header `host`.
 * - A body is recorded completely or not at all, because it never arrives in part.
 *
 * These features need a socket, and are missing:
 *
 * - the check of the `Host` header, and everything else that depends on a browser's connection;
 * - the page, the API reference, and the routes for other processes;
 * - TLS, and open sockets (`openSockets` is always 0).
 *
 * @example
 * import { Fault, InProcess } from "@mammoth-effect/emulator"
 * import { Effect } from "effect"
 *
 * const program = Effect.gen(function* () {
 *   const emulator = yield* InProcess.make()
 *   yield* emulator.inject(Fault.status(503))
 *   const { status } = yield* emulator.client.get(`${emulator.baseUrl}/workspaces/4/projects/4/webhooks`)
 *   console.log(status) // 503
 * }).pipe(Effect.scoped)
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (options: Options = {}): Effect.Effect<Service, never, Scope.Scope> =>
  Effect.gen(function* () {
    // Give delayed operations their own scope, which ends after the connections end.
    const acting = yield* Effect.flatMap(Effect.scope, (scope) => Scope.fork(scope, ExecutionStrategy.sequential))
    const parts = yield* Parts.make(options, acting)
    const { client, fetch } = yield* Connection.make(Api.make(parts), origin, parts.settings.bodyLimit)
    const baseUrl = `${origin}${Api.basePath}`
    return { ...Parts.toService(parts, { baseUrl, fetch, openSockets: Effect.succeed(0) }), client }
  })

/**
 * Provides an emulator in process, and the HTTP client that reaches it. The emulator is new and empty each time the layer
 * is built.
 *
 * The layer also sets the variables `MAMMOTH_BASE_URL`, `MAMMOTHANALYTICS_API_KEY` and `MAMMOTHANALYTICS_API_SECRET` for
 * the layers to which you provide it. All other variables stay unchanged. So a client that reads its configuration needs
 * only this layer.
 *
 * @example
 * import { Webhooks } from "@mammoth-effect/client"
 * import { InProcess } from "@mammoth-effect/emulator"
 * import { Effect, Layer } from "effect"
 *
 * const WebhooksTest = Webhooks.layerConfig().pipe(Layer.provideMerge(InProcess.layer()))
 *
 * const test = Effect.gen(function* () {
 *   const orders = yield* Webhooks.ensure("orders", { workspaceId: 4, projectId: 4, mode: "combine" })
 *   yield* Webhooks.addData(orders, { order: 1 })
 *   const emulator = yield* InProcess.Emulator
 *   console.log(yield* emulator.rows(orders.id)) // [{ order: 1 }]
 * }).pipe(Effect.provide(WebhooksTest))
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (options?: Options): Layer.Layer<Emulator | HttpClient.HttpClient> =>
  Layer.unwrapScoped(
    Effect.zipWith(make(options), Effect.configProviderWith(Effect.succeed), (emulator, provider) =>
      Layer.mergeAll(
        Layer.succeed(Emulator, emulator),
        Layer.succeed(HttpClient.HttpClient, emulator.client),
        Layer.setConfigProvider(
          ConfigProvider.fromMap(new Map(Object.entries(variables(emulator)))).pipe(
            ConfigProvider.orElse(() => provider)
          )
        )
      )
    )
  )
