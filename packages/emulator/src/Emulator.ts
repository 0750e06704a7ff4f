/**
 * A server that behaves as Mammoth's webhooks do, made from the same contract as the client.
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
 * Options of an emulator on a socket. An empty text counts as not given.
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
   * Host names, without a port, that requests may give beside loopback names and `host`, such as the name of a
   * container. A request for another host gets a 403. If `host` is `0.0.0.0` or `::`, a request may also give any IP
   * address. Default: none.
   */
  readonly allowedHosts?: ReadonlyArray<string> | undefined
  /** The port to listen on. Default: any free port. */
  readonly port?: number | undefined
}

/**
 * Starts an emulator, which runs until the scope ends. It then closes every connection at once, those that clients keep
 * alive and those that a fault has stalled among them.
 *
 * It interprets the operations of `@mammoth-effect/core`, so it accepts and returns the types that they declare. Beyond
 * the published API:
 *
 * - an empty query parameter means "no filter", an unknown one is ignored, and the last of a repeated one counts;
 * - `standard` and `full` responses have `secret` for secure webhooks only, and the real server may differ in this;
 * - nothing is kept on disk, and delays of faults pass in real time, even if a test has a clock of its own;
 * - pages of other origins may push if the webhook's `origins` name them (`*`, or a list with commas), and get a 403 if
 *   not; the way in which the real server reads that list is unproven;
 * - a request for a host that is neither a loopback name nor named in the options gets a 403;
 * - for other processes on this machine there are, outside the base path, `GET /emulator/webhooks/{id}/rows` (with
 *   `?last=50` it returns the last 50), `GET /emulator/requests` (`?from=` an index and `?limit=` at most 1,000, or
 *   `?last=50`) and `DELETE /emulator/requests`, `GET /emulator/requests/{index}`, and `POST` (a `Fault`, as JSON) and
 *   `DELETE /emulator/faults`;
 * - for a person there are, on this machine too, a page at `/` that shows all of it as it changes, and an API reference at
 *   `/docs`.
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
 * An emulator for as long as the layer is in use, by default on a free port of this machine.
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
