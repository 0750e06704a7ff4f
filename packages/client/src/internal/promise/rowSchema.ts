/** Makes the row schema of a sink from a schema of any library. */
import * as Issue from "@mammoth-effect/core/Issue"
import type { RowSchema } from "@mammoth-effect/core/RowSchema"
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import * as RowSource from "../../RowSource.js"
import { isStandard, read } from "./standardSchema.js"

/** Accepts rows unchanged. The encoder refuses values that JSON would change or drop. */
export const row = <A>(): Schema.Schema<A> =>
  Schema.declare((given: unknown): given is A => given !== undefined, { description: "a row" })

/**
 * Makes the row schema of a sink. If a schema is given, the sink reads each row with this schema, and sends the
 * schema's output. If `schema` is `undefined`, the sink sends the rows unchanged. Returns an issue for any other value.
 */
export const make = <A>(schema: unknown): Either.Either<RowSchema<A>, Issue.Issue> => {
  const encodeTo = (
    sent: Schema.Schema<unknown, unknown>,
    encode: (row: unknown) => Either.Either<unknown, ParseResult.ParseIssue>
  ) =>
    Either.right(
      Schema.transformOrFail(sent, row<A>(), {
        strict: true,
        decode: (json, _, ast) => ParseResult.fail(new ParseResult.Type(ast, json)),
        encode
      })
    )
  if (schema === undefined) return Either.right(row<A>())
  if (Schema.isSchema(schema)) {
    return encodeTo(RowSource.decoding(Schema.make<unknown, unknown>(schema.ast)), Either.right)
  }
  if (isStandard(schema)) return encodeTo(Schema.Unknown, (row) => read(schema, row))
  const expected = "a Standard Schema (zod, valibot, arktype, …) or an Effect schema"
  return Either.left({ path: ["options", "schema"], expected, received: Issue.shape(schema) })
}
