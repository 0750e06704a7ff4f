/**
 * Types and schemas of JSON values. They check that a push can carry a value without loss.
 *
 * @since 0.1.0
 */
import type * as DateTime from "effect/DateTime"
import type * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as AST from "effect/SchemaAST"
import type * as Stream from "effect/Stream"
import { component } from "./internal/component.js"
import { isWellFormed } from "./internal/text.js"
import * as Issue from "./Issue.js"
import * as JsonText from "./JsonText.js"

/**
 * A JSON value. Like `JSON.stringify`, a push leaves out a property that is `undefined`. A push refuses a row
 * whose properties are all `undefined`, because otherwise the push would write an empty row.
 *
 * @example
 * import type { Json } from "@mammoth-effect/core"
 *
 * const row: Json.Json = { order: 1, total: 9.5, note: undefined }
 *
 * @since 0.1.0
 * @category models
 */
export type Json = null | boolean | number | string | ReadonlyArray<Json> | { readonly [key: string]: Json | undefined }

declare const NotJsonTypeId: unique symbol

/**
 * The type that replaces a part of a row if JSON cannot represent the part. No value has this type, so the compiler
 * reports an error. The error shows the parameter of this type: a string that names the mistake and the remedy.
 *
 * @since 0.1.0
 * @category models
 */
export interface NotJson<Remedy extends string> {
  readonly [NotJsonTypeId]: Remedy
}

/** A variant of {@link Json} that also refuses a computed symbol key. */
type Plain = null | boolean | number | string | ReadonlyArray<Plain> | PlainObject

interface PlainObject {
  readonly [key: string]: Plain | undefined
  readonly [key: symbol]: never
}

interface WithToJson {
  /** Returns the value that `JSON.stringify` writes instead of the object. */
  readonly toJSON: () => unknown
}

/** Any `Option`. Test for `Option` and `Either` before `Effect`, because each of them is also an `Effect`. */
interface AnyOption {
  readonly [Option.TypeId]: unknown
}

interface AnyEither {
  readonly [Either.TypeId]: unknown
}

interface AnyEffect {
  readonly [Effect.EffectTypeId]: unknown
}

interface AnyStream {
  readonly [Stream.StreamTypeId]: unknown
}

/**
 * Is `NotJson` if JSON cannot represent a value of type `A`, and otherwise `never`. Tests for bytes before it tests for
 * `toJSON`, because a `Buffer` has a `toJSON`.
 */
type Refusal<A> = A extends bigint
  ? NotJson<"a bigint: send String(bigint)">
  : A extends symbol
    ? NotJson<"a symbol: send a string">
    : A extends undefined
      ? NotJson<"undefined: send null for a cell without a value">
      : A extends (...args: never) => unknown
        ? NotJson<"a function: call it, or send { ...object } without its methods">
        : A extends Redacted.Redacted<unknown>
          ? NotJson<"a Redacted: unwrap it with Redacted.value">
          : A extends ArrayBufferView | ArrayBuffer
            ? NotJson<"bytes: send a string, such as base64">
            : A extends WithToJson
              ? [ReturnType<A["toJSON"]>] extends [Json]
                ? never
                : RefusalOfObject<
                    A,
                    NotJson<"an object whose toJSON may return a value that is not JSON: encode it with a schema">
                  >
              : RefusalOfObject<A, never>

type RefusalOfObject<A, Otherwise> =
  A extends PromiseLike<unknown>
    ? NotJson<"a Promise: await it first">
    : A extends AnyOption
      ? NotJson<"an Option: send Option.getOrNull(option)">
      : A extends AnyEither
        ? NotJson<"an Either: send Either.getOrThrow(either)">
        : A extends AnyEffect
          ? NotJson<"an Effect: run it first, with yield*">
          : A extends AnyStream
            ? NotJson<"a Stream: run it with WebhookSink.append">
            : A extends ReadonlyMap<unknown, unknown>
              ? NotJson<"a Map: send Object.fromEntries(map)">
              : A extends ReadonlySet<unknown>
                ? NotJson<"a Set: send Array.from(set)">
                : A extends ReadonlyArray<unknown>
                  ? Otherwise
                  : A extends Iterable<unknown>
                    ? NotJson<"an iterable: send Array.from(iterable)">
                    : A extends AsyncIterable<unknown>
                      ? NotJson<"an async iterable: collect its values first">
                      : A extends RegExp
                        ? NotJson<"a RegExp: send its source">
                        : Otherwise

