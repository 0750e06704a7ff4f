/**
 * Re-exports the module `JsonText` of `@mammoth-effect/core`, for programs that depend on the client only.
 *
 * @since 0.1.0
 */
export * from "@mammoth-effect/core/JsonText"
