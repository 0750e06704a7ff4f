/**
 * The same as `promiseNdjson`, for clients of `bundled/promise`.
 *
 * @since 0.1.0
 */
export * from "../promiseNdjson.js"
