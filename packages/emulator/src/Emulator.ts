/**
 * A server that behaves as Mammoth's webhooks do, made from the same contract as the client.
 *
 * @since 0.1.0
 */
import * as HttpRouter from "@effect/platform/HttpRouter"
import type * as Identifier from "@mammoth-effect/core/Identifier"
import type { Json } from "@mammoth-effect/core/Json"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Predicate from "effect/Predicate"
import * as Random from "effect/Random"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import type * as Fault from "./Fault.js"
import * as Control from "./internal/control.js"
import * as Faulty from "./internal/faulty.js"
import * as Handlers from "./internal/handlers.js"
import * as Journal from "./internal/journal.js"
import * as Page from "./internal/page.js"
import * as Server from "./internal/server.js"
import type { Settings } from "./internal/settings.js"
import * as Store from "./internal/store.js"
import * as View from "./internal/view.js"
import type * as RecordedRequest from "./RecordedRequest.js"

/**
 * There is no webhook with this id, or no longer.
 *
 * @example
 * import { Emulator } from "@mammoth-effect/emulator"
 *
 * console.log(new Emulator.UnknownWebhook({ webhookId: 8 }).message) // The emulator has no webhook 8
 *
 * @since 0.1.0
 * @category errors
 */
export class UnknownWebhook extends Schema.TaggedError<UnknownWebhook>("@mammoth-effect/emulator/UnknownWebhook")(
  "UnknownWebhook",
  { webhookId: Schema.Number }
) {
  override get message(): string {
    return `The emulator has no webhook ${this.webhookId}`
  }
}

/**
 * The address cannot be listened on, most often because another process has the port.
 *
 * @example
 * import { Emulator } from "@mammoth-effect/emulator"
 *
 * console.log(new Emulator.CannotListen({ host: "127.0.0.1", port: 4010, reason: "EADDRINUSE" }).message)
 * // Cannot listen on 127.0.0.1:4010: the port is taken by another process (EADDRINUSE)
 *
 * @since 0.1.0
 * @category errors
 */
export class CannotListen extends Schema.TaggedError<CannotListen>("@mammoth-effect/emulator/CannotListen")(
  "CannotListen",
  {
    host: Schema.String,
    port: Schema.Number,
    /** The system's code, such as `EADDRINUSE`. */
    reason: Schema.String
  }
) {
  override get message(): string {
    const taken = this.reason === "EADDRINUSE" ? "the port is taken by another process (EADDRINUSE)" : this.reason
    return `Cannot listen on ${this.host}:${this.port}: ${taken}`
  }
}

/**
 * A running emulator.
 *
 * @example
 * import { Emulator, Fault } from "@mammoth-effect/emulator"
 * import { Effect } from "effect"
 *
 * const program = Effect.gen(function* () {
 *   const emulator = yield* Emulator.Emulator
 *   yield* emulator.inject(Fault.status(503, { operation: "list" }))
 *   const response = yield* Effect.promise(() => fetch(`${emulator.baseUrl}/workspaces/1/projects/1/webhooks`))
 *   console.log(response.status) // 503
 * }).pipe(Effect.provide(Emulator.layer()))
 *
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** Where the API is, with its base path and without a slash at the end: `http://127.0.0.1:40100/api/v2`. */
  readonly baseUrl: string
  /** What `X-API-KEY` has to carry. */
  readonly apiKey: Redacted.Redacted
  /** What `X-API-SECRET` has to carry. */
  readonly apiSecret: Redacted.Redacted
  /** The rows that a webhook's dataset holds now, in the order in which they came. */
  readonly rows: (
    webhookId: Identifier.Input<Identifier.WebhookId>
  ) => Effect.Effect<ReadonlyArray<Json>, UnknownWebhook>
  /** The recorded requests in order of arrival, the oldest of which may be gone (see `record` of {@link Options}). */
  readonly requests: Effect.Effect<ReadonlyArray<RecordedRequest.RecordedRequest>>
  readonly clearRequests: Effect.Effect<void>
  /** Adds a fault after those that are pending: each request shows at most one, the first that strikes it. */
  readonly inject: (fault: Fault.Fault) => Effect.Effect<void>
  readonly clearFaults: Effect.Effect<void>
  /** How many connections are open, idle ones included. */
  readonly openSockets: Effect.Effect<number>
}

