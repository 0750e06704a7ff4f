/** The schema of no input at all. */
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
 * An object without keys. Unlike `Schema.Struct({})`, which accepts anything, it refuses keys when it is read strictly.
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
