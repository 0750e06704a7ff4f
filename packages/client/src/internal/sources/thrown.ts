/** Remembers the values that sources threw, because the message of a `SourceError` does not show them. */
import type { SourceError } from "../../SourceError.js"

const values = new WeakMap<SourceError, unknown>()

/** Remembers the value that a source threw, and returns the source's error. */
export const withThrown = (error: SourceError, thrown: unknown): SourceError => {
  values.set(error, thrown)
  return error
}

/** Returns the value that a source threw, or `undefined` if the error has another reason. */
export const thrownOf = (error: SourceError): unknown => values.get(error)
