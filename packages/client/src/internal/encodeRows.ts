/** Rows as JSON, each encoded once. */
import * as Issue from "@mammoth-effect/core/Issue"
import { Json } from "@mammoth-effect/core/Json"
import * as Either from "effect/Either"
import type * as Schema from "effect/Schema"
import { makeWriter } from "./writer.js"

/** Encodes rows of a schema. */
export interface Encoder<A> {
  /**
   * The JSON of a row, or what is wrong with it. What JSON would change or drop in silence is wrong, as is what the schema
   * refuses.
   */
  readonly row: (row: A) => string | Issue.Issues
  /** How many bytes the JSON of the row that was encoded last has in UTF-8. */
  readonly byteLength: (json: string) => number
}

/** What JSON would change or drop in silence is refused. */
const checkJson = Issue.encodeUnknown(Json)

/** Makes the encoder of a schema. */
export const makeEncoder = <A, I>(schema: Schema.Schema<A, I>): Encoder<A> => {
  const writer = makeWriter(schema.ast)
  const encode = Issue.encodeUnknown(schema)
  let isAscii = false
  const encodeSlowly = (row: A): string | Issue.Issues =>
    Either.merge(Either.map(Either.flatMap(encode(row), checkJson), (json) => JSON.stringify(json)))
  return {
    row: (row) => {
      const json = writer.write(row)
      isAscii = json !== undefined && writer.isAscii()
      return json ?? encodeSlowly(row)
    },
    byteLength: (json) => (isAscii ? json.length : byteLength(json))
  }
}

/** What is said of a row on which the schema's own functions throw. */
export const threw: Issue.Issues = {
  issues: [{ path: [], expected: "a row that its schema can encode", received: "one on which it throws" }],
  omitted: 0
}

/** An array of rows that are encoded. */
export const joinRows = (rows: ReadonlyArray<string>): string => `[${rows.join(",")}]`

/** How many bytes a text has in UTF-8. */
export const byteLength = (text: string): number => {
  let bytes = text.length
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x80) continue
    bytes += unit < 0x800 ? 1 : 2
    // the second half of a pair, whose two units are four bytes
    if (unit >= 0xd800 && unit < 0xdc00) i++
  }
  return bytes
}
