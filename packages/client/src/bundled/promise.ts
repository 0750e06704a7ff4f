/**
 * The same as `promise`, built into one file with the parts of Effect that it uses, so that a process starts faster.
 *
 * @since 0.1.0
 */
export * from "../promise.js"
