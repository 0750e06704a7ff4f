/**
 * Declares a request as the emulator received it, for tests that assert the requests sent.
 *
 * @since 0.1.0
 */
import type * as Fault from "./Fault.js"

/**
 * A request exactly as it arrived, and the status of its response. It holds the keys that the caller sent.
 *
 * @example
 * import type { RecordedRequest } from "@mammoth-effect/emulator"
 *
 * const line = (request: RecordedRequest.RecordedRequest) => `${request.method} ${request.url} → ${request.status}`
 *
 * @since 0.1.0
 * @category models
 */
export interface RecordedRequest {
  /** The number of requests that arrived before this one since the emulator started. */
  readonly index: number
  /** The name of the operation, such as `getDetails`, or `undefined` if the request was for no operation. */
  readonly operation: string | undefined
  readonly method: string
  /** Path and query, still percent-encoded. */
  readonly url: string
  /** Names and values as received: not lower-cased, not merged, and not sorted. */
  readonly headers: ReadonlyArray<readonly [name: string, value: string]>
  /**
   * The body as text, decompressed. It is empty until the body has arrived. It stays empty if the body was refused, or is
   * larger than the limit for all recorded requests together.
   */
  readonly body: string
  /** The status of the response, or `undefined` if no response was sent, or none yet. */
  readonly status: number | undefined
  /** The fault that was shown, or `undefined` if there was none. */
  readonly fault: Fault.Answer["_tag"] | undefined
}
