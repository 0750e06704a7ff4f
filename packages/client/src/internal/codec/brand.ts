/**
 * Recognizes the kinds of built-in objects, such as `Map` or `Error`. Unlike `instanceof`, this also works for objects
 * of other realms.
 */

/** Returns the name of a value's built-in kind, such as `Map`. Returns `Object` for an instance of a user's class. */
export const brandOf = (value: unknown): string => Object.prototype.toString.call(value).slice("[object ".length, -1)

/** Returns `true` for an error of any realm. A test runner may load this module into a separate realm. */
export const isError = (value: unknown): value is Error => ["Error", "DOMException"].includes(brandOf(value))
