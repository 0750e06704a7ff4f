/** Encodes rows as JSON. Encodes each row only once. */
import type * as Issue from "@mammoth-effect/core/Issue"
import * as Json from "@mammoth-effect/core/Json"
import * as JsonText from "@mammoth-effect/core/JsonText"
import * as Either from "effect/Either"
import type * as Schema from "effect/Schema"
import { makeWriter } from "./writer.js"

/** An encoder that writes the rows of one schema as JSON. */
export interface Encoder<A> {
  /**
   * Returns the JSON of a row. If the schema refuses a value of the row, or if JSON would silently change or drop the
   * value, returns issues instead of JSON.
   */
  readonly row: (row: A) => string | Issue.Issues
  /** Returns the UTF-8 length of the last row's JSON, in bytes. */
  readonly byteLength: (json: string) => number
}

/** Makes the encoder of a schema. */
export const makeEncoder = <A, I>(schema: Schema.Schema<A, I>): Encoder<A> => {
  const writer = makeWriter(schema.ast)
  const encodeSlowly = Json.makeEncoder(schema)
  let isAscii = false
  return {
    row: (row) => {
      const json = writer.write(row)
      isAscii = json !== undefined && writer.isAscii()
      return json ?? Either.merge(encodeSlowly(row))
    },
    byteLength: (json) => (isAscii ? json.length : byteLength(json))
  }
}

/**
 * Returns issues for an error that was thrown while a row was encoded. Either the JSON is too long, or a getter,
 * `toJSON` or a function of the schema threw.
 */
export const threw = (thrown: unknown): Issue.Issues => {
  if (JsonText.isTooLong(thrown)) return JsonText.tooLong(undefined)
  const received = "a row whose encoding throws: check toJSON, getters and the functions of the schema"
  return { issues: [{ path: [], expected: "a row that can be encoded as JSON", received }], omitted: 0 }
}

/** Returns the UTF-8 length of a string, in bytes. */
export const byteLength = (text: string): number => {
  let bytes = text.length
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x80) continue
    bytes += unit < 0x800 ? 1 : 2
    // Skip the second code unit of a surrogate pair. Both code units together are four bytes.
    if (unit >= 0xd800 && unit < 0xdc00) i++
  }
  return bytes
}
