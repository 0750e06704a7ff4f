/** The errors of the promise API, and the check that recognizes them. `promise` exports them. */
import type { WebhooksError } from "@mammoth-effect/core/WebhooksError"
import * as Duration from "effect/Duration"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import type { AmbiguousName } from "../../AmbiguousName.js"
import type { IngestError } from "../../IngestError.js"
import type { SourceError } from "../../SourceError.js"
import { isError } from "../codec/brand.js"

/**
 * The client was made with options or variables that cannot be used; nothing was sent.
 *
 * @example
 * import { ConfigurationError } from "@mammoth-effect/client/promise"
 *
 * console.log(new ConfigurationError({ reason: "no keys" }).message) // The client cannot be made: no keys
 *
 * @since 0.1.0
 * @category errors
 */
export class ConfigurationError extends Schema.TaggedError<ConfigurationError>(
  "@mammoth-effect/client/ConfigurationError"
)("MammothConfigurationError", {
  /** The name of the option or variable, and the reason why it cannot be used. */
  reason: Schema.String
}) {
  override get message(): string {
    return `The client cannot be made: ${this.reason}`
  }
}

/**
 * The client was closed before this call; nothing was sent.
 *
 * @example
 * import { ClientClosed } from "@mammoth-effect/client/promise"
 *
 * const isClosed = (error: unknown) => error instanceof ClientClosed
 *
 * @since 0.1.0
 * @category errors
 */
export class ClientClosed extends Schema.TaggedError<ClientClosed>("@mammoth-effect/client/ClientClosed")(
  "MammothClientClosed",
  {}
) {
  override get message(): string {
    return "The client has been closed, and nothing was sent: make another, or close it later"
  }
}

/**
 * The errors that calls reject with, except the reason of a signal that was aborted.
 *
 * @since 0.1.0
 * @category errors
 */
export type MammothError = WebhooksError | AmbiguousName | IngestError | SourceError | ConfigurationError | ClientClosed

/** Every tag, so that a new error cannot be forgotten here. */
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

/**
 * Is this an error of this SDK, so that its `_tag` tells which?
 *
 * @example
 * import { type Client, isMammothError } from "@mammoth-effect/client/promise"
 *
 * export const push = (mammoth: Client, uri: string) =>
 *   mammoth.addData(uri, { order: 1 }).catch((error: unknown) => {
 *     if (isMammothError(error) && error._tag === "MammothPayloadTooLarge") return console.warn("send less at once")
 *     throw error
 *   })
 *
 * @since 0.1.0
 * @category errors
 */
export const isMammothError = (error: unknown): error is MammothError =>
  isError(error) && Predicate.hasProperty(error, "_tag") && Object.hasOwn(tags, String(error._tag))

/**
 * Returns the time that the server asks to wait, in milliseconds. Returns `undefined` if the server does not say, or
 * for any other error.
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
  isMammothError(error)
  && (error._tag === "MammothRateLimited" || error._tag === "MammothServerError")
  && error.retryAfter !== undefined
    ? Duration.toMillis(error.retryAfter)
    : undefined
