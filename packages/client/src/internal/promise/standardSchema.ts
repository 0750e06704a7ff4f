/**
 * Reads rows with schemas of any library. Contains the types of the Standard Schema interface
 * (https://standardschema.dev), and reports the issues that a schema finds in a row.
 */
import * as Issue from "@mammoth-effect/core/Issue"
import type * as Json from "@mammoth-effect/core/Json"
import type { RowSchema } from "@mammoth-effect/core/RowSchema"
import * as Array from "effect/Array"
import * as Either from "effect/Either"
import { constVoid } from "effect/Function"
import * as ParseResult from "effect/ParseResult"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import { withoutValue } from "./unquoted.js"

/**
 * The common interface of schema libraries such as zod, valibot and arktype: see https://standardschema.dev.
 *
 * @example
 * import type { StandardSchema } from "@mammoth-effect/client/promise"
 *
 * const vendorOf = (schema: StandardSchema) => schema["~standard"].vendor
 *
 * @since 0.1.0
 * @category schemas
 */
export interface StandardSchema<out Input = unknown, out Output = Input> {
  readonly "~standard": {
    readonly version: 1
    /** The name of the library. */
    readonly vendor: string
    /** Returns the output, or the issues of a value that the schema refuses. */
    readonly validate: (
      value: unknown
    ) =>
      | { readonly value: Output; readonly issues?: undefined }
      | StandardIssues
      | PromiseLike<{ readonly value: Output; readonly issues?: undefined } | StandardIssues>
    /** The types of the schema's input and output. Only the compiler reads them, so a schema needs no value here. */
    readonly types?: { readonly input: Input; readonly output: Output } | undefined
  }
}

/**
 * The issues that a {@link StandardSchema} found in a value.
 *
 * @example
 * import type { StandardIssues } from "@mammoth-effect/client/promise"
 *
 * const refused: StandardIssues = { issues: [{ message: "expected a number", path: ["total"] }] }
 *
 * @since 0.1.0
 * @category schemas
 */
export interface StandardIssues {
  readonly issues: ReadonlyArray<StandardIssue>
}

/**
 * An issue that a {@link StandardSchema} found in a value.
 *
 * @example
 * import type { StandardIssue } from "@mammoth-effect/client/promise"
 *
 * const issue: StandardIssue = { message: "expected a number", path: ["total"] }
 *
 * @since 0.1.0
 * @category schemas
 */
export interface StandardIssue {
  readonly message: string
  readonly path?: ReadonlyArray<PropertyKey | { readonly key: PropertyKey }> | undefined
}

/**
 * A row schema of Effect, or of any library with the Standard Schema interface. The schema reads each row, and its
 * output is sent as JSON.
 *
 * @example
 * import type { IngestSchema } from "@mammoth-effect/client/promise"
 * import { Schema } from "effect"
 *
 * const Order: IngestSchema = Schema.Struct({ id: Schema.NumberFromString })
 *
 * @since 0.1.0
 * @category schemas
 */
export type IngestSchema = StandardSchema<unknown, unknown> | RowSchema<unknown>

/**
 * The type of the rows that a schema accepts.
 *
 * @example
 * import type { InputOf } from "@mammoth-effect/client/promise"
 * import { Schema } from "effect"
 *
 * const Order = Schema.Struct({ id: Schema.NumberFromString })
 * const row: InputOf<typeof Order> = { id: "7" }
 *
 * @since 0.1.0
 * @category schemas
 */
export type InputOf<S> = S extends { readonly Encoded: infer Input; readonly ast: unknown }
  ? Input
  : S extends { readonly "~standard": { readonly types?: { readonly input: infer Input } | undefined } }
    ? Input
    : unknown

/**
 * The type of the rows that a schema returns. These rows are sent.
 *
 * @example
 * import type { OutputOf } from "@mammoth-effect/client/promise"
 * import { Schema } from "effect"
 *
 * const Order = Schema.Struct({ id: Schema.NumberFromString })
 * const sent: OutputOf<typeof Order> = { id: 7 }
 *
 * @since 0.1.0
 * @category schemas
 */
export type OutputOf<S> = S extends { readonly Type: infer Output; readonly ast: unknown }
  ? Output
  : S extends { readonly "~standard": { readonly types?: { readonly output: infer Output } | undefined } }
    ? Output
    : unknown

/**
 * Accepts a schema if JSON can represent its output. For any other schema, the compiler shows the parts of the output
 * that JSON cannot represent.
 *
 * @since 0.1.0
 * @category schemas
 */
export type SendsJson<S> = [OutputOf<S>] extends [Json.Compatible<OutputOf<S>>]
  ? unknown
  : { readonly output: Json.Compatible<OutputOf<S>> }

/** The names of the columns that do not accept a string. */
type NotText<Row> = {
  [Column in keyof Row]-?: unknown extends Row[Column]
    ? never
    : [Extract<Row[Column], string>] extends [never]
      ? Column
      : never
}[keyof Row]

/**
 * Accepts a schema if every column of its rows accepts a string, because all fields of CSV are strings. For any other
 * schema, the compiler shows the columns that do not accept a string.
 *
 * @since 0.1.0
 * @category schemas
 */
export type TakesText<S> = [NotText<InputOf<S>>] extends [never]
  ? unknown
  : { readonly columnsThatTakeNoText: NotText<InputOf<S>> }

/**
 * Stands for the user's schema in issues. Effect's message about the user's schema could quote the row, and an error
 * must not show rows.
 */
const accepted = Schema.Unknown.annotations({ description: "a value that the schema accepts" })

const valueAt = (row: unknown, path: ReadonlyArray<PropertyKey>): unknown =>
  path.reduce<unknown>((value, key) => (Predicate.isObject(value) ? Reflect.get(value, key) : undefined), row)

const toParseIssue = (vendor: string, row: unknown, { message, path = [] }: StandardIssue): ParseResult.ParseIssue => {
  // Use `Array.from` instead of `path.map`, because the class of a path may have its own `map`.
  const keys = globalThis.Array.from(path, (segment) => (Predicate.isObject(segment) ? segment.key : segment))
  const actual = valueAt(row, keys)
  const words = Issue.shorten(withoutValue(message, actual), 400)
  const type = new ParseResult.Type(accepted.ast, actual, `a value that ${vendor} accepts (${words})`)
  return keys.reduceRight<ParseResult.ParseIssue>((issue, key) => new ParseResult.Pointer(key, row, issue), type)
}

/**
 * Returns `true` for a schema of a library with the Standard Schema interface. The schema may be an object or a
 * function.
 */
export const isStandard = (schema: unknown): schema is StandardSchema =>
  Predicate.hasProperty(schema, "~standard") && Predicate.isObject(schema["~standard"])

/** Returns the output of a schema for a row, or the reason why the schema refuses the row. */
export const read = (schema: StandardSchema, row: unknown): Either.Either<unknown, ParseResult.ParseIssue> => {
  const { "~standard": standard } = schema
  const result = standard.validate(row)
  if (Predicate.isPromiseLike(result)) {
    // Handle a rejection, which would otherwise end the process.
    result.then(constVoid, constVoid)
    return Either.left(
      new ParseResult.Type(
        accepted.ast,
        row,
        "a synchronous schema: await asynchronous checks first (zod also returns a promise if a transform throws)"
      )
    )
  }
  if (!result.issues) return Either.right(result.value)
  const issues = result.issues.map((issue) => toParseIssue(standard.vendor, row, issue))
  return Either.left(
    Array.isNonEmptyArray(issues)
      ? new ParseResult.Composite(accepted.ast, row, issues)
      : new ParseResult.Type(accepted.ast, row)
  )
}
