/** Reads sources as bytes in UTF-8, and recognizes other encodings. */
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"

/** Joins arrays of bytes. */
export const join = (parts: ReadonlyArray<Uint8Array>): Uint8Array => {
  const [first] = parts
  if (first !== undefined && parts.length === 1) return first
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
const lenient = new TextDecoder("utf-8", { ignoreBOM: true })

/** Decodes UTF-8. Returns `None` for bytes that are not UTF-8. */
export const decodeUtf8: (bytes: Uint8Array) => Option.Option<string> = Option.liftThrowable((bytes: Uint8Array) =>
  strict.decode(bytes)
)

/** Decodes bytes as UTF-8. Replaces invalid bytes with U+FFFD. */
export const decodeLeniently = (bytes: Uint8Array): string => lenient.decode(bytes)

/** Returns the number of bytes at the end that belong to an incomplete character. */
export const countCutOff = (bytes: Uint8Array): number => {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0
    if (byte < 0x80) return 0
    if (byte >= 0xc0) return back < (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) ? back : 0
  }
  return 0
}

const toBytes = <E, R>(source: Stream.Stream<Uint8Array | string, E, R>): Stream.Stream<Uint8Array, E, R> =>
  Stream.suspend(() => {
    const encoder = new TextEncoder()
    // Keep the first half of a character that the end of a chunk has split.
    let half = ""
    const encode = (chunk: string): Uint8Array => {
      const text = half + chunk
      half = /[\uD800-\uDBFF]$/.exec(text)?.[0] ?? ""
      return encoder.encode(text.slice(0, text.length - half.length))
    }
    return Stream.concat(
      Stream.map(source, (chunk) => (typeof chunk === "string" ? encode(chunk) : chunk)),
      // If the source ends with the first half of a character, yield this half as a broken character.
      Stream.suspend(() => (half === "" ? Stream.empty : Stream.make(encoder.encode(half))))
    )
  })

const decoder = (name: string): string => `with TextDecoderStream("${name}") or Stream.decodeText`

/** The error of a line that is not UTF-8, with its remedy. */
export const notUtf8 = `the line is not UTF-8; it may be Latin-1 (windows-1252): decode the input first, ${decoder("windows-1252")}`

const utf16 = (name: string): string => `the input looks like UTF-16; decode it first, ${decoder(name)}`

const mark: ReadonlyArray<number> = [0xef, 0xbb, 0xbf]

/**
 * The first bytes of other encodings and formats, each with a reason that names the remedy. Rows in UTF-8 do not
 * normally begin with these bytes.
 */
const signatures: ReadonlyArray<{ readonly bytes: ReadonlyArray<number>; readonly reason: string }> = [
  { bytes: [0xff, 0xfe], reason: utf16("utf-16le") },
  { bytes: [0xfe, 0xff], reason: utf16("utf-16be") },
  {
    bytes: [0x1f, 0x8b],
    reason: "the input looks like gzip; decompress it first, with createGunzip of node:zlib"
  },
  {
    bytes: [0x50, 0x4b, 0x03, 0x04],
    reason: "the input looks like a ZIP archive, such as .xlsx; unpack it or export it as text first"
  }
]

/** Returns `true` if both lists begin with the same bytes. Compares only as many bytes as the shorter list has. */
const agree = (bytes: Uint8Array, known: ReadonlyArray<number>): boolean =>
  known.every((byte, i) => i >= bytes.length || byte === bytes[i])

/**
 * Returns `true` if there are too few bytes to recognize the encoding. Two bytes are enough to recognize UTF-16, but a
 * signature or a byte order mark may be longer.
 */
const isTooShort = (bytes: Uint8Array): boolean =>
  bytes.length < 2
  || [mark, ...signatures.map((signature) => signature.bytes)].some(
    (known) => known.length > bytes.length && agree(bytes, known)
  )

/** Returns a reason to refuse the bytes if the first bytes do not look like UTF-8. Otherwise returns `undefined`. */
const findOther = (bytes: Uint8Array): string | undefined => {
  const known = signatures.find((signature) => signature.bytes.length <= bytes.length && agree(bytes, signature.bytes))
  if (known !== undefined) return known.reason
  if (bytes.length < 2 || bytes[0] === bytes[1]) return undefined
  // Recognize UTF-16 without a byte order mark. In UTF-16, every other byte of ASCII text is zero.
  return bytes[1] === 0 ? utf16("utf-16le") : bytes[0] === 0 ? utf16("utf-16be") : undefined
}

/**
 * Reads a source of UTF-8 as bytes, without a byte order mark. Fails if the first bytes show another encoding, because
 * every line would then be an error.
 */
export const toUtf8 = <E, R, E2>(
  source: Stream.Stream<Uint8Array | string, E, R>,
  refuse: (reason: string) => E2
): Stream.Stream<Uint8Array, E | E2, R> =>
  Stream.suspend(() => {
    let start: Uint8Array | undefined = new Uint8Array()
    const take = (bytes: Uint8Array, isEnd: boolean): Stream.Stream<Uint8Array, E2> => {
      if (start === undefined) return Stream.succeed(bytes)
      start = join([start, bytes])
      if (!isEnd && isTooShort(start)) return Stream.empty
      const first = start
      start = undefined
      const other = findOther(first)
      if (other !== undefined) return Stream.fail(refuse(other))
      return Stream.succeed(first.length >= mark.length && agree(first, mark) ? first.subarray(mark.length) : first)
    }
    return Stream.concat(
      Stream.flatMap(toBytes(source), (bytes) => take(bytes, false)),
      Stream.suspend(() => (start === undefined ? Stream.empty : take(new Uint8Array(), true)))
    )
  })
