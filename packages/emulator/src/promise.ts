/**
 * Offers the emulator to programs and tests that do not use Effect: promises, plain options and plain results.
 *
 * @since 0.1.0
 */
/// <reference lib="esnext.disposable" preserve="true" />
import * as Issue from "@mammoth-effect/core/Issue"
import type { Json } from "@mammoth-effect/core/Json"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"
import type * as SocketEmulator from "./Emulator.js"
import * as EmulatorService from "./EmulatorService.js"
import type * as Fault from "./Fault.js"
import * as InProcess from "./InProcess.js"
import { atCaller, InvalidArgument } from "./internal/promise/errors.js"
import * as Faults from "./internal/promise/faults.js"
import * as Read from "./internal/promise/read.js"
import * as Settings from "./internal/promise/settings.js"
import { variables } from "./internal/variables.js"
import type * as Received from "./RecordedRequest.js"

export { CannotListen, UnknownWebhook } from "./EmulatorService.js"

export { InvalidArgument }

/**
 * The options of an emulator. You can leave out any option. An option that is an empty string counts as left out.
 *
 * @example
 * import type { Options } from "@mammoth-effect/emulator/promise"
 *
 * const unitTest: Options = { listen: false, seed: "orders" }
 * const integrationTest: Options = { bodyLimit: 10_000_000, listLag: 200 }
 *
 * @since 0.1.0
 * @category options
 */
export interface Options extends Omit<SocketEmulator.Options, "apiKey" | "apiSecret" | "listLag"> {
  /**
   * If false, the emulator opens no port. Only its own `fetch` then reaches the emulator, and the options `host`, `port`
   * and `allowedHosts` are refused. Default: `true`.
   */
  readonly listen?: boolean | undefined
  /** The value that requests must send as `X-API-KEY`. Default: `emulator-key`. */
  readonly apiKey?: string | undefined
  /** The value that requests must send as `X-API-SECRET`. Default: `emulator-secret`. */
  readonly apiSecret?: string | undefined
  /**
   * The delay until a list shows that a webhook was created or deleted, in milliseconds. A list shows the webhooks that
   * existed this long ago, as if the server read the list from a replica. Default: 0, which means that lists are up to
   * date.
   */
  readonly listLag?: number | undefined
}

/**
 * The name of a fault:
 *
 * - `status`: a response with this status, and exactly the given headers and body;
 * - `lostResponse`: the operation acts, so that a row is written, and then the connection is reset;
 * - `reset`: the connection is reset at a stage of the response;
 * - `stall`: the response stops at a stage, and the connection stays open;
 * - `delay`: the operation's usual response, late;
 * - `truncated`: half of the response's body, and then the connection is closed normally;
 * - `cutJson`: a complete response whose JSON ends in the middle;
 * - `wrongJson`: well-formed JSON whose shape differs from the operation's response;
 * - `html`: an HTML page, such as a gateway sends, with the given status or the operation's usual status;
 * - `contentType`: the operation's usual response, but with the given content type;
 * - `gzipLie`: the operation's usual response, with headers that say gzip, and a body that is not compressed.
 *
 * @since 0.1.0
 * @category models
 */
export type FaultName = Faults.Name

/**
 * The options of every fault: the requests to which the fault applies, whether the emulator still carries out the
 * operation, and the delays.
 *
 * @since 0.1.0
 * @category options
 */
export interface FaultOptions extends Omit<Fault.Fault, "answer"> {}

/**
 * A fault as plain data. You may leave out `fault` if you give a status or only a delay.
 *
 * `stage` is the stage at which the response breaks off: `"start"`, before its first byte; `"headers"`, after its
 * headers; or `"body"`, in the middle of its body. Default: `"start"`.
 *
 * @example
 * import type { FailOptions } from "@mammoth-effect/emulator/promise"
 *
 * const faults: ReadonlyArray<FailOptions> = [
 *   { operation: "addData", status: 429, headers: { "retry-after": "1" }, times: 2 },
 *   { operation: "addData", fault: "lostResponse" },
 *   { fault: "reset", stage: "headers", times: "every" },
 *   { delayAfter: 2000 }
 * ]
 *
 * @since 0.1.0
 * @category options
 */