/**
 * The type of a row or document of type `A`. The result is `A` itself if JSON can represent `A`. Otherwise the result is
 * `A` with {@link NotJson} at each place that JSON cannot represent. JSON cannot represent functions, symbols, bigints,
 * bytes, maps, promises, the data types of Effect and `Redacted` values.
 *
 * This type accepts interfaces and classes, which {@link Json} would refuse. A class with methods needs a `toJSON` that
 * returns JSON. If a generic function passes rows on, declare its parameter as `Json.Compatible<A>`.
 *
 * @example
 * import { Webhooks } from "@mammoth-effect/client"
 * import type { Json } from "@mammoth-effect/core"
 *
 * interface Order {
 *   readonly id: number
 *   readonly at: Date
 * }
 * const push = <A>(row: Json.Compatible<A>) => Webhooks.addData("g7rHe3mUqUGPEpnc4XxeDWJa", row)
 * const pushed = push<Order>({ id: 1, at: new Date(0) })
 *
 * @since 0.1.0
 * @category models
 */
export type Compatible<A> = [A] extends [Plain]
  ? A
  : A extends null | boolean | number | string | Date | DateTime.DateTime
    ? A
    : [Refusal<A>] extends [never]
      ? A extends WithToJson
        ? A
        : A extends ReadonlyArray<unknown>
          ? { readonly [K in keyof A]: Compatible<A[K]> }
          : A extends object
            ? A & { readonly [K in keyof A as Suspect<A, K>]: CompatibleProperty<A, K> }
            : A
      : Refusal<A>

/**
 * Selects the keys of the properties to check. Selects a key if the property's type may be something other than JSON.
 * Also selects a computed symbol. Does not select the unique symbol of a brand.
 */
type Suspect<A, K extends keyof A> = [A[K]] extends [Plain | undefined] ? (symbol extends K ? K : never) : K

type CompatibleProperty<A, K extends keyof A> = symbol extends K
  ? NotJson<"a symbol key: JSON drops it, use a string">
  : Compatible<Exclude<A[K], undefined>> | Extract<A[K], undefined>

/**
 * A flat record of at least one scalar, which a query string can carry.
 *
 * @example
 * import type { Json } from "@mammoth-effect/core"
 *
 * const reading: Json.Flat = { station: "north", celsius: 4.5, raining: true }
 *
 * @since 0.1.0
 * @category models
 */
export interface Flat {
  readonly [key: string]: string | number | boolean
}

/**
 * The type of a flat row of type `A`. The result is `A` itself if all properties are strings, numbers or booleans.
 * Otherwise the result is `A` with {@link NotJson} at each property of another type. This type accepts interfaces, which
 * {@link Flat} would refuse.
 *
 * @example
 * import { Webhooks } from "@mammoth-effect/client"
 * import type { Json } from "@mammoth-effect/core"
 *
 * interface Reading {
 *   readonly celsius: number
 * }
 * const push = <A>(row: Json.CompatibleFlat<A>) => Webhooks.addDataUsingGet("g7rHe3mUqUGPEpnc4XxeDWJa", row)
 * const pushed = push<Reading>({ celsius: 4.5 })
 *
 * @since 0.1.0
 * @category models
 */
export type CompatibleFlat<A> = A & {
  readonly [
    K in keyof A as A[K] extends string | number | boolean ? never : K
  ]: NotJson<"not a string, number or boolean: use addData">
}

/**
 * The maximum depth of a JSON value. The SDK sets its own limit, because engines and servers do not publish their
 * limits.
 */
const deepest = 256

interface Fault {
  readonly path: ReadonlyArray<string | number>
  readonly actual: unknown
  readonly expected: string
}

const anything = "a JSON value: null, true, false, a finite number, a string, a list or an object"

const within = (key: string | number, fault: Fault | undefined): Fault | undefined =>
  fault && { ...fault, path: [key, ...fault.path] }

const unreadable = (actual: unknown): Fault => ({
  path: [],
  actual,
  expected: "a value whose properties and toJSON can be read without an error"
})

