/** Decodes the escapes of JSON, URLs and HTML: one escape, or all escapes of a string. */
import * as Either from "effect/Either"

/** The names that HTML gives to ASCII characters, in lower case, and the characters in the same order. */
const names =
  "excl quot num dollar percnt amp apos lpar rpar ast midast plus comma period sol colon semi lt equals "
  + "gt quest commat lsqb lbrack bsol rsqb rbrack hat lowbar underbar grave diacriticalgrave lcub lbrace "
  + "verbar vert verticalline rcub rbrace"
const characters = "!\"#$%&'()**+,./:;<=>?@[[\\]]^__``{{|||}}"

/**
 * Maps HTML names to characters. This is a `Map`, because an object would return an inherited property for
 * `&constructor;`.
 */
const named: ReadonlyMap<string, string> = new Map(names.split(" ").map((name, i) => [name, characters.charAt(i)]))

/**
 * Maps the letter of an escape to its character, such as `n` to a line feed. An object is safe here, because it
 * inherits no property with a name of one letter.
 */
const short: { readonly [letter: string]: string } = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" }

const backslash = /\\(?:u([0-9a-f]{4})|x([0-9a-f]{2})|([^]))/iy
const percent = /(?:%[0-9a-f]{2}){1,4}/iy
const entity = /&(?:#0{0,8}(\d{1,7})|#x0{0,8}([0-9a-f]{1,6})|([a-z]{2,16}));?/iy

/** A length that is greater than the length of any escape, in characters. */
const longest = 32

/** A decoded character of one or two code units, and the index after its escape. */
export interface Unit {
  readonly character: string
  readonly end: number
}

const execAt = (pattern: RegExp, text: string, at: number): RegExpExecArray | null => {
  pattern.lastIndex = at
  return pattern.exec(text)
}

const ofCode = (code: number): string | undefined => (code <= 0x10ffff ? String.fromCodePoint(code) : undefined)

/** Returns the length of a UTF-8 character in bytes, given its first byte. */
const bytesFrom = (first: number): number => (first < 0xc0 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4)

const backslashed = ([, unit, byte, other = ""]: RegExpExecArray): string | undefined =>
  unit !== undefined || byte !== undefined ? ofCode(parseInt(unit ?? byte ?? "", 16)) : (short[other] ?? other)

const referred = ([, decimal, hex, name = ""]: RegExpExecArray): string | undefined =>
  decimal !== undefined
    ? ofCode(Number(decimal))
    : hex !== undefined
      ? ofCode(parseInt(hex, 16))
      : named.get(name.toLowerCase())

/** Decodes the escape at an index of a string. Returns `undefined` if there is no escape. */
export const unescape = (text: string, at: number): Unit | undefined => {
  switch (text[at]) {
    case "\\": {
      const found = execAt(backslash, text, at)
      const character = found === null ? undefined : backslashed(found)
      return found === null || character === undefined ? undefined : { character, end: at + found[0].length }
    }
    case "%": {
      const found = execAt(percent, text, at)
      if (found === null) return undefined
      const end = at + 3 * bytesFrom(parseInt(found[0].slice(1, 3), 16))
      return Either.getOrUndefined(
        Either.try(() => ({ character: decodeURIComponent(text.slice(at, end)), end: Math.min(end, text.length) }))
      )
    }
    case "&": {
      const found = execAt(entity, text, at)
      const character = found === null ? undefined : referred(found)
      return found === null || character === undefined ? undefined : { character, end: at + found[0].length }
    }
    default:
      return undefined
  }
}

/**
 * The maximum number of layers of escapes that are searched. Each program that passed a string on may have added one
 * layer.
 */
const mostLayers = 4

/**
 * Returns the characters that an escape can stand for. If the escape itself was escaped again, returns one character for
 * each layer of escapes, up to `mostLayers`.
 */
export const unescapes = (text: string, at: number): ReadonlyArray<Unit> => {
  const units: Array<Unit> = []
  for (let unit = unescape(text, at); unit !== undefined && units.length < mostLayers;) {
    units.push(unit)
    const inner = unescape(unit.character + text.slice(unit.end, unit.end + longest), 0)
    unit = inner && { character: inner.character, end: unit.end + inner.end - unit.character.length }
  }
  return units
}

/** Matches the beginning of an escape, at the end of a string that is cut off. */
const begun = /^(?:\\(?:u[0-9a-f]{0,3}|x[0-9a-f]?)?|%[0-9a-f%]{0,10}|&[#0-9a-z]{0,20})?$/i

/** Returns `true` if a string ends at this index, or within an escape that begins at this index. */
export const endsWithin = (text: string, at: number): boolean =>
  text.length - at < longest && begun.test(text.slice(at))

/**
 * A string after some layers of escapes were removed. `placeOf` converts an index in `text` to an index in the original
 * string. The index may also be the length of `text`.
 */
export interface Layer {
  readonly text: string
  readonly placeOf: (at: number) => number
}

/** Removes one layer of escapes from a string. Returns `undefined` if the string has no escapes. */
const unescapeAll = (layer: Layer): Layer | undefined => {
  const places: Array<number> = []
  let text = ""
  let isChanged = false
  for (let at = 0; at < layer.text.length;) {
    const unit = unescape(layer.text, at)
    const character = unit?.character ?? layer.text.charAt(at)
    for (let i = 0; i < character.length; i++) places.push(layer.placeOf(at))
    text += character
    at = unit?.end ?? at + 1
    isChanged ||= unit !== undefined
  }
  return isChanged ? { text, placeOf: (at) => places[at] ?? layer.placeOf(layer.text.length) } : undefined
}

/**
 * Returns at most `mostLayers` forms of a string. The first form is the string itself. Each further form has one layer
 * of escapes less than the form before.
 */
export const layersOf = (text: string): ReadonlyArray<Layer> => {
  const layers: Array<Layer> = []
  let layer: Layer | undefined = { text, placeOf: (at) => at }
  while (layer !== undefined && layers.length < mostLayers) {
    layers.push(layer)
    layer = unescapeAll(layer)
  }
  return layers
}