export type FailOptions =
  | (FaultOptions & {
      readonly fault?: "status" | undefined
      readonly status: number
      readonly headers?: { readonly [name: string]: string } | undefined
      readonly body?: string | undefined
    })
  | (FaultOptions & { readonly fault?: "delay" | undefined } & (
        | { readonly delayBefore: number }
        | { readonly delayAfter: number }
      ))
  | (Omit<FaultOptions, "acts"> & { readonly fault: "lostResponse" })
  | (FaultOptions & { readonly fault: "reset" | "stall"; readonly stage?: Fault.Stage | undefined })
  | (FaultOptions & { readonly fault: "truncated" | "cutJson" | "wrongJson" | "gzipLie" })
  | (FaultOptions & { readonly fault: "html"; readonly status?: number | undefined })
  | (FaultOptions & { readonly fault: "contentType"; readonly contentType: string })

/**
 * A request exactly as it arrived, and the status of its response. The record includes the keys that the caller sent.
 *
 * @example
 * import type { RecordedRequest } from "@mammoth-effect/emulator/promise"
 *
 * const line = ({ operation, status, fault }: RecordedRequest) => `${operation} ${status} ${fault ?? ""}`
 *
 * @since 0.1.0
 * @category models
 */
export interface RecordedRequest extends Omit<Received.RecordedRequest, "fault"> {
  /** The name of the fault that was shown, or `undefined` if there was none. For a lost response, the name is `reset`. */
  readonly fault: Exclude<FaultName, "lostResponse"> | undefined
}

/**
 * A running emulator.
 *
 * @example
 * import { makeClient } from "@mammoth-effect/client/promise"
 * import type { Emulator } from "@mammoth-effect/emulator/promise"
 *
 * const clientOf = ({ baseUrl, credentials, fetch }: Emulator) => makeClient({ baseUrl, credentials, fetch })
 *
 * @since 0.1.0
 * @category models
 */
export interface Emulator {
  /** The address of the API, with its base path and without a slash at the end: `http://127.0.0.1:40100/api/v2`. */
  readonly baseUrl: string
  /** The keys that requests must send, in the form of the option `credentials` of `makeClient`. */
  readonly credentials: { readonly apiKey: string; readonly apiSecret: string }
  /** The address and the keys as environment variables, for another process or for the option `env` of `makeClient`. */
  readonly env: Readonly<
    Record<"MAMMOTH_BASE_URL" | "MAMMOTHANALYTICS_API_KEY" | "MAMMOTHANALYTICS_API_SECRET", string>
  >
  /**
   * Sends a request to this emulator as the global `fetch` does, but without a socket. This function reaches only the
   * origin of `baseUrl`, and follows no redirects.
   */
  readonly fetch: typeof globalThis.fetch
  /**
   * Returns the rows that a webhook's dataset holds now, in order of arrival. Throws {@link UnknownWebhook} if the
   * webhook does not exist.
   *
   * @param webhook the webhook, or its id
   */
  readonly rows: (webhook: number | { readonly id: number }) => ReadonlyArray<Json>
  /** The requests recorded so far, in order of arrival. Each access returns the current list. */
  readonly requests: ReadonlyArray<RecordedRequest>
  /**
   * Adds a fault after the pending faults. If several faults apply to a request, only the first has an effect.
   * Throws {@link InvalidArgument} if the options cannot be used.
   *
   * @param fault the fault, and the requests to which it applies; by default the next request, of any operation
   */
  readonly fail: (fault: FailOptions) => void
  /** Removes the pending faults, such as a fault that applies to every request. */
  readonly clearFaults: () => void
  /** Forgets the recorded requests. */
  readonly clearRequests: () => void
  /**
   * Removes all webhooks with their rows, all recorded requests and all pending faults, for instance after each test.
   * Ids are not used again, so a request in flight cannot change a webhook that is created later.
   */
  readonly reset: () => void
  /** Closes the port and every connection immediately. Rows and requests can still be read. */
  readonly close: () => Promise<void>
  /** Closes the emulator as `close` does, for `await using`. */
  readonly [Symbol.asyncDispose]: () => Promise<void>
  /** Returns only the address, so that a log of the emulator shows neither keys nor requests. */
  readonly toJSON: () => { readonly baseUrl: string }
}

