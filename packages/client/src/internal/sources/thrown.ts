/** Remembers the values that sources threw, because the message of a `SourceError` does not show them. */

const values = new WeakMap<object, unknown>()

/** Remembers the value that a source threw, and returns the error of the source. */
export const withThrown = <E extends object>(error: E, thrown: unknown): E => {
  values.set(error, thrown)
  return error
}

/** Returns the value that a source threw, or `undefined` if the error has another reason. */
export const thrownOf = (error: object): unknown => values.get(error)
