/**
 * A request as the emulator received it, for tests that assert the requests sent.
 *
 * @since 0.1.0
 */
import type * as Fault from "./Fault.js"

/**
 * One request, exactly as it came, and the status of its response. It holds the keys that the caller sent.
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
  /** The operation's name, such as `getDetails`, or `undefined` if the request was for none. */
  readonly operation: string | undefined
  readonly method: string
  /** Path and query, still percent-encoded. */
  readonly url: string
  /** Names and values as received: neither lower-cased, merged nor sorted. */
  readonly headers: ReadonlyArray<readonly [name: string, value: string]>
  /**
   * The body as text, decompressed. It is empty until it has arrived, if it was refused for its size, and if it alone
   * is larger than the limit for all recorded requests.
   */
  readonly body: string
  /** The status of the response, or `undefined` if none was sent (yet). */
  readonly status: number | undefined
  /** The fault that was shown, or `undefined` if there was none. */
  readonly fault: Fault.Answer["_tag"] | undefined
}
