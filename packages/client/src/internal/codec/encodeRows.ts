/** Encodes rows as JSON, each once. */
import type * as Issue from "@mammoth-effect/core/Issue"
import * as Json from "@mammoth-effect/core/Json"
import * as JsonText from "@mammoth-effect/core/JsonText"
import * as Either from "effect/Either"
import type * as Schema from "effect/Schema"
import { makeWriter } from "./writer.js"

/** Encodes rows of a schema. */
export interface Encoder<A> {
  /**
   * Returns the JSON of a row, or issues. Values that the schema refuses are issues, and so are values that JSON would
   * silently change or drop.
   */
  readonly row: (row: A) => string | Issue.Issues
  /** Returns the length of the JSON of the last encoded row, in bytes of UTF-8. */
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
 * Makes the issues of a row whose encoding throws, because its JSON is too long or a function of the row or schema
 * fails.
 */
export const threw = (thrown: unknown): Issue.Issues => {
  if (JsonText.isTooLong(thrown)) return JsonText.tooLong(undefined)
  const received = "a row that throws: check its toJSON and getters, and the functions of the schema"
  return { issues: [{ path: [], expected: "a row that its schema and JSON can write", received }], omitted: 0 }
}

/** Returns the length of a text in UTF-8, in bytes. */
export const byteLength = (text: string): number => {
  let bytes = text.length
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x80) continue
    bytes += unit < 0x800 ? 1 : 2
    // the two code units of a surrogate pair are four bytes, so skip the second one
    if (unit >= 0xd800 && unit < 0xdc00) i++
  }
  return bytes
}
