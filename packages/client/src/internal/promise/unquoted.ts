/** Removes values from the messages of schema libraries, because a row may hold personal data. */
import * as Predicate from "effect/Predicate"

/** Replaces a value with `…` in a message that quotes the value as a string or as JSON. */
export const withoutValue = (message: string, value: unknown): string => {
  // Replace a number only if no other digit or letter is next to it. The same digits may be a part of another number,
  // such as a limit.
  if (Predicate.isNumber(value) || Predicate.isBigInt(value)) {
    return message.replace(new RegExp(`(?<![\\w.])${value}(?!\\w)`, "g"), "…")
  }
  if (!Predicate.isString(value) && (!Predicate.isObject(value) || Predicate.isFunction(value))) return message
  return [JSON.stringify(value), ...(Predicate.isString(value) ? [value] : [])].reduce(
    // Do not replace a single character, because it may be in the message by chance.
    (text, quote) => (quote.length > 1 ? text.replaceAll(quote, "…") : text),
    message
  )
}