/**
 * Returns the built-in kind of an object, such as `[object Date]`. Unlike `instanceof`, this also works for objects of
 * other realms, such as those of `vm`.
 */
const kindOf = (value: object): string => Object.prototype.toString.call(value)

const isInvalidDate = (value: object): boolean => kindOf(value) === "[object Date]" && Number.isNaN(Number(value))

/** Returns true for an object without a prototype, or with the `Object.prototype` of any realm as its prototype. */
const isPlainObject = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

const hasToJson = (value: object): value is { readonly toJSON: () => unknown } =>
  "toJSON" in value && Predicate.isFunction(value.toJSON)

/**
 * Matches the names that mark the data types of the Effect libraries. These names are the same in every copy of Effect.
 * The pattern leaves out names that users' classes also have.
 */
const typeId = /^~?@?effect\/(?!Schema\/|.*\b(?:Equal|Hash|PrimaryKey)$)/

const hasTypeId = (value: unknown): boolean =>
  Predicate.isObject(value)
  && (Reflect.ownKeys(value).some((key) => typeId.test((Predicate.isSymbol(key) ? Symbol.keyFor(key) : key) ?? ""))
    || hasTypeId(Object.getPrototypeOf(value)))

/** Returns the name of an Effect data type if the value's `toJSON` wrote internal fields, otherwise `undefined`. */
const effectTypeOf = (value: object, written: unknown): string | undefined =>
  Predicate.hasProperty(written, "_id")
  && Predicate.isString(written._id)
  && !Object.hasOwn(value, "_id")
  && hasTypeId(value)
    ? written._id
    : undefined

const find = (value: unknown, above: Array<unknown>, isWritten = false): Fault | undefined => {
  const fault = (expected: string): Fault => ({ path: [], actual: value, expected })
  if (value === null || Predicate.isString(value) || Predicate.isBoolean(value)) return undefined
  if (Predicate.isNumber(value)) return Number.isFinite(value) ? undefined : fault("a finite number")
  if (Predicate.isFunction(value) || !Predicate.isObject(value)) return fault(anything)
  if (Redacted.isRedacted(value)) {
    return fault("a plain value, because JSON writes only the mask of a redacted value (unwrap it with Redacted.value)")
  }
  if (!isWritten && above.includes(value)) return fault("a value that does not contain itself")
  if (above.length >= deepest) return fault(`at most ${deepest} levels of nesting`)
  above.push(value)
  // Call `toJSON` only once, as `JSON.stringify` does: its result may also have a `toJSON`.
  const found =
    !isWritten && hasToJson(value)
      ? Either.match(write(value), { onLeft: (fault) => fault, onRight: (written) => find(written, above, true) })
      : findWithin(value, above)
  above.pop()
  return found
}

/** Calls `toJSON` of an object. Returns the result, or a fault if the result does not represent the object. */
const write = (value: { readonly toJSON: () => unknown }): Either.Either<unknown, Fault> => {
  const fault = (expected: string) => Either.left({ path: [], actual: value, expected })
  // Refuse an invalid date here, because its `toJSON` returns null, which would hide the mistake.
  if (isInvalidDate(value)) return fault("a valid date")
  const written = value.toJSON()
  const type = effectTypeOf(value, written)
  return type === undefined
    ? Either.right(written)
    : fault(
        `a JSON value, because JSON would write the internal fields of Effect's ${type} (encode the row with a schema, or convert the value to a string or a number)`
      )
}

const findWithin = (value: object, above: Array<unknown>): Fault | undefined => {
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      const found = within(i, find(value[i], above))
      if (found !== undefined) return found
    }
    return undefined
  }
  if (Symbol.iterator in value) {
    return { path: [], actual: value, expected: otherIterable }
  }
  const keys = Object.keys(value)
  if (keys.length === 0) {
    return isPlainObject(value) ? undefined : { path: [], actual: value, expected: noProperties }
  }
  if (!isPlainObject(value) && kindOf(value) === "[object Error]") {
    return { path: [], actual: value, expected: notError }
  }
  let isEmpty = true
  for (const key of keys) {
    const property: unknown = Reflect.get(value, key)
    if (property === undefined) continue
    isEmpty = false
    const found = within(key, find(property, above))
    if (found !== undefined) return found
  }
  return isEmpty && isRow(above)
    ? within(keys[0] ?? "", { path: [], actual: undefined, expected: someValue })
    : undefined
}

