/** Whether a line was reached, in words. */
import type { Options } from "./Options.js"

export type Verdict = (isReached: boolean) => string

/** Of a smoke run, nothing can be said. */
export const of =
  ({ smoke }: Options): Verdict =>
  (isReached) =>
    smoke ? "not judged" : isReached ? "reached" : "missed"
