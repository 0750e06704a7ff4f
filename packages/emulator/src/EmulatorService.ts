/**
 * The emulator as a service, whether it listens on a socket or runs in process. `Emulator` exports this, too.
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
 * The emulator has no webhook with this id, or no longer has one.
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
 * The emulator cannot listen on the address, most often because another process has the port.
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
  /** The value that `X-API-KEY` has to carry. */
  readonly apiKey: Redacted.Redacted
  /** The value that `X-API-SECRET` has to carry. */
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
  /**
   * Removes all webhooks with their rows, all recorded requests and all pending faults. Ids and indexes go on counting,
   * so that a request that is still in flight cannot change a webhook that is created later.
   */
  readonly reset: Effect.Effect<void>
  /**
   * Sends a request to this emulator as the global `fetch` does, but without a socket, for clients that take a `fetch`.
   * It reaches the origin of `baseUrl` alone, and follows no redirects. A connection that breaks rejects with a
   * `TypeError`, whose `cause` has the code, such as `ECONNRESET`.
   */
  readonly fetch: typeof globalThis.fetch
  /** The number of open connections, idle ones included. In process there are none: always 0. */
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
 * Options of an emulator, on a socket or in process. An empty text counts as not given.
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
  /** The value that `X-API-KEY` has to carry. Default: `emulator-key`. */
  readonly apiKey?: string | Redacted.Redacted | undefined
  /** The value that `X-API-SECRET` has to carry. Default: `emulator-secret`. */
  readonly apiSecret?: string | Redacted.Redacted | undefined
  /**
   * `true` to take each object of a pushed list as one row. The real server plausibly takes lists, but nobody has
   * proven it. Default: `false`, which refuses lists.
   */
  readonly arraysAreRows?: boolean | undefined
  /**
   * `true` to accept pushes with the webhook's key alone, without the account's keys. Default: `false`, as published.
   */
  readonly openData?: boolean | undefined
  /** The most bytes of a body after decompression, up to 64 MiB. A larger body gets a 413. Default: 1 MiB. */
  readonly bodyLimit?: number | undefined
  /**
   * The header that has to carry a secure webhook's secret. Default: `Authorization`, which is a guess from a help
   * text.
   */
  readonly secretHeader?: string | undefined
  /** The word before the secret in that header, such as `Bearer`. Default: none. */
  readonly secretScheme?: string | undefined
  /** The number of last requests that are recorded; 0 records none. Default: 10,000. */
  readonly record?: number | undefined
  /**
   * The most bytes of all recorded requests together: their URLs, headers and bodies. The oldest make room for the
   * newest. A body that is larger by itself is not kept. Default: 64 MiB.
   */
  readonly recordBytes?: number | undefined
  /**
   * The age of lists. They show the webhooks that existed so long ago, like the lists of a server that reads from a
   * replica. Default: 0.
   */
  readonly listLag?: Duration.DurationInput | undefined
  /** Makes the keys and secrets of webhooks the same in each run. Default: they come from the `Random` service. */
  readonly seed?: string | number | undefined
}
