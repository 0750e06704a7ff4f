/**
 * JSON values: what can be pushed to a webhook without anything being lost on the way.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import type * as AST from "effect/SchemaAST"
import { component } from "./internal/component.js"
import { isWellFormed } from "./internal/text.js"

/**
 * A JSON value. A property whose value is `undefined` is left out, as `JSON.stringify` does.
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

/**
 * `A` itself where it can be written as JSON, with `never` at each place that cannot: functions, symbols, bigints,
 * `Redacted` values. Lets interfaces and classes be pushed as they are, which {@link Json} alone would refuse. A class with
 * methods has to have a `toJSON` whose result is JSON.
 *
 * @example
 * import type { Json } from "@mammoth-effect/core"
 *
 * interface Order {
 *   readonly id: number
 *   readonly at: Date
 * }
 * const push = <A>(row: Json.Compatible<A>): void => void row
 * push<Order>({ id: 1, at: new Date(0) })
 *
 * @since 0.1.0
 * @category models
 */
export type Compatible<A> = [A] extends [Json]
  ? A
  : A extends null | boolean | number | string | Date
    ? A
    : A extends bigint | symbol | undefined | Redacted.Redacted<unknown> | ((...args: never) => unknown)
      ? never
      : A extends {
            /** What `JSON.stringify` writes in place of the object. */
            readonly toJSON: () => infer J
          }
        ? [J] extends [Json]
          ? A
          : never
        : A extends ReadonlyArray<infer _>
          ? { readonly [K in keyof A]: Compatible<A[K]> }
          : A extends object
            ? { readonly [K in keyof A]: Compatible<Exclude<A[K], undefined>> | Extract<A[K], undefined> }
            : A

/**
 * A flat record of scalars, at least one: what can travel in a query string.
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
 * `A` itself where it is flat, with `never` at each place that is not. Lets interfaces be pushed as they are, which
 * {@link Flat} alone would refuse.
 *
 * @example
 * import type { Json } from "@mammoth-effect/core"
 *
 * interface Reading {
 *   readonly celsius: number
 * }
 * const push = <A>(row: A & Json.CompatibleFlat<A>): void => void row
 * push<Reading>({ celsius: 4.5 })
 *
 * @since 0.1.0
 * @category models
 */
export type CompatibleFlat<A> = { readonly [K in keyof A]: A[K] extends string | number | boolean ? A[K] : never }

/** JSON nested deeper than this is refused: engines and servers give up at some depth, and none says where. */
const deepest = 256

interface Fault {
  readonly path: ReadonlyArray<string | number>
  readonly actual: unknown
  readonly expected: string
}

const anything = "a JSON value: null, true, false, a finite number, a string, a list or an object"

const within = (key: string | number, fault: Fault | undefined): Fault | undefined =>
  fault && { ...fault, path: [key, ...fault.path] }

const find = (value: unknown, above: Array<unknown>, isWritten = false): Fault | undefined => {
  const fault = (expected: string): Fault => ({ path: [], actual: value, expected })
  if (value === null || Predicate.isString(value) || Predicate.isBoolean(value)) return undefined
  if (Predicate.isNumber(value)) return Number.isFinite(value) ? undefined : fault("a finite number")
  if (Predicate.isFunction(value) || !Predicate.isObject(value)) return fault(anything)
  if (Redacted.isRedacted(value)) {
    return fault("a value that is not redacted, since its mask would be stored (unwrap it with Redacted.value)")
  }
  if (value instanceof Date && Number.isNaN(value.getTime())) return fault("a valid date")
  if (!isWritten && above.includes(value)) return fault("a value that does not contain itself")
  if (above.length >= deepest) return fault(`at most ${deepest} levels of nesting`)
  above.push(value)
  // as JSON.stringify does: what a toJSON gives is not asked for its own
  const found =
    !isWritten && Predicate.hasProperty(value, "toJSON") && Predicate.isFunction(value.toJSON)
      ? find(value.toJSON(), above, true)
      : findWithin(value, above)
  above.pop()
  return found
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
    return { path: [], actual: value, expected: "a list, since of another iterable object the items would not be sent" }
  }
  const keys = Object.keys(value)
  if (keys.length === 0) {
    const prototype: unknown = Object.getPrototypeOf(value)
    return prototype === Object.prototype || prototype === null
      ? undefined
      : { path: [], actual: value, expected: "a plain object or list, since nothing of this object would be sent" }
  }
  for (const key of keys) {
    const property: unknown = Reflect.get(value, key)
    if (property === undefined) continue
    const found = within(key, find(property, above))
    if (found !== undefined) return found
  }
  return undefined
}

/** {@link find}, of which a getter or `toJSON` of the caller's may throw. */
const findSafely = (value: unknown): Fault | undefined =>
  Either.getOrElse(
    Either.try(() => find(value, [])),
    () => ({ path: [], actual: value, expected: "a value whose properties and toJSON can be read without an error" })
  )

const isJson = (u: unknown): u is Json => findSafely(u) === undefined

/**
 * The schema of any JSON value. It refuses, with the path, what `JSON.stringify` would change or drop in silence:
 * `NaN`, infinities, bigints, functions, symbols, holes, maps, sets and typed arrays, cycles, and `Redacted` values. Dates and other
 * objects with `toJSON` are written as that says.
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

const check = (input: unknown, ast: AST.AST) => {
  if (isJson(input)) return ParseResult.succeed(input)
  const fault = findSafely(input)
  const issue = new ParseResult.Type(ast, fault?.actual, fault?.expected)
  const [first, ...rest] = fault?.path ?? []
  return ParseResult.fail(first === undefined ? issue : new ParseResult.Pointer([first, ...rest], input, issue))
}

const scalar = Schema.Union(Schema.String.pipe(Schema.filter(isWellFormed)), Schema.Finite, Schema.Boolean).annotations(
  {
    description:
      "well-formed text, a finite number or a boolean, since a query string carries nothing else (send lists, objects and null with addData)"
  }
)

/** Of this one key a schema would make a prototype, and the column would be gone. */
const column = Schema.String.pipe(Schema.filter((key) => key !== "__proto__" && isWellFormed(key)))

/**
 * The schema of a flat record of scalars, on the wire query parameters; a record without keys is refused.
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
  Schema.Record({ key: Schema.String, value: Schema.String }),
  Schema.Record({ key: column, value: scalar }).pipe(
    Schema.filter((data) =>
      Object.keys(data).length === 0 ? "at least one key, since an empty query writes no row" : undefined
    ),
    Schema.filter((data) => ("" in data ? "keys of at least one character, since each names a column" : undefined))
  ),
  {
    strict: true,
    decode: (query) => query,
    encode: (data) => Object.fromEntries(Object.entries(data).map(([key, value]) => [key, String(value)]))
  }
)
