/** The errors of the promise API, and the function that recognizes these errors. The module `promise` exports both. */
import type { WebhooksError } from "@mammoth-effect/core/WebhooksError"
import type * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Predicate from "effect/Predicate"
import type { AmbiguousName } from "../../AmbiguousName.js"
import type { IngestError } from "../../IngestError.js"
import type { SourceError } from "../../SourceError.js"
import { isError } from "../codec/brand.js"
import { thrownOf } from "../sources/thrown.js"
import { framesOf, type Trace } from "./trace.js"

/** The fields that are not printed, because the message already shows them. */
const told = ["operation", "method", "route", "excerpt", "detail", "description", "omitted"]

type Inspect = (value: unknown, options: unknown) => string

/**
 * An error as plain data, with the stack of the caller. Its printed form has only a few lines. Node shows the name of
 * this class for an uncaught error.
 */
class MammothFailure<Tag extends string> extends Error {
  readonly _tag: Tag

  constructor(tag: Tag, message: string, from: Trace | undefined, cause?: unknown) {
    super(message, cause ? { cause } : undefined)
    this._tag = tag
    const hidden = {
      name: tag,
      stack: `${tag}: ${message}${framesOf(from ?? this)}`,
      toJSON: () => ({ ...this, name: tag, message }),
      // Return the error in a short printed form. Node, Deno and Bun call this function to print an error.
      [Symbol.for("nodejs.util.inspect.custom")]: (_depth: number, options: unknown, inspect: Inspect) => {
        const shown = Object.entries(this).filter(([name, value]) => !Predicate.isObject(value) && !told.includes(name))
        if (tag === "MammothSourceError" && isError(cause)) shown.push(["cause", String(cause)])
        return `${this.stack} ${inspect(Object.fromEntries(shown), options)}`
      }
    }
    for (const name of Reflect.ownKeys(hidden)) {
      Object.defineProperty(this, name, { value: Reflect.get(hidden, name), configurable: true, writable: true })
    }
  }
}

/**
 * No client could be made, because an option or a variable cannot be used. Nothing was sent.
 *
 * @example
 * import { ConfigurationError } from "@mammoth-effect/client/promise"
 *
 * console.log(new ConfigurationError({ reason: "no keys" }).message) // The client cannot be made: no keys
 *
 * @since 0.1.0
 * @category errors
 */
export class ConfigurationError extends MammothFailure<"MammothConfigurationError"> {
  /** The name of the option or variable, and the reason why it cannot be used. */
  readonly reason: string

  constructor({ reason }: { readonly reason: string }, from?: { readonly stack?: string | undefined }) {
    super("MammothConfigurationError", `The client cannot be made: ${reason}`, from)
    this.reason = reason
  }
}

/**
 * The client was closed before this call. Nothing was sent.
 *
 * @example
 * import { ClientClosed } from "@mammoth-effect/client/promise"
 *
 * const isClosed = (error: unknown) => error instanceof ClientClosed
 *
 * @since 0.1.0
 * @category errors
 */
export class ClientClosed extends MammothFailure<"MammothClientClosed"> {
  // Write the type of a trace in full, here and above: users cannot import `Trace`, but their declarations contain it.
  constructor(from?: { readonly stack?: string | undefined }) {
    super(
      "MammothClientClosed",
      "The client is closed, so nothing was sent: make another client or call close later",
      from
    )
  }
}

/** The errors of the Effect API that become plain data when a call rejects. */
type Tagged = WebhooksError | AmbiguousName | IngestError | SourceError

/** An error of the Effect API of this package, or of a package that builds on it, such as the outbox. */
interface AnyTagged extends Error {
  readonly _tag: string
}

/**
 * An error of the Effect API in the form of the promise API: an `Error` with the same `_tag` and fields. Times are in
 * milliseconds.
 *
 * @example
 * import type { WebhooksError } from "@mammoth-effect/client"
 * import type { Plain } from "@mammoth-effect/client/promise"
 *
 * const seconds = ({ duration }: Plain<WebhooksError.TimedOut>): number => duration / 1000
 *
 * @since 0.1.0
 * @category errors
 */
export type Plain<E> = E extends unknown
  ? Error & {
      readonly [Name in Exclude<keyof E, keyof Cause.YieldableError>]: E[Name] extends Duration.Duration | undefined
        ? Millis<E[Name]>
        : E[Name]
    }
  : never

/** Replaces the type `Duration` with `number`, and keeps `undefined`. */
type Millis<A> = A extends Duration.Duration ? number : A