/**
 * The running emulator, for tests and examples.
 *
 * @example
 * import { Emulator } from "@mammoth-effect/emulator"
 * import { Effect } from "effect"
 *
 * const baseUrl = Effect.map(Emulator.Emulator, (emulator) => emulator.baseUrl)
 *
 * @since 0.1.0
 * @category tags
 */
export class Emulator extends Context.Tag("@mammoth-effect/emulator/Emulator")<Emulator, Service>() {}

/**
 * What an emulator is to be like. An empty text counts as not given.
 *
 * @example
 * import type { Emulator } from "@mammoth-effect/emulator"
 *
 * const options: Emulator.Options = { arraysAreRows: true, bodyLimit: 10_000_000, seed: "orders" }
 *
 * @since 0.1.0
 * @category options
 */
export interface Options {
  /** The address to listen on; `127.0.0.1` by default, which other machines cannot reach. */
  readonly host?: string | undefined
  /**
   * Host names, without a port, that requests may give beside loopback names and `host`, such as the name of a
   * container. A request for another host is answered with 403. If `host` is `0.0.0.0` or `::`, a request may also give
   * any IP address. Default: none.
   */
  readonly allowedHosts?: ReadonlyArray<string> | undefined
  /** The port to listen on; by default any that is free. */
  readonly port?: number | undefined
  /** What `X-API-KEY` has to carry; `emulator-key` by default. */
  readonly apiKey?: string | Redacted.Redacted | undefined
  /** What `X-API-SECRET` has to carry; `emulator-secret` by default. */
  readonly apiSecret?: string | Redacted.Redacted | undefined
  /**
   * Whether a list that is pushed is one row for each of its objects; refused by default. That the real server takes
   * lists is plausible and unproven.
   */
  readonly arraysAreRows?: boolean | undefined
  /** Whether pushing works without the account's keys, with the webhook's key alone; by default it does not, as published. */
  readonly openData?: boolean | undefined
  /**
   * How many bytes a body may have after decompression before it is answered with 413, at most 64 MiB. Default: 1 MiB.
   */
  readonly bodyLimit?: number | undefined
  /** The header that has to carry a secure webhook's secret; `Authorization` by default, which is a guess from a help text. */
  readonly secretHeader?: string | undefined
  /** What comes before the secret in that header, such as `Bearer`; nothing by default. */
  readonly secretScheme?: string | undefined
  /** How many of the last requests are recorded; 0 records none. Default: 10,000. */
  readonly record?: number | undefined
  /**
   * How many bytes the recorded requests may have together: their URLs, headers and bodies. The oldest make room for the
   * newest; a body that alone has more is not kept. Default: 64 MiB.
   */
  readonly recordBytes?: number | undefined
  /**
   * How old lists are: they show the webhooks that there were so long before, as a server's lists do that reads from a
   * replica. Default: 0.
   */
  readonly listLag?: Duration.DurationInput | undefined
  /** Makes the keys and secrets of webhooks the same in each run; without it they come from the `Random` service. */
  readonly seed?: string | number | undefined
}