const otherIterable = "an array, because JSON does not write other iterables as lists (send Array.from(iterable))"

const noProperties = "a plain object or list, because this object has no properties that JSON writes"

const notError = "a value other than an Error, because JSON drops its message (send { message: error.message })"

const someValue =
  "a value, because every property of the row is undefined, and JSON would write an empty row (give null for a cell without a value)"

/**
 * Returns true if the last value of `above` is a row. `above` lists this value and all values around it, the outermost
 * first. The last value is a row if every value around it is a list or has a `toJSON`.
 */
const isRow = (above: ReadonlyArray<unknown>): boolean =>
  above.every(
    (each, i) => i === above.length - 1 || Array.isArray(each) || (Predicate.isObject(each) && hasToJson(each))
  )

/** Calls {@link find}. Returns a fault if a caller's getter or `toJSON` throws. */
const findSafely = (value: unknown): Fault | undefined =>
  Either.getOrElse(
    Either.try(() => find(value, [])),
    () => unreadable(value)
  )

const isJson = (u: unknown): u is Json => findSafely(u) === undefined

/**
 * The schema of any JSON value. It refuses values that JSON cannot write. It also refuses most values that
 * `JSON.stringify` would silently change or drop. Examples are `NaN`, infinities, bigints, functions, symbols, maps,
 * sets, typed arrays, cycles, `Redacted` values and holes in arrays. The issue has the path of the first refused value.
 *
 * **Details**
 *
 * - A property that is `undefined` is left out, at any depth, and its column stays empty. Send `null` for a cell
 *   without a value.
 * - A row whose properties are all `undefined` is refused. A row is an object that is the value itself or an item of a
 *   list.
 * - Objects with `toJSON`, such as dates, are written as the result of `toJSON`. A `DateTime` is written as its moment
 *   in UTC, such as `1970-01-01T00:00:00.000Z`.
 * - The data types of Effect, such as `Option`, `BigDecimal` and `Chunk`, are refused, because their `toJSON` writes
 *   internal fields for logs. Encode rows that have them with a schema.
 * - JSON that is nested deeper than 256 levels is refused.
 *
 * @example
 * import { Json } from "@mammoth-effect/core"
 * import { Schema } from "effect"
 *
 * console.log(Schema.is(Json.Json)({ total: 9.5 })) // true
 * console.log(Schema.is(Json.Json)({ total: NaN })) // false
 *
 * @since 0.1.0
 * @category schemas
 */
export const Json: Schema.Schema<Json> = Schema.declare(
  [],
  {
    decode: () => (input, _options, ast) => check(input, ast),
    encode: () => (input, _options, ast) => check(input, ast)
  },
  {
    ...component("Json"),
    description: anything,
    jsonSchema: { anyOf: ["object", "array", "string", "number", "boolean", "null"].map((type) => ({ type })) },
    arbitrary: () => (fc) => fc.jsonValue().filter(isJson)
  }
)

const toIssue = ({ actual, expected, path: [first, ...rest] }: Fault, input: unknown, ast: AST.AST) => {
  const issue = new ParseResult.Type(ast, actual, expected)
  return first === undefined ? issue : new ParseResult.Pointer([first, ...rest], input, issue)
}

const check = (input: unknown, ast: AST.AST): Either.Either<Json, ParseResult.ParseIssue> => {
  if (isJson(input)) return Either.right(input)
  return Either.left(toIssue(findSafely(input) ?? unreadable(input), input, ast))
}

/** Finds the first key `__proto__` in a value. If a schema copies this key, the column becomes a prototype and is lost. */
const findPrototypeKey = (value: unknown, seen: Set<unknown>): Fault | undefined => {
  if (!Predicate.isObject(value) || seen.has(value)) return undefined
  seen.add(value)
  for (const key of Object.keys(value)) {
    const property: unknown = Reflect.get(value, key)
    if (key === "__proto__") return { path: [key], actual: property, expected: otherColumn }
    const found = within(Array.isArray(value) ? Number(key) : key, findPrototypeKey(property, seen))
    if (found !== undefined) return found
  }
  return undefined
}

