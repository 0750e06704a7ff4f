/**
 * The module `promise` in one file, together with the parts of Effect that the module uses, so that a process starts
 * faster. The option `httpClient` is not supported here.
 *
 * @since 0.1.0
 */
export * from "../promise.js"
