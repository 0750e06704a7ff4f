/**
 * Declares a recorded request of the emulator, for tests that check which requests a client sent.
 *
 * @since 0.1.0
 */
import type * as Fault from "./Fault.js"

/**
 * A request exactly as it arrived, and the status of its response. The record includes the keys that the caller sent.
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
  /** The name of the operation, such as `getDetails`, or `undefined` if the request matched no operation. */
  readonly operation: string | undefined
  readonly method: string
  /** The path and the query, still percent-encoded. */
  readonly url: string
  /** The names and values of the headers as received, with their case, their order and repeated names. */
  readonly headers: ReadonlyArray<readonly [name: string, value: string]>
  /**
   * The decompressed body as a string. The string is empty until the body has arrived. It stays empty if the emulator
   * refused the body, or if the body is larger than the limit for all recorded requests together.
   */
  readonly body: string
  /** The status of the response, or `undefined` if no response has been sent. */
  readonly status: number | undefined
  /** The tag of the fault that was shown, or `undefined` if there was none. */
  readonly fault: Fault.Answer["_tag"] | undefined
}