const otherColumn = "a column with another name, because JavaScript uses this name for prototypes (rename the column)"

/**
 * Returns true if a schema can lose a key `__proto__`. This can happen if the schema copies keys without naming them, or
 * if the schema names `__proto__`.
 */
const copiesKeys = (ast: AST.AST, seen: Set<AST.AST>): boolean => {
  if (seen.has(ast)) return false
  seen.add(ast)
  const isIn = (each: AST.AST): boolean => copiesKeys(each, seen)
  switch (ast._tag) {
    case "TypeLiteral":
      return (
        ast.indexSignatures.length > 0
        || Option.exists(AST.getParseOptionsAnnotation(ast), (options) => options.onExcessProperty === "preserve")
        || ast.propertySignatures.some(({ name, type }) => name === "__proto__" || isIn(type))
      )
    case "TupleType":
      return [...ast.elements, ...ast.rest].some(({ type }) => isIn(type))
    case "Union":
      return ast.types.some(isIn)
    case "Refinement":
      return isIn(ast.from)
    case "Transformation":
      return isIn(ast.from) || isIn(ast.to)
    case "Declaration":
      return ast.typeParameters.some(isIn)
    case "Suspend":
      return isIn(ast.f())
    default:
      return false
  }
}

/**
 * Makes a schema refuse a value that has a key `__proto__`, at any depth. Otherwise the schema would silently drop that
 * column. The change is necessary for a schema that copies keys without naming them, such as a record, and for a schema
 * that names `__proto__`. Returns any other schema unchanged.
 *
 * @example
 * import { Json } from "@mammoth-effect/core"
 * import { Either, Schema } from "effect"
 *
 * const AnyRow = Schema.Record({ key: Schema.String, value: Schema.Unknown })
 * const row: unknown = JSON.parse('{ "a": 1, "__proto__": "v" }')
 * console.log(Schema.decodeUnknownSync(AnyRow)(row)) // { a: 1 }
 * console.log(Either.isLeft(Schema.decodeUnknownEither(Json.keepColumns(AnyRow))(row))) // true
 *
 * @since 0.1.0
 * @category combinators
 */
export const keepColumns = <A, I>(schema: Schema.Schema<A, I>): Schema.Schema<A, I> => {
  if (!copiesKeys(schema.ast, new Set())) return schema
  const checked =
    <B>(read: (input: unknown, options: AST.ParseOptions) => Effect.Effect<B, ParseResult.ParseIssue>) =>
    (input: unknown, options: AST.ParseOptions, ast: AST.AST) => {
      const fault = findPrototypeKey(input, new Set())
      return fault === undefined ? read(input, options) : ParseResult.fail(toIssue(fault, input, ast))
    }
  return Schema.declare([schema], {
    decode: (inner) => checked(ParseResult.decodeUnknown(inner)),
    encode: (inner) => checked(ParseResult.encodeUnknown(inner))
  })
}

const checkJson = Issue.encodeUnknown(Json)

/**
 * Makes a function that encodes a row with its schema and writes it as JSON. The function returns issues for a value
 * that the schema or {@link Json} refuses, and for a key `__proto__` that the schema would drop.
 *
 * @example
 * import { Json } from "@mammoth-effect/core"
 * import { Either, Schema } from "effect"
 *
 * const encode = Json.makeEncoder(Schema.Struct({ at: Schema.Date, total: Schema.Number }))
 * console.log(Either.getOrThrow(encode({ at: new Date(0), total: 9.5 }))) // {"at":"1970-01-01T00:00:00.000Z","total":9.5}
 * console.log(Either.isLeft(encode({ at: new Date(0), total: NaN }))) // true
 *
 * @since 0.1.0
 * @category encoding
 */
export const makeEncoder = <A, I>(schema: Schema.Schema<A, I>): ((row: A) => Either.Either<string, Issue.Issues>) => {
  const encode = Issue.encodeUnknown(keepColumns(schema))
  return (row) => Either.flatMap(Either.flatMap(encode(row), checkJson), JsonText.stringify)
}

const isText = (value: unknown): value is string => Predicate.isString(value) && isWellFormed(value)

const isScalar = (value: unknown): value is string | number | boolean =>
  isText(value) || Predicate.isBoolean(value) || (Predicate.isNumber(value) && Number.isFinite(value))