/**
 * Returns the cause of an error. For a transport error, makes the cause from the transport's message and the system's
 * code, without secrets. For a source error, returns the value that the user's source threw.
 */
const causeOf = (error: AnyTagged): unknown => {
  if (!isTagged(error) || error._tag !== "MammothTransportError") return thrownOf(error)
  const { code, description } = error
  const stack = { value: `Error: ${description}`, configurable: true, writable: true }
  return Object.defineProperty(
    Object.assign(new Error(description), code === undefined ? {} : { code }),
    "stack",
    stack
  )
}

/**
 * Converts an error of the Effect API to plain data. The result has the stack of the caller. If no caller is given, the
 * result has the error's own stack.
 */
export function toPlain<E extends AnyTagged>(error: E, from?: Trace): Plain<E>
export function toPlain(error: AnyTagged, from: Trace = error): MammothFailure<string> {
  const fields = Object.entries({
    ...error,
    delivery: Predicate.hasProperty(error, "delivery") ? error.delivery : undefined
  })
  return Object.assign(
    new MammothFailure(error._tag, error.message, from, causeOf(error)),
    Object.fromEntries(
      fields
        .filter(([, value]) => value !== undefined)
        .map(([name, value]) => [name, Duration.isDuration(value) ? Duration.toMillis(value) : value])
    )
  )
}

/**
 * The errors that calls reject with. Each is an `Error` whose fields are plain data: times are in milliseconds, and
 * fields without a value are absent. `_tag` identifies the error, so a `switch` over `_tag` can be exhaustive.
 *
 * In two cases only, a call rejects with another value: the reason of its signal, or the value that your own callback
 * threw.
 *
 * @example
 * import type { MammothError } from "@mammoth-effect/client/promise"
 *
 * export const statusOf = (error: MammothError): number | undefined => ("status" in error ? error.status : undefined)
 *
 * @since 0.1.0
 * @category errors
 */
export type MammothError = Plain<Tagged> | ConfigurationError | ClientClosed

/** The tags of all errors. If the tag of a new error is missing here, the compiler reports it. */
const tags: { readonly [Tag in MammothError["_tag"]]: true } = {
  MammothInvalidRequest: true,
  MammothCredentialsError: true,
  MammothTransportError: true,
  MammothTimedOut: true,
  MammothBadRequest: true,
  MammothUnauthorized: true,
  MammothForbidden: true,
  MammothNotFound: true,
  MammothPayloadTooLarge: true,
  MammothRateLimited: true,
  MammothServerError: true,
  MammothUnexpectedStatus: true,
  MammothDecodeError: true,
  MammothAmbiguousName: true,
  MammothRowRefused: true,
  MammothWrongMode: true,
  MammothSourceError: true,
  MammothConfigurationError: true,
  MammothClientClosed: true
}

const hasTag = (error: unknown): error is { readonly _tag: string } =>
  isError(error) && Predicate.hasProperty(error, "_tag") && Object.hasOwn(tags, String(error._tag))

/**
 * Returns `true` for an error of this SDK. The error's `_tag` then identifies it.
 *
 * @example
 * import { type Client, isMammothError } from "@mammoth-effect/client/promise"
 *
 * export const push = (mammoth: Client, uri: string) =>
 *   mammoth.addData(uri, { order: 1 }).catch((error: unknown) => {
 *     if (isMammothError(error) && error._tag === "MammothPayloadTooLarge") return console.warn("send a smaller document")
 *     throw error
 *   })
 *
 * @since 0.1.0
 * @category errors
 */
export const isMammothError = (error: unknown): error is MammothError => hasTag(error)

/**
 * Returns `true` for an error of the Effect API of any of our packages. This error is converted to plain data before a
 * caller gets it.
 */
export const isAnyTagged = (error: unknown): error is AnyTagged =>
  isError(error)
  && Predicate.hasProperty(error, "_tag")
  && String(error._tag).startsWith("Mammoth")
  && !(error instanceof MammothFailure)

/** Returns `true` for an error of the Effect API of this package. */
export const isTagged = (error: unknown): error is Tagged => hasTag(error) && !(error instanceof MammothFailure)

/**
 * Returns the wait that the server requested in a response, in milliseconds. Returns `undefined` for an error without a
 * requested wait, and for any other value.
 *
 * @example
 * import { retryAfter } from "@mammoth-effect/client/promise"
 *
 * const pause = (error: unknown) => retryAfter(error) ?? 1000
 *
 * @since 0.1.0
 * @category errors
 */
export const retryAfter = (error: unknown): number | undefined =>
  isMammothError(error) && "retryAfter" in error ? error.retryAfter : undefined
