import { Schema } from "effect"

/** Ends a benchmark; its message says which part failed and why. */
export class Failed extends Schema.TaggedError<Failed>()("Failed", { message: Schema.String }) {}

export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** Turns any error into a failure, with words that name the part that failed. */
export const because =
  (words: string) =>
  (error: unknown): Failed =>
    new Failed({ message: `${words}: ${reasonOf(error)}` })
