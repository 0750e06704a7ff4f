import { Schema } from "effect"

/** The error that ends a benchmark. Its message names the part that failed, and gives the reason. */
export class Failed extends Schema.TaggedError<Failed>()("Failed", { message: Schema.String }) {}

export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** Converts any error to a {@link Failed}. The new message is `words`, followed by the message of the error. */
export const because =
  (words: string) =>
  (error: unknown): Failed =>
    new Failed({ message: `${words}: ${reasonOf(error)}` })
