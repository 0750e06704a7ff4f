/** Recognizes the built-in kinds of objects. Unlike `instanceof`, a brand also fits objects of other realms. */

/** Returns the name of the built-in kind of a value, such as `Map`, or `Object` for a user's class. */
export const brandOf = (value: unknown): string => Object.prototype.toString.call(value).slice("[object ".length, -1)

/** Recognizes errors of any realm, because a test runner may load this module into its own realm. */
export const isError = (value: unknown): value is Error => ["Error", "DOMException"].includes(brandOf(value))
