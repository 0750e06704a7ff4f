/**
 * The same as `promiseCsv`, for clients of `bundled/promise`.
 *
 * @since 0.1.0
 */
export * from "../promiseCsv.js"
