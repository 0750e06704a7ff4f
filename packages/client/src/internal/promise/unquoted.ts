/** Takes values out of messages that schema libraries write about them, since a row may hold personal data. */
import * as Predicate from "effect/Predicate"

/** The most parts of a value whose texts are looked for. */
const mostParts = 1000

/** Lists the texts by which a message may quote a value, or a part of it. */
const quotesOf = (value: unknown): ReadonlyArray<string> => {
  const open = [value]
  const texts = new Set<string>()
  for (let seen = 0; seen < open.length; seen++) {
    const part = open[seen]
    if (Predicate.isString(part)) texts.add(part).add(JSON.stringify(part).slice(1, -1))
    else if (Predicate.isNumber(part) || Predicate.isBigInt(part)) texts.add(String(part))
    else if (Predicate.isObject(part)) open.push(...Object.values(part).slice(0, Math.max(0, mostParts - open.length)))
  }
  // a longer text may contain a shorter one
  return [...texts].filter((text) => text !== "").sort((a, b) => b.length - a.length)
}

/** Matches a text as a whole word. A single character stands in too many words, and has to be quoted. */
const matcherOf = (text: string): RegExp => {
  const literal = text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&")
  return text.length === 1 && !/\d/.test(text)
    ? new RegExp(`(?<=["'\`])${literal}(?=["'\`])`, "gu")
    : new RegExp(`(?<![\\p{L}\\p{N}_])${literal}(?![\\p{L}\\p{N}_])`, "gu")
}

/** Replaces a value, and the parts of a list or object, by `…` in a message that quotes them. */
export const withoutValue = (message: string, value: unknown): string =>
  quotesOf(value).reduce((text, quote) => (text.includes(quote) ? text.replace(matcherOf(quote), "…") : text), message)
