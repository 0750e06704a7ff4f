/**
 * Runs a local server that behaves like Mammoth's webhooks. The server is made from the same contract as the client.
 *
 * @since 0.1.0
 */
import * as HttpRouter from "@effect/platform/HttpRouter"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Predicate from "effect/Predicate"
import type * as Scope from "effect/Scope"
import type * as EmulatorService from "./EmulatorService.js"
import { CannotListen, Emulator, type Service } from "./EmulatorService.js"
import * as Api from "./internal/api.js"
import * as Connection from "./internal/connection.js"
import * as Parts from "./internal/parts.js"
import { orElse } from "./internal/settings.js"
import * as Control from "./internal/socket/control.js"
import * as Page from "./internal/socket/page.js"
import * as Server from "./internal/socket/server.js"
import * as View from "./internal/socket/view.js"

export { CannotListen, Emulator, type Service, UnknownWebhook } from "./EmulatorService.js"

/**
 * The options of an emulator on a socket. An option that is an empty string counts as left out.
 *
 * @example
 * import type { Emulator } from "@mammoth-effect/emulator"
 *
 * const options: Emulator.Options = { arraysAreRows: true, bodyLimit: 10_000_000, seed: "orders" }
 *
 * @since 0.1.0
 * @category options
 */
export interface Options extends EmulatorService.Options {
  /** The address to listen on. Default: `127.0.0.1`, which other machines cannot reach. */
  readonly host?: string | undefined
  /**
   * Further host names that requests may use, without a port, such as the name of a container. Loopback names and `host`
   * are always allowed. If `host` is `0.0.0.0` or `::`, every IP address is allowed, too. A request for another host gets
   * a 403. Default: none.
   */
  readonly allowedHosts?: ReadonlyArray<string> | undefined
  /** The port to listen on. Default: any free port. */
  readonly port?: number | undefined
}

/**
 * Starts an emulator, which runs until the scope ends. When the scope ends, the emulator immediately closes every
 * connection. This includes connections that clients keep alive or that a fault has stalled.
 *
 * The emulator interprets the operations of `@mammoth-effect/core`. It accepts and returns the types that the operations
 * declare. The published description leaves some questions open. The emulator answers these questions with the
 * following rules, and the real server may differ:
 *
 * - An empty query parameter means "no filter". If a parameter is repeated, the last value counts. Unknown parameters are
 *   ignored.
 * - `standard` and `full` responses have `secret` for secure webhooks only.
 * - A page whose origin differs from the emulator's may push if the webhook's `origins` include the page's origin. If not,
 *   the page gets a 403. The `origins` are `*`, or a comma-separated list.
 *
 * These rules are the emulator's own:
 *
 * - Nothing is kept on disk.
 * - Delays of faults pass in real time, even if a test has its own clock.
 * - A request for a host that is neither a loopback name nor allowed by the options gets a 403.
 *
 * Processes on this machine can use these routes, outside the base path:
 *
 * - `GET /emulator/webhooks/{id}/rows` returns the rows of a webhook, and with `?last=50` only the last 50.
 * - `GET /emulator/requests` returns recorded requests. `?from=` is the first index, and `?limit=` is at most 1,000.
 *   `?last=50` returns the last 50 requests. `DELETE` on this route removes all
 *   requests.
 * - `GET /emulator/requests/{index}` returns one request.
 * - `POST /emulator/faults` adds a fault. The body is a `Fault.Fault` as plain JSON, such as
 *   `{ "operation": "addData", "times": 2, "answer": { "_tag": "Status", "status": 503 } }`. `DELETE` on this route removes
 *   all faults.
 *
 * In a browser on this machine, `/` shows webhooks, rows, requests and faults as they change. `/docs` is an API reference.
 *
 * @example
 * import { Emulator } from "@mammoth-effect/emulator"
 * import { Console, Effect } from "effect"
 *
 * const program = Effect.scoped(Effect.flatMap(Emulator.make({ port: 4010 }), (emulator) => Console.log(emulator.baseUrl)))
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (options: Options = {}): Effect.Effect<Service, CannotListen, Scope.Scope> =>
  Effect.gen(function* () {
    const address = {
      host: orElse(options.host, "127.0.0.1"),
      allowedHosts: (options.allowedHosts ?? []).filter((name) => name !== ""),
      port: options.port ?? 0
    }
    const { server, sockets } = yield* Effect.mapError(
      Server.listen(address),
      ({ cause }) => new CannotListen({ host: address.host, port: address.port, reason: codeOf(cause) })
    )
    const parts = yield* Parts.make(options, yield* Effect.scope)
    const origin = Server.origin(server, address)
    const baseUrl = `${origin}${Api.basePath}`
    const secretHeaders = [...Api.keyHeaders, parts.settings.secretHeader]
    const page = yield* Page.make(() => View.make(parts, { baseUrl, secretHeaders }))
    yield* Server.serve(server, address, parts, HttpRouter.concat(Control.make(parts), page))
    const { fetch } = yield* Effect.withClock(
      Connection.make(Api.make(parts), origin, parts.settings.bodyLimit),
      Clock.make()
    )
    return Parts.toService(parts, { baseUrl, fetch, openSockets: Effect.sync(() => sockets.size) })
  })

/**
 * Runs an emulator for as long as the layer is in use, by default on a free port of this machine.
 *
 * @example
 * import { Emulator } from "@mammoth-effect/emulator"
 * import { Effect } from "effect"
 *
 * const program = Effect.gen(function* () {
 *   const emulator = yield* Emulator.Emulator
 *   console.log(emulator.baseUrl)
 * }).pipe(Effect.provide(Emulator.layer({ seed: 1 })))
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (options?: Options): Layer.Layer<Emulator, CannotListen> => Layer.scoped(Emulator, make(options))

const codeOf = (cause: unknown): string =>
  Predicate.hasProperty(cause, "code") && Predicate.isString(cause.code) ? cause.code : "the system gives no reason"
