/**
 * Finds secrets in a string, in any escaped form. Each character of a secret may be unescaped, or escaped as in JSON,
 * URLs or HTML. A secret may also be escaped more than once, or be in base64.
 */
import { endsWithin, layersOf, type Unit, unescapes } from "./unescape.js"

/** A part of a string: the index of its first character, and the index after its last character. */
export interface Range {
  readonly from: number
  readonly to: number
}

/** A string to search for: a secret, or one of its base64 forms. */
interface Pattern {
  readonly text: string
  /**
   * If the searched string ends before the pattern is complete, at least this many of the pattern's first characters
   * must match.
   */
  readonly least: number
  readonly isBase64: boolean
}

/** The patterns to search for, by their first character. */
export type Patterns = ReadonlyMap<string, ReadonlyArray<Pattern>>

/**
 * The length of the shortest secret that is also searched for in base64, in bytes. The base64 form of a shorter secret
 * has too few characters to distinguish it from other text.
 */
const leastBytes = 4

/**
 * Returns the three base64 forms of a secret. Base64 encodes groups of three bytes, so the form depends on the place in
 * a group where the secret begins. Each form has only the characters that do not depend on the bytes around the secret.
 */
const base64Of = (secret: string): ReadonlyArray<string> => {
  const bytes = Array.from(new TextEncoder().encode(secret), (byte) => String.fromCharCode(byte))
  if (bytes.length < leastBytes) return []
  return [0, 2, 3].map((shared, before) => {
    const whole = Math.floor((8 * (before + bytes.length)) / 6)
    return btoa("\0".repeat(before) + bytes.join("")).slice(shared, whole)
  })
}

const patternsOf = (secret: string): ReadonlyArray<Pattern> => {
  const base64 = base64Of(secret)
  const url = base64.map((text) => text.replaceAll("+", "-").replaceAll("/", "_"))
  return [
    { text: secret, least: 4, isBase64: false },
    ...[...new Set([...base64, ...url])].map((text) => ({ text, least: 8, isBase64: true }))
  ]
}

/** Returns the patterns with which to search for secrets. */
export const compile = (secrets: Iterable<string>): Patterns => {
  const patterns = new Map<string, Array<Pattern>>()
  for (const secret of secrets) {
    for (const pattern of secret === "" ? [] : patternsOf(secret)) {
      const first = pattern.text.charAt(0)
      patterns.set(first, [...(patterns.get(first) ?? []), pattern])
    }
  }
  return patterns
}

/**
 * Makes the function `endOf`. `endOf` compares the rest of the pattern with the rest of the searched string. The rest
 * of the pattern begins at index `known`, and the rest of the string at index `at`. Each character of the string may be
 * escaped. `endOf` returns the index after the match, or -1 if there is no match. If the string ends before the pattern
 * ends, `endOf` returns the string's length.
 *
 * The function keeps each result, because matches with different starts can have the same end. Without the kept
 * results, the search for a key in a string of backslashes would take minutes.
 */
const makeEndOf = (text: string, pattern: Pattern, unitsAt: (at: number) => ReadonlyArray<Unit>) => {
  const ends: Array<Array<number>> = []
  const endOf = (known: number, at: number): number => {
    const wanted = pattern.text[known]
    if (wanted === undefined) return at
    const row = (ends[known] ??= [])
    const before = row[at]
    if (before !== undefined) return before
    let end = known >= pattern.least && endsWithin(text, at) ? text.length : -1
    // Accept a plus for a space, because HTML forms encode a space as plus.
    if (wanted === text[at] || (wanted === " " && text[at] === "+")) end = Math.max(end, endOf(known + 1, at + 1))
    for (const unit of unitsAt(at)) {
      if (pattern.text.startsWith(unit.character, known)) {
        end = Math.max(end, endOf(known + unit.character.length, unit.end))
      }
    }
    row[at] = end
    return end
  }
  return endOf
}

const isBase64 = (character: string): boolean => /^[\w+/=-]$/.test(character)

/**
 * Widens the range of a match in base64. Adds the characters around the match that contain a part of the secret, and
 * the padding.
 */
const widen = (text: string, { from, to }: Range): Range => {
  let end = isBase64(text.charAt(to)) ? to + 1 : to
  while (text.charAt(end) === "=") end += 1
  return { from: isBase64(text.charAt(from - 1)) ? from - 1 : from, to: end }
}

/** Returns the ranges of the secrets in a string. */
export const find = (patterns: Patterns, text: string): ReadonlyArray<Range> => {
  const found: Array<Range> = []
  const units: Array<ReadonlyArray<Unit>> = []
  const unitsAt = (at: number) => (units[at] ??= unescapes(text, at))
  const made = new Map<Pattern, ReturnType<typeof makeEndOf>>()
  for (let from = 0; from < text.length; from++) {
    const firsts = [text.charAt(from), ...unitsAt(from).map((unit) => unit.character.charAt(0))]
    for (const pattern of firsts.flatMap((first) => patterns.get(first) ?? [])) {
      const endOf = made.get(pattern) ?? makeEndOf(text, pattern, unitsAt)
      made.set(pattern, endOf)
      const to = endOf(0, from)
      if (to > from) found.push(pattern.isBase64 ? widen(text, { from, to }) : { from, to })
    }
  }
  return found
}

/**
 * Masks every range that `search` finds in a string. Then removes the string's escapes, layer by layer, and masks what
 * `search` finds in each result.
 */
export const replaceAll = (text: string, search: (text: string) => ReadonlyArray<Range>, mask: string): string => {
  const ranges = layersOf(text).flatMap(({ placeOf, text }) =>
    search(text).map(({ from, to }) => ({ from: placeOf(from), to: placeOf(to) }))
  )
  let shown = ""
  let done = 0
  for (const { from, to } of ranges.toSorted((a, b) => a.from - b.from)) {
    if (from >= done) shown += text.slice(done, from) + mask
    done = Math.max(done, to)
  }
  return shown + text.slice(done)
}
