/** Converts the bytes of a JSON array to NDJSON, one element per line, without holding the array in memory. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { InputError } from "../shell/errors.js"

const [quote, backslash, comma, lineFeed, carriageReturn, space, tab] = [34, 92, 44, 10, 13, 32, 9]
const [openArray, closeArray, openObject, closeObject] = [91, 93, 123, 125]

const byteOrderMark: ReadonlyArray<number> = [0xef, 0xbb, 0xbf]

const isSpace = (byte: number): boolean =>
  byte === space || byte === tab || byte === lineFeed || byte === carriageReturn

/**
 * Makes a splitter, which rewrites a JSON array byte by byte. Use a new splitter for each source, because a splitter has
 * state.
 */
const makeSplitter = (path: string) => {
  /** The number of open brackets, including the bracket of the array. */
  let depth = 0
  let isInText = false
  let isEscaped = false
  let hasBegun = false
  let hasContent = false
  let elements = 0
  let isOver = false
  const fail = (reason: string) => new InputError({ path, reason })

  /** Rewrites one byte in place. If the byte is wrong, returns a description of the error. */
  const take = (bytes: Uint8Array, at: number): string | undefined => {
    const byte = bytes[at] ?? 0
    if (isInText) {
      if (byte === lineFeed || byte === carriageReturn) return "a line break in a string"
      if (isEscaped) isEscaped = false
      else if (byte === backslash) isEscaped = true
      else if (byte === quote) isInText = false
      return undefined
    }
    if (isSpace(byte) || (!hasBegun && byteOrderMark.includes(byte))) {
      bytes[at] = space
      return undefined
    }
    if (isOver) return "text after the end of the array"
    if (!hasBegun) {
      if (byte !== openArray) return "no array"
      hasBegun = true
      depth = 1
      bytes[at] = space
      return undefined
    }
    if (depth === 1 && byte === comma) {
      if (!hasContent) return "a missing element"
      hasContent = false
      elements += 1
      bytes[at] = lineFeed
      return undefined
    }
    if (byte === closeArray || byte === closeObject) {
      depth -= 1
      if (depth > 0) return undefined
      if (byte === closeObject) return "a closing bracket without its opening bracket"
      if (!hasContent && elements > 0) return "a missing element"
      isOver = true
      bytes[at] = lineFeed
      return undefined
    }
    hasContent = true
    if (byte === quote) isInText = true
    else if (byte === openArray || byte === openObject) depth += 1
    return undefined
  }

  return {
    push: (chunk: Uint8Array): Effect.Effect<Uint8Array, InputError> =>
      Effect.suspend(() => {
        const bytes = Uint8Array.from(chunk)
        for (let at = 0; at < bytes.length; at++) {
          const wrong = take(bytes, at)
          if (wrong !== undefined) return fail(`the JSON has ${wrong}, at element ${elements + 1}`)
        }
        return Effect.succeed(bytes)
      }),
    end: Effect.suspend(() => (isOver ? Effect.void : fail(`the array is not closed after element ${elements + 1}`)))
  }
}

/**
 * Converts the bytes of a JSON array to NDJSON. The first element becomes line 1, the second element becomes line 2, and so
 * on.
 */
export const toNdjson = <E, R>(
  path: string,
  source: Stream.Stream<Uint8Array, E, R>
): Stream.Stream<Uint8Array, E | InputError, R> =>
  Stream.suspend(() => {
    const splitter = makeSplitter(path)
    return Stream.concat(Stream.mapEffect(source, splitter.push), Stream.execute(splitter.end))
  })
