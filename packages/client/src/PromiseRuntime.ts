/**
 * Runs effects and streams as promises and async iterables, as the module `promise` does. Packages with their own
 * promise API, such as the outbox, use this module.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import type * as Either from "effect/Either"
import type * as Layer from "effect/Layer"
import * as Predicate from "effect/Predicate"
import type * as Redacted from "effect/Redacted"
import type * as Stream from "effect/Stream"
import type { Credentials } from "./Credentials.js"
import * as Abort from "./internal/http/abort.js"
import { identify } from "./internal/http/call.js"
import * as Mask from "./internal/http/mask.js"
import { revealed } from "./internal/http/revealed.js"
import * as Calls from "./internal/promise/calls.js"
import { iterate } from "./internal/promise/iteration.js"
import * as RowSchemas from "./internal/promise/rowSchema.js"
import * as Services from "./internal/promise/services.js"
import * as Traces from "./internal/promise/trace.js"
import type * as Issue from "./Issue.js"
import * as Operations from "./Operations.js"
import type { Options } from "./promise.js"
import type { RowSchema } from "./RowSchema.js"
import type * as Webhooks from "./Webhooks.js"

/**
 * The signals that end a call.
 *
 * @since 0.1.0
 * @category options
 */
export interface Signals {
  /** The caller's signal. When it is aborted, the call ends, and the promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal | undefined
  /**
   * The signal that is aborted when a client is closed. The call then ends, and the promise is rejected with the error
   * of a closed client.
   */
  readonly closing?: AbortSignal | undefined
}

/**
 * The public function that the program called. If the program passed a signal that is not an `AbortSignal`, the error
 * names this function.
 *
 * @since 0.1.0
 * @category models
 */
export type Method = (...args: never) => unknown

/**
 * Returns true if a value is an `AbortSignal`. The signal can come from a polyfill or from another realm.
 *
 * @example
 * import * as PromiseRuntime from "@mammoth-effect/client/PromiseRuntime"
 *
 * console.log(PromiseRuntime.isAbortSignal(new AbortController().signal)) // true
 *
 * @since 0.1.0
 * @category guards
 */
export const isAbortSignal: (given: unknown) => given is AbortSignal = Abort.isAbortSignal

/**
 * The stack of a caller. An error shows this stack instead of the SDK's own stack.
 *
 * @since 0.1.0
 * @category models
 */
export interface Trace extends Traces.Trace {}

/**
 * Records the stack of a method's caller. Call this function before the method returns or waits.
 *
 * @example
 * import * as PromiseRuntime from "@mammoth-effect/client/PromiseRuntime"
 *
 * const connect = () => PromiseRuntime.layer({ timeout: "10 seconds" }, PromiseRuntime.traceOf(connect))
 *
 * @since 0.1.0
 * @category constructors
 */
export const traceOf: (method: Method) => Trace = Traces.traceOf

/**
 * Runs effects and streams that need the services `R`.
 *
 * @since 0.1.0
 * @category models
 */
export interface PromiseRuntime<in R> {
  /**
   * Runs an effect. If the effect fails, the promise is rejected with the error as plain data, and the error has the
   * stack of the method's caller. The promise can also be rejected with the signal's reason, or with a defect.
   */
  readonly run: <A, E>(method: Method, effect: Effect.Effect<A, E, R>, signals?: Signals) => Promise<A>
  /**
   * Makes an async iterable from a stream. Each loop over the iterable starts the stream again. Leaving the loop ends
   * the stream.
   */
  readonly iterate: <A, E>(method: Method, stream: Stream.Stream<A, E, R>) => AsyncIterable<A>
  /** Rejects new calls, waits for the calls in flight, and releases the resources of the layer. */
  readonly close: () => Promise<void>
}

/**
 * Makes a runtime from a layer. The first effect that runs builds the layer.
 *
 * @param layer the services that the effects need
 * @param closedError makes the error for calls after `close`
 * @example
 * import * as PromiseRuntime from "@mammoth-effect/client/PromiseRuntime"
 * import { Effect, Layer } from "effect"
 *
 * export const main = async () => {
 *   const { close, run } = PromiseRuntime.make(Layer.empty, () => new Error("it is closed"))
 *   console.log(await run(main, Effect.succeed(1 + 1)))
 *   await close()
 * }
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = <R, E>(layer: Layer.Layer<R, E>, closedError: () => Error): PromiseRuntime<R> => {
  const { close, run } = Calls.make(layer, closedError)
  const called = (method: Method) => Calls.called(method, identify(Operations.addData, method.name))
  return {
    run: (method, effect, signals) => run(called(method), effect, { signal: signals?.signal }, signals?.closing),
    iterate: (method, stream) => {
      const made = called(method)
      return iterate(stream, (effect, left) => run(made, effect, {}, left))
    },
    close
  }
}

/**
 * Makes the operations and their credentials from the options of `makeClient`. The function reads options and variables
 * immediately. It throws a `ConfigurationError` if an option or a variable cannot be used.
 *
 * @param options the options of a client
 * @param from the stack that a `ConfigurationError` shows. Default: the stack of the code that called `layer`
 * @example
 * import { Webhooks } from "@mammoth-effect/client"
 * import * as PromiseRuntime from "@mammoth-effect/client/PromiseRuntime"
 * import { Effect } from "effect"
 *
 * const deleteWebhook = (webhookId: number) =>
 *   Webhooks.delete({ workspaceId: 4, projectId: 4, webhookId }).pipe(
 *     Effect.provide(PromiseRuntime.layer({ timeout: "10 seconds" }))
 *   )
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (options: Options, from: Trace = traceOf(layer)): Layer.Layer<Webhooks.Webhooks | Credentials> =>
  Services.layer(options, from)

/**
 * Makes a row schema, which encodes rows, from a schema of Effect or a Standard Schema (zod, valibot, arktype and
 * others). If `schema` is `undefined`, rows are sent unchanged, and the encoder refuses values that JSON would change
 * or drop. Returns an issue for any other value.
 *
 * @example
 * import * as PromiseRuntime from "@mammoth-effect/client/PromiseRuntime"
 *
 * const schema = PromiseRuntime.rowSchema<{ readonly id: number }>(undefined)
 *
 * @since 0.1.0
 * @category schemas
 */
export const rowSchema: <A>(schema: unknown) => Either.Either<RowSchema<A>, Issue.Issue> = RowSchemas.make

/**
 * Masks secrets in a string, and cuts the string after `most` characters. Finds a secret even if it is in base64, or if
 * its characters are escaped as in JSON, URLs or HTML. Also masks the keys in webhook addresses, and JSON properties
 * such as `password`.
 *
 * @param text the string, such as the message of an error. Only the first 2,000 characters are searched
 * @param secrets the secrets. White space at the ends of a secret is ignored
 * @param most the maximum length of the result, in characters. Default: 500
 * @example
 * import * as PromiseRuntime from "@mammoth-effect/client/PromiseRuntime"
 *
 * console.log(PromiseRuntime.conceal("no user a%20key", ["a key"])) // no user <redacted>
 *
 * @since 0.1.0
 * @category secrets
 */
export const conceal = (text: string, secrets: ReadonlyArray<string | Redacted.Redacted>, most?: number): string => {
  const known = secrets.map(revealed).filter(Predicate.isString)
  return Mask.short({ secrets: known.map((secret) => secret.trim()) }, text, most)
}
