/**
 * The module `promiseCsv`, for clients that `bundled/promise` makes.
 *
 * @since 0.1.0
 */
export * from "../promiseCsv.js"
