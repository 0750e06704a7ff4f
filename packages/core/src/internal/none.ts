/** The schema of empty input. */
import * as ParseResult from "effect/ParseResult"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import type * as AST from "effect/SchemaAST"

const read = (input: unknown, options: AST.ParseOptions, ast: AST.AST) => {
  if (!Predicate.isRecord(input)) return ParseResult.fail(new ParseResult.Type(ast, input))
  const [key] = options.onExcessProperty === "error" ? Object.keys(input) : []
  return key === undefined
    ? ParseResult.succeed({})
    : ParseResult.fail(new ParseResult.Pointer(key, input, new ParseResult.Unexpected(input[key])))
}

/**
 * The schema of an object without keys. `Schema.Struct({})` accepts almost any value. This schema accepts objects only,
 * and refuses keys if excess properties are errors.
 */
export const none: Schema.Schema<{}> = Schema.declare(
  [],
  { decode: () => read, encode: () => read },
  {
    description: "an object without keys",
    jsonSchema: { type: "object", properties: {}, required: [] },
    arbitrary: () => (fc) => fc.constant({})
  }
)
