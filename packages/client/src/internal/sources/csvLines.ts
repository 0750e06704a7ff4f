/** Finds the lines of CSV in bytes. A line ends in LF, CRLF or CR. */
import { decodeLeniently } from "./utf8.js"

const cr = 0x0d
const newline = 0x0a

/** The place at which a row begins. */
export interface Place {
  /** The number of bytes in the source before the row. */
  readonly at: number
  readonly line: number
}

/** Returns the length of the line break at an index, in bytes. Returns 0 if there is no line break. */
const lengthOfEnd = (bytes: Uint8Array, at: number): number =>
  bytes[at] === newline ? 1 : bytes[at] === cr ? (bytes[at + 1] === newline ? 2 : 1) : 0

/**
 * Returns the length of the first line without its line break, in bytes. Returns `undefined` if there is no line break.
 */
const findEnd = (bytes: Uint8Array): number | undefined => {
  const first = bytes.indexOf(newline)
  const line = first === -1 ? bytes : bytes.subarray(0, first)
  const other = line.indexOf(cr)
  return other === -1 ? (first === -1 ? undefined : first) : other
}

/**
 * Returns the lengths of the first line and of its line break, in bytes. `isAll` is `true` if no more bytes follow.
 * `isThere` is `true` if the first line has arrived completely.
 */
export const measureLine = (bytes: Uint8Array, isAll: boolean) => {
  const end = findEnd(bytes)
  const length = end ?? bytes.length
  // If the bytes end with CR, wait for the next chunk, because the CR may be the first half of CRLF.
  const isThere = isAll || (end !== undefined && (bytes[end] === newline || end + 1 < bytes.length))
  return { length, endLength: lengthOfEnd(bytes, length), isThere }
}

/**
 * Skips blank lines. If more bytes can follow, does not skip a CR at the end, because it may be the first half of CRLF.
 */
export const passBlank = (begin: Place, bytes: Uint8Array, isAll: boolean): Place => {
  let { line } = begin
  let at = 0
  for (let length = lengthOfEnd(bytes, 0); length > 0; length = lengthOfEnd(bytes, at)) {
    if (!isAll && bytes[at] === cr && at + 1 === bytes.length) break
    at += length
    line += 1
  }
  return { at: begin.at + at, line }
}

/** Returns the length of a row in bytes, without the blank lines before the row and without the line break after it. */
export const lengthOfRow = (bytes: Uint8Array): number => {
  const row = bytes.subarray(passBlank({ at: 0, line: 1 }, bytes, true).at)
  const end = row.at(-1) === newline && row.at(-2) === cr ? 2 : lengthOfEnd(row, row.length - 1)
  return row.length - end
}

/** Returns a row as it is in the source, without the blank lines before the row and without the line break after it. */
export const textOfRow = (bytes: Uint8Array): string => decodeLeniently(bytes).replace(/^[\r\n]+|\r\n$|[\r\n]$/g, "")
