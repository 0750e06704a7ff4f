/** The built-in kinds of objects. Unlike `instanceof`, a brand also knows the objects of other realms. */

/** Names the built-in kind of a value, such as `Map`; `Object` for a class of the user's. */
export const brandOf = (value: unknown): string => Object.prototype.toString.call(value).slice("[object ".length, -1)

/** Recognizes errors of any realm: a test runner may load this module into a realm of its own. */
export const isError = (value: unknown): value is Error => ["Error", "DOMException"].includes(brandOf(value))
