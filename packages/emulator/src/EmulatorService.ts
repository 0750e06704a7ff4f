/**
 * Declares the service of an emulator, on a socket or in process. The module `Emulator` exports the service, too.
 *
 * @since 0.1.0
 */
import type * as Identifier from "@mammoth-effect/core/Identifier"
import type { Json } from "@mammoth-effect/core/Json"
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import type * as Fault from "./Fault.js"
import type * as RecordedRequest from "./RecordedRequest.js"

/**
 * The emulator has no webhook with this id. It never had this webhook, or the webhook was deleted.
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
  "MammothUnknownWebhook",
  { webhookId: Schema.Number }
) {
  override get message(): string {
    return `The emulator has no webhook ${this.webhookId}`
  }
}

/**
 * The emulator cannot listen on the address. Most often, another process uses the port.
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
  "MammothCannotListen",
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
  /** The address of the API, with its base path and without a slash at the end: `http://127.0.0.1:40100/api/v2`. */
  readonly baseUrl: string
  /** The value that requests must send as `X-API-KEY`. */
  readonly apiKey: Redacted.Redacted
  /** The value that requests must send as `X-API-SECRET`. */
  readonly apiSecret: Redacted.Redacted
  /** Returns the rows that a webhook's dataset holds now, in order of arrival. */
  readonly rows: (
    webhookId: Identifier.Input<Identifier.WebhookId>
  ) => Effect.Effect<ReadonlyArray<Json>, UnknownWebhook>
  /** Returns the recorded requests in order of arrival. The option `record` limits the number of recorded requests. */
  readonly requests: Effect.Effect<ReadonlyArray<RecordedRequest.RecordedRequest>>
  readonly clearRequests: Effect.Effect<void>
  /** Adds a fault after the pending faults. If several faults apply to a request, only the first has an effect. */
  readonly inject: (fault: Fault.Fault) => Effect.Effect<void>
  readonly clearFaults: Effect.Effect<void>
  /**
   * Removes all webhooks with their rows, all recorded requests and all pending faults. Ids and indexes are not used again,
   * so a request in flight cannot change a webhook that is created later.
   */
  readonly reset: Effect.Effect<void>
  /**
   * Sends a request to this emulator as the global `fetch` does, but without a socket. Pass this function to a client
   * that accepts a `fetch`. The function reaches only the origin of `baseUrl`, and follows no redirects. If a connection
   * breaks, `fetch` rejects with a `TypeError` whose `cause` has the code, such as `ECONNRESET`.
   */
  readonly fetch: typeof globalThis.fetch
  /** Returns the number of open connections, including idle ones. In process it is always 0. */
  readonly openSockets: Effect.Effect<number>
}

/**
 * The tag of the running emulator, for tests and examples.
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
 * The options of an emulator, on a socket or in process. An option that is an empty string counts as left out.
 *
 * @example
 * import type { InProcess } from "@mammoth-effect/emulator"
 *
 * const options: InProcess.Options = { arraysAreRows: true, bodyLimit: 10_000_000, seed: "orders" }
 *
 * @since 0.1.0
 * @category options
 */
export interface Options {
  /** The value that requests must send as `X-API-KEY`. Default: `emulator-key`. */
  readonly apiKey?: string | Redacted.Redacted | undefined
  /** The value that requests must send as `X-API-SECRET`. Default: `emulator-secret`. */
  readonly apiSecret?: string | Redacted.Redacted | undefined
  /**
   * If true, each object of a pushed list becomes a row. The real server probably accepts lists, but this is not proven.
   * Default: `false`, which refuses lists.
   */
  readonly arraysAreRows?: boolean | undefined
  /**
   * If true, the webhook's key alone is enough for a push, without the account's keys. Default: `false`, as published.
   */
  readonly openData?: boolean | undefined
  /** The maximum size of a decompressed body, in bytes: up to 64 MiB. A larger body gets a 413. Default: 1 MiB. */
  readonly bodyLimit?: number | undefined
  /**
   * The header in which a push must send the secret of a secure webhook. Default: `Authorization`, which only a help
   * article of Mammoth describes.
   */
  readonly secretHeader?: string | undefined
  /** The word before the secret in the header `secretHeader`, such as `Bearer`. Default: none. */
  readonly secretScheme?: string | undefined
  /**
   * The maximum number of recorded requests. The newest requests replace the oldest. With 0, the emulator records no
   * request. Default: 10,000.
   */
  readonly record?: number | undefined
  /**
   * The maximum size of all recorded requests together, in bytes: URLs, headers and bodies. The newest requests replace
   * the oldest. A single body that is too large is not recorded. Default: 64 MiB.
   */
  readonly recordBytes?: number | undefined
  /**
   * The delay until a list shows that a webhook was created or deleted. A list shows the webhooks that existed this long
   * ago, as if the server read the list from a replica. Default: 0, which means that lists are up to date.
   */
  readonly listLag?: Duration.DurationInput | undefined
  /**
   * The seed of the webhooks' keys and secrets. The same seed gives the same keys and secrets in each run. Default: the
   * `Random` service decides.
   */
  readonly seed?: string | number | undefined
}
