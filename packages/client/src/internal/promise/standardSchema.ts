/**
 * Row schemas of any library: the types of the Standard Schema interface (https://standardschema.dev), and the issues
 * that a schema finds in a row.
 */
import * as Issue from "@mammoth-effect/core/Issue"
import type * as Json from "@mammoth-effect/core/Json"
import type { RowSchema } from "@mammoth-effect/core/RowSchema"
import * as Array from "effect/Array"
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import { withoutValue } from "./unquoted.js"

/**
 * The interface that schema libraries have in common, such as zod, valibot and arktype: see https://standardschema.dev.
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
    /** The types of what the schema takes and returns. No schema needs a value here. */
    readonly types?: { readonly input: Input; readonly output: Output } | undefined
  }
}

/**
 * The issues that a {@link StandardSchema} found in a value.
 *
 * @since 0.1.0
 * @category schemas
 */
export interface StandardIssues {
  readonly issues: ReadonlyArray<{
    readonly message: string
    readonly path?: ReadonlyArray<PropertyKey | { readonly key: PropertyKey }> | undefined
  }>
}

/**
 * A schema of rows: of any library with the Standard Schema interface, or of Effect. It reads each row that is offered,
 * and its output is sent, as JSON.
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
 * The type of the rows that a schema takes.
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
    : never

/**
 * The type of what is sent of the rows that a schema takes.
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
    : never

/**
 * Accepts a schema whose output JSON can represent. For another one, the compiler shows the parts that JSON cannot.
 *
 * @since 0.1.0
 * @category schemas
 */
export type SendsJson<S> = [OutputOf<S>] extends [Json.Compatible<OutputOf<S>>]
  ? unknown
  : { readonly output: Json.Compatible<OutputOf<S>> }

/** The properties of a row that no text fits. */
type NotText<Row> = {
  [Column in keyof Row]-?: unknown extends Row[Column]
    ? never
    : [Extract<Row[Column], string>] extends [never]
      ? Column
      : never
}[keyof Row]

/**
 * Accepts a schema whose rows may be texts, as those of CSV are. For another one, the compiler shows the columns that
 * take no text.
 *
 * @since 0.1.0
 * @category schemas
 */
export type TakesText<S> = [NotText<InputOf<S>>] extends [never]
  ? unknown
  : { readonly columnsThatTakeNoText: NotText<InputOf<S>> }

/** Stands for the schema in issues whose own message would quote the row. */
const accepted = Schema.Unknown.annotations({ description: "a value that the schema accepts" })

const valueAt = (row: unknown, path: ReadonlyArray<PropertyKey>): unknown =>
  path.reduce<unknown>((value, key) => (Predicate.isObject(value) ? Reflect.get(value, key) : undefined), row)

const isKey = (value: unknown): value is PropertyKey =>
  Predicate.isString(value) || Predicate.isNumber(value) || Predicate.isSymbol(value)

/** Reads a path. It may be of a class of the library's whose `map` does something else than that of arrays. */
const pathOf = (issue: unknown): ReadonlyArray<PropertyKey> =>
  Predicate.hasProperty(issue, "path") && globalThis.Array.isArray(issue.path)
    ? globalThis.Array.from<unknown, unknown>(issue.path, (segment) =>
        Predicate.hasProperty(segment, "key") ? segment.key : segment
      ).filter(isKey)
    : []

const toParseIssue = (vendor: string, row: unknown, issue: unknown): ParseResult.ParseIssue => {
  const path = pathOf(issue)
  const actual = valueAt(row, path)
  const message = Predicate.hasProperty(issue, "message") && Predicate.isString(issue.message) ? issue.message : ""
  const words = message === "" ? "" : ` (${Issue.shorten(withoutValue(message, actual), 400)})`
  const type = new ParseResult.Type(accepted.ast, actual, `a value that ${vendor} accepts${words}`)
  return Array.isNonEmptyReadonlyArray(path) ? new ParseResult.Pointer(path, row, type) : type
}

/** Does this have a `then`, so that its result is not there yet? */
export const isPromise = (value: unknown): value is PromiseLike<unknown> =>
  Predicate.hasProperty(value, "then") && Predicate.isFunction(value.then)

/** Is this a schema of a library with the Standard Schema interface? A schema may be a function. */
export const isStandard = (schema: unknown): schema is StandardSchema =>
  Predicate.hasProperty(schema, "~standard")
  && Predicate.hasProperty(schema["~standard"], "validate")
  && Predicate.isFunction(schema["~standard"].validate)

/** Returns the output of a schema, or why it refuses the row. A library without types may return anything. */
export const toOutput = (
  { "~standard": { vendor } }: StandardSchema,
  row: unknown,
  result: unknown
): Either.Either<unknown, ParseResult.ParseIssue> => {
  const library = Predicate.isString(vendor) ? Issue.shorten(vendor, 50) : "the schema"
  const issues: unknown = Predicate.hasProperty(result, "issues") ? result.issues : undefined
  if (Predicate.isNullable(issues) && Predicate.hasProperty(result, "value")) return Either.right(result.value)
  const found = globalThis.Array.isArray(issues) ? globalThis.Array.from<unknown>(issues) : []
  const [first = toParseIssue(library, row, undefined), ...rest] = found.map((issue) =>
    toParseIssue(library, row, issue)
  )
  return Either.left(rest.length === 0 ? first : new ParseResult.Composite(accepted.ast, row, [first, ...rest]))
}