/**
 * Starts an emulator, which runs until the scope ends. It then closes every connection at once, those that clients keep
 * alive and those that a fault has stalled among them.
 *
 * It interprets the operations of `@mammoth-effect/core`, so that what it takes and gives is what they declare. Beyond
 * the published API:
 *
 * - an empty query parameter means "no filter", an unknown one is ignored, and of a repeated one the last counts;
 * - `standard` and `full` answers have `secret` for secure webhooks only, in which the real server may differ;
 * - nothing is kept on disk, and delays of faults pass in real time also where a test has a clock of its own;
 * - pages of other origins may push where the webhook's `origins` name them (`*`, or a list with commas), and are
 *   answered with 403 where not; how the real server takes that list is unproven;
 * - a request for a host that is neither a loopback name nor named in the options is answered with 403;
 * - for other processes on this machine there are, outside the base path, `GET /emulator/webhooks/{id}/rows` (of which
 *   `?last=50` gives the last 50), `GET /emulator/requests` (`?from=` an index and `?limit=` at most 1,000, or `?last=50`)
 *   and `DELETE /emulator/requests`, `GET /emulator/requests/{index}`, and `POST` (a `Fault`, as JSON) and
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
    const settings = settle(options)
    const scope = yield* Effect.scope
    const store = Store.make(
      options.seed === undefined ? yield* Effect.random : Random.make(options.seed),
      settings.listLag
    )
    const journal = Journal.make(settings.record, settings.recordBytes)
    const faults = Faulty.make()
    const { server, sockets } = yield* Effect.mapError(
      Server.listen(settings),
      ({ cause }) => new CannotListen({ host: settings.host, port: settings.port, reason: codeOf(cause) })
    )
    const parts = { settings, store, journal, faults, scope, handlers: Handlers.make(settings, store) }
    const baseUrl = `${Server.origin(server, settings)}${Server.basePath}`
    const secretHeaders = [...Server.keyHeaders, settings.secretHeader]
    const page = yield* Page.make(() => View.make(parts, { baseUrl, secretHeaders }))
    yield* Server.serve(server, parts, HttpRouter.concat(Control.make(parts), page))

    return {
      baseUrl,
      apiKey: settings.apiKey,
      apiSecret: settings.apiSecret,
      rows: (webhookId) =>
        Effect.suspend(() => {
          const entry = store.byId(webhookId)
          return entry === undefined
            ? Effect.fail(new UnknownWebhook({ webhookId }))
            : Effect.succeed(entry.rows.slice())
        }),
      requests: Effect.sync(journal.all),
      clearRequests: Effect.sync(journal.clear),
      inject: (fault) => Effect.sync(() => faults.inject(fault)),
      clearFaults: Effect.sync(faults.clear),
      openSockets: Effect.sync(() => sockets.size)
    }
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

/** An empty text, as an unset variable of the environment gives it, counts as none. */
const orElse = (text: string | undefined, otherwise: string): string =>
  text === undefined || text === "" ? otherwise : text

const key = (given: string | Redacted.Redacted | undefined, otherwise: string): Redacted.Redacted =>
  Redacted.make(orElse(Redacted.isRedacted(given) ? Redacted.value(given) : given, otherwise))

const mebibyte = 1024 * 1024

/** A body of this size, written as JSON with every character escaped, still fits into a string of Node. */
const mostBody = 64 * mebibyte

const settle = (options: Options): Settings => ({
  host: orElse(options.host, "127.0.0.1"),
  allowedHosts: (options.allowedHosts ?? []).filter((name) => name !== ""),
  port: options.port ?? 0,
  apiKey: key(options.apiKey, "emulator-key"),
  apiSecret: key(options.apiSecret, "emulator-secret"),
  arraysAreRows: options.arraysAreRows ?? false,
  openData: options.openData ?? false,
  bodyLimit: Math.min(options.bodyLimit ?? mebibyte, mostBody),
  secretHeader: orElse(options.secretHeader, "authorization").toLowerCase(),
  secretScheme: options.secretScheme === "" ? undefined : options.secretScheme,
  record: options.record ?? 10_000,
  recordBytes: options.recordBytes ?? 64 * mebibyte,
  listLag: Duration.toMillis(options.listLag ?? 0)
})

const codeOf = (cause: unknown): string =>
  Predicate.hasProperty(cause, "code") && Predicate.isString(cause.code) ? cause.code : "the system gives no reason"
