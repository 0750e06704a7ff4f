/** Makes the schema that a sink sends rows with from a schema of any library. */
import * as Issue from "@mammoth-effect/core/Issue"
import { findFault, type RowSchema } from "@mammoth-effect/core/RowSchema"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import type { LazyArg } from "effect/Function"
import * as ParseResult from "effect/ParseResult"
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import type * as AST from "effect/SchemaAST"
import * as RowSource from "../../RowSource.js"
import { isPromise, isStandard, type StandardSchema, toOutput } from "./standardSchema.js"

/** Takes rows as they are. The encoder refuses values that JSON would change or drop. */
export const row = <A>(): Schema.Schema<A> =>
  Schema.declare((given: unknown): given is A => given !== undefined, { description: "a row" })

/** Reads a row as a schema says, without waiting. */
type Read = (row: unknown, options: AST.ParseOptions, ast: AST.AST) => Either.Either<unknown, ParseResult.ParseIssue>

/** The issue of a schema that waits. Rows are encoded in turns of the event loop, and none of them waits. */
export const waits: Issue.Issue = {
  path: ["options", "schema"],
  expected:
    "a schema that validates without waiting (remove its asynchronous checks, and await what they need before a row is offered, such as in an async generator)",
  received: "a schema that returned a promise"
}

const refuseWaiting = (row: unknown, ast: AST.AST) =>
  Either.left(new ParseResult.Type(ast, row, "a schema that validates without waiting"))

const readStandard =
  (schema: StandardSchema, onWait: LazyArg<void>): Read =>
  (row, _, ast) => {
    const result = schema["~standard"].validate(row)
    if (!isPromise(result)) return toOutput(schema, row, result)
    onWait()
    // nobody else hears of a rejection
    result.then(
      () => {},
      () => {}
    )
    return refuseWaiting(row, ast)
  }

const readEffect = (schema: Schema.Schema<unknown, unknown>, onWait: LazyArg<void>): Read => {
  const raw = RowSource.decoding(schema)
  const decode = ParseResult.encodeUnknownEither(raw)
  const decodeMaybeLater = ParseResult.encodeUnknown(raw)
  return (row, options, ast) => {
    const decoded = decode(row, options)
    if (Either.isRight(decoded)) return decoded
    // only another run tells a schema that waits from a row that is wrong
    const exit = Effect.runSyncExit(Effect.either(decodeMaybeLater(row, options)))
    if (Exit.isSuccess(exit) || !Runtime.isAsyncFiberException(Cause.squash(exit.cause))) return decoded
    onWait()
    return refuseWaiting(row, ast)
  }
}

const readerOf = (schema: unknown, onWait: LazyArg<void>): Either.Either<Read, Issue.Issue> => {
  if (Schema.isSchema(schema)) {
    const known = Schema.make<unknown, unknown>(schema.ast)
    const fault = findFault(RowSource.decoding(known))
    return fault === undefined
      ? Either.right(readEffect(known, onWait))
      : Either.left({ ...fault, path: ["options", ...fault.path] })
  }
  return isStandard(schema)
    ? Either.right(readStandard(schema, onWait))
    : Either.left({
        path: ["options", "schema"],
        expected: "a schema with the Standard Schema interface, such as of zod, valibot, arktype or Effect",
        received: Issue.shape(schema)
      })
}

/**
 * Makes the schema that sends the output of the given one. `onWait` is called if the given one waits, which no sink can
 * do; the row is then refused.
 */
export const make = <A>(schema: unknown, onWait: LazyArg<void>): Either.Either<RowSchema<A>, Issue.Issue> =>
  schema === undefined
    ? Either.right(row<A>())
    : Either.map(readerOf(schema, onWait), (read) =>
        Schema.transformOrFail(Schema.Unknown, row<A>(), {
          strict: true,
          decode: (sent, _, ast) => ParseResult.fail(new ParseResult.Type(ast, sent, "a row to send")),
          encode: (given, options, ast) => read(given, options, ast)
        })
      )
