/** Holds a part of a source's bytes in one array. */

/**
 * The bytes of a source, from an offset to the last byte that has arrived. The first byte of the source has the offset
 * 0.
 */
export interface Window {
  readonly append: (bytes: Uint8Array) => void
  /** Drops the bytes before an offset. */
  readonly dropTo: (offset: number) => void
  readonly slice: (from: number, to?: number) => Uint8Array
  /** Returns the offset after the last byte. */
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
        // Make the buffer twice as large as needed. Otherwise, all bytes would be copied for each small chunk.
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
