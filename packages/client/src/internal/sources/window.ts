/** Holds the bytes of a source from an offset on, in one array. */

/** The bytes of a source from an offset on. Offsets count from the first byte of the source. */
export interface Window {
  readonly append: (bytes: Uint8Array) => void
  /** Drops the bytes before an offset. */
  readonly dropTo: (offset: number) => void
  readonly slice: (from: number, to?: number) => Uint8Array
  /** The offset after the last byte. */
  readonly end: () => number
}

/** Makes a window without bytes. */
export const makeWindow = (): Window => {
  let buffer = new Uint8Array()
  /** The offset of the buffer's first byte. */
  let origin = 0
  let from = 0
  let to = 0
  return {
    append: (bytes) => {
      if (to + bytes.length > buffer.length) {
        // Double the size, so that many small chunks are not copied each time.
        const larger = new Uint8Array(2 * (to - from + bytes.length))
        larger.set(buffer.subarray(from, to))
        buffer = larger
        origin += from
        to -= from
        from = 0
      }
      buffer.set(bytes, to)
      to += bytes.length
    },
    dropTo: (offset) => {
      from = offset - origin
    },
    slice: (start, end = origin + to) => buffer.subarray(start - origin, end - origin),
    end: () => origin + to
  }
}