const scalar =
  "a well-formed string, a finite number or a boolean, because a query string carries only these (send lists, objects and null with addData)"

const isColumnName = (name: string): boolean => name !== "" && name !== "__proto__" && isWellFormed(name)

/** Describes the error in a column. Returns `undefined` if the column has no error. */
const columnFault = (name: string, value: unknown, isValue: Predicate.Predicate<unknown>): string | undefined => {
  if (name === "__proto__") return otherColumn
  if (!isWellFormed(name)) return "a column whose name is a well-formed string"
  return isValue(value) ? undefined : scalar
}

/**
 * Makes the schema of a record of columns. Unlike `Schema.Record`, the schema drops no key. If an object has a `toJSON`,
 * the schema reads the result of `toJSON`.
 */
const columns = <A>(
  isValue: (value: unknown) => value is A,
  annotations: Schema.Annotations.Schema<{ readonly [name: string]: A }>
): Schema.Schema<{ readonly [name: string]: A }> => {
  type Row = { readonly [name: string]: A }

  const isRow = (row: unknown): row is Row =>
    Predicate.isRecord(row)
    && Object.keys(row).length > 0
    && Object.entries(row).every(([name, value]) => isColumnName(name) && isValue(value))

  const refuse = (row: unknown, ast: AST.AST) => {
    const fail = (expected?: string) => Either.left(new ParseResult.Type(ast, row, expected))
    if (!Predicate.isRecord(row)) return fail()
    const [first, ...rest] = Object.entries(row).flatMap(([name, actual]) => {
      const expected = columnFault(name, actual, isValue)
      return expected === undefined ? [] : [toIssue({ path: [name], actual, expected }, row, ast)]
    })
    if (first !== undefined) return Either.left(new ParseResult.Composite(ast, row, [first, ...rest]))
    return fail(
      "" in row
        ? "keys of at least one character, because each key names a column"
        : "at least one key, because an empty query writes no row"
    )
  }

  const readRow = (input: unknown, ast: AST.AST): Either.Either<Row, ParseResult.ParseIssue> => {
    // Read the result of `toJSON` instead of the object, because `toJSON` may hide some of the object's properties.
    const row = Predicate.isRecord(input) && hasToJson(input) ? write(input) : Either.right(input)
    if (Either.isLeft(row)) return Either.left(toIssue(row.left, input, ast))
    return isRow(row.right) ? Either.right(row.right) : refuse(row.right, ast)
  }

  const read = (input: unknown, _: AST.ParseOptions, ast: AST.AST) =>
    Either.getOrElse(
      Either.try(() => readRow(input, ast)),
      () => Either.left(toIssue(unreadable(input), input, ast))
    )
  return Schema.declare([], { decode: () => read, encode: () => read }, annotations)
}

/**
 * The schema of a flat record of scalars. On the wire, each property is a query parameter. The schema refuses a record
 * without keys.
 *
 * @example
 * import { Json } from "@mammoth-effect/core"
 * import { Schema } from "effect"
 *
 * console.log(Schema.encodeSync(Json.Flat)({ celsius: 4.5, raining: true })) // { celsius: "4.5", raining: "true" }
 *
 * @since 0.1.0
 * @category schemas
 */
export const Flat: Schema.Schema<Flat, { readonly [key: string]: string }> = Schema.transform(
  columns(Predicate.isString, {
    description: "an object of strings",
    jsonSchema: { type: "object", additionalProperties: { type: "string" } },
    arbitrary: () => (fc) => fc.dictionary(fc.string().filter(isColumnName), fc.string(), { minKeys: 1 })
  }),
  columns(isScalar, {
    description: "an object of strings, numbers and booleans",
    jsonSchema: {
      type: "object",
      additionalProperties: { anyOf: ["string", "number", "boolean"].map((type) => ({ type })) }
    },
    arbitrary: () => (fc) =>
      fc.dictionary(
        fc.string().filter(isColumnName),
        fc.oneof(fc.string(), fc.double({ noDefaultInfinity: true, noNaN: true }), fc.boolean()),
        { minKeys: 1 }
      )
  }),
  {
    strict: true,
    decode: (query) => query,
    encode: (row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, String(value)]))
  }
)
