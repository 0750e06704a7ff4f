import { Schema } from "effect"

/** Ends a benchmark. The message names the part that failed, and says why. */
export class Failed extends Schema.TaggedError<Failed>()("Failed", { message: Schema.String }) {}

export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** Turns any error into a failure, and puts the words before its message. */
export const because =
  (words: string) =>
  (error: unknown): Failed =>
    new Failed({ message: `${words}: ${reasonOf(error)}` })