/**
 * Starts an emulator of Mammoth's webhooks in this process, by default on a free port of this machine. Rejects with
 * {@link CannotListen}, or with {@link InvalidArgument} if the options cannot be used.
 *
 * Delays of faults pass in real time. The port keeps the process running until `close`.
 *
 * @example
 * import { startEmulator } from "@mammoth-effect/emulator/promise"
 *
 * export const main = async () => {
 *   await using emulator = await startEmulator()
 *   emulator.fail({ operation: "list", status: 503 })
 *   const response = await fetch(`${emulator.baseUrl}/workspaces/4/projects/4/webhooks`)
 *   console.log(response.status, emulator.requests.length) // 503 1
 * }
 *
 * @example
 * import { makeClient } from "@mammoth-effect/client/promise"
 * import { startEmulator } from "@mammoth-effect/emulator/promise"
 *
 * export const pushes = async () => {
 *   const { baseUrl, credentials, fetch, rows } = await startEmulator({ listen: false })
 *   const mammoth = makeClient({ baseUrl, credentials, fetch })
 *   const orders = await mammoth.ensure("orders", { workspaceId: 4, projectId: 4, mode: "combine" })
 *   await mammoth.addData(orders, { order: 1 })
 *   console.log(rows(orders)) // [{ order: 1 }]
 * }
 *
 * @since 0.1.0
 * @category constructors
 */
export const startEmulator = (options: Options = {}): Promise<Emulator> => {
  const fromCaller = atCaller(startEmulator)
  return Either.match(Settings.read(options), {
    onLeft: (refusal) => Promise.reject(fromCaller(refusal)),
    onRight: ({ listen, ...settings }) => {
      const runtime = ManagedRuntime.make(listen === false ? InProcess.layer(settings) : onSocket(settings))
      const close = () => runtime.dispose()
      return runtime
        .runPromiseExit(EmulatorService.Emulator)
        .then((exit) =>
          Exit.isSuccess(exit)
            ? toEmulator(exit.value, close)
            : close().then(() => Promise.reject(rejection(exit.cause, fromCaller)))
        )
    }
  })
}

/** Returns the error of a cause, with the caller's stack. Returns the defect if the cause has no error. */
const rejection = (
  cause: Cause.Cause<EmulatorService.CannotListen>,
  fromCaller: ReturnType<typeof atCaller>
): unknown =>
  Option.match(Cause.failureOption(cause), {
    onNone: () => Cause.squash(cause),
    onSome: (error) => fromCaller(Cause.originalError(error))
  })

/** Loads the code for sockets when an emulator first needs it, because loading this code takes about 0.1 seconds. */
const onSocket = (settings: SocketEmulator.Options) =>
  Layer.unwrapEffect(
    Effect.map(
      Effect.promise(() => import("./Emulator.js")),
      ({ layer }) => layer(settings)
    )
  )

const toEmulator = (service: EmulatorService.Service, close: () => Promise<void>): Emulator => {
  const rows: Emulator["rows"] = (webhook) =>
    Either.flatMap(idOf(webhook), (id) => Effect.runSync(Effect.either(service.rows(id)))).pipe(
      Either.getOrThrowWith((error) => atCaller(rows)(error))
    )
  const fail: Emulator["fail"] = (options) =>
    Effect.runSync(service.inject(Either.getOrThrowWith(Faults.read(options), (error) => atCaller(fail)(error))))

  return {
    baseUrl: service.baseUrl,
    // Define these properties as getters, so that a log of the emulator does not show their values.
    get credentials() {
      return { apiKey: Redacted.value(service.apiKey), apiSecret: Redacted.value(service.apiSecret) }
    },
    get env() {
      return variables(service)
    },
    get requests() {
      return Effect.runSync(service.requests).map((request) => ({
        ...request,
        fault: request.fault && Faults.nameOf[request.fault]
      }))
    },
    fetch: service.fetch,
    rows,
    fail,
    clearFaults: () => Effect.runSync(service.clearFaults),
    clearRequests: () => Effect.runSync(service.clearRequests),
    reset: () => Effect.runSync(service.reset),
    close,
    [Symbol.asyncDispose]: close,
    toJSON: () => ({ baseUrl: service.baseUrl })
  }
}

/**
 * Returns the id of a webhook. Accepts the webhook or its id. Refuses any other value, because programs without types may
 * pass a name or a key.
 */
const idOf = (webhook: unknown): Either.Either<number, InvalidArgument> => {
  const id = Predicate.hasProperty(webhook, "id") ? webhook.id : webhook
  return Predicate.isNumber(id)
    ? Either.right(id)
    : Read.refuse("rows", `expected a webhook or its id, received ${Issue.shape(webhook)}`)
}
