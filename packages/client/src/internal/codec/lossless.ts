/** Writes any value as JSON without loss. A value that JSON cannot hold becomes `{ $type, value }`. */
import * as Either from "effect/Either"
import * as Predicate from "effect/Predicate"
import { brandOf, isError } from "./brand.js"

/**
 * The maximum depth of a value. Deeper parts are not written, because they would overflow the stack. Rows that can be
 * sent have at most 256 levels, so these rows are always written completely.
 */
const deepest = 300

/**
 * The maximum number of holes that are written for an array. An array may have four billion holes, so an array with
 * more than this number is written without its holes.
 */
const mostHoles = 1000

const typed = (type: string, value?: unknown): unknown =>
  value === undefined ? { $type: type } : { $type: type, value }

const isSparse = (items: ReadonlyArray<unknown>): boolean =>
  items.length > mostHoles && items.length - Object.keys(items).length > mostHoles

const boxes = ["Number", "String", "Boolean", "BigInt", "Symbol"]

const isBuffer = (object: object): object is ArrayBuffer =>
  ["ArrayBuffer", "SharedArrayBuffer"].includes(brandOf(object))

const nameOf = (object: object): string => {
  const brand = brandOf(object)
  return brand === "Object" && Predicate.isFunction(object.constructor) ? object.constructor.name : brand
}

/**
 * Converts a value to JSON data. Never throws: a value whose getter or `toJSON` throws becomes an object with the
 * `$type` "unreadable".
 */
export const lossless = (row: unknown): unknown => {
  /**
   * The objects that contain the current value, each with its path. A path is the list of keys that lead to the object.
   */
  const above = new Map<object, ReadonlyArray<string | number>>()
  let path: ReadonlyArray<string | number> = []

  const write = (value: unknown, isWritten = false): unknown => {
    if (value === null || Predicate.isString(value) || Predicate.isBoolean(value)) return value
    if (Predicate.isNumber(value)) return Number.isFinite(value) ? value : typed("number", String(value))
    if (Predicate.isSymbol(value)) return typed("symbol", value.description)
    if (Predicate.isBigInt(value)) return typed("bigint", String(value))
    if (!Predicate.isObject(value)) return typed("undefined")
    const holder = above.get(value)
    if (holder !== undefined && !isWritten) return typed("cycle", holder)
    if (above.size >= deepest) return typed("too deep")
    above.set(value, path)
    const written = attempt(() => writeObject(value, isWritten))
    above.delete(value)
    return written
  }

  const attempt = (evaluate: () => unknown): unknown =>
    Either.getOrElse(Either.try(evaluate), () => typed("unreadable"))

  const inside = (key: string | number, value: unknown): unknown => {
    const around = path
    path = [...around, key]
    const written = write(value)
    path = around
    return written
  }

  const list = (values: Iterable<unknown>): ReadonlyArray<unknown> =>
    Array.from(values, (value, index) => inside(index, value))

  /** Returns the properties with these keys, with converted values. Leaves out undefined properties, as JSON does. */
  const record = (object: object, keys: Iterable<string>): object =>
    Object.fromEntries(
      Array.from(keys).flatMap((key) => {
        const property = attempt(() => {
          const value: unknown = Reflect.get(object, key)
          return value === undefined ? undefined : inside(key, value)
        })
        return property === undefined ? [] : [[key, property]]
      })
    )

  const writeObject = (object: object, isWritten: boolean): unknown => {
    const brand = brandOf(object)
    if (brand === "Date" && Number.isNaN(Number(object))) return typed(brand, "Invalid Date")
    if (!isWritten && "toJSON" in object && Predicate.isFunction(object.toJSON)) {
      return write(Reflect.apply(object.toJSON, object, []), true)
    }
    if (Predicate.isFunction(object)) return typed("function", object.name)
    if (Array.isArray(object)) {
      return isSparse(object) ? typed("Array", record(object, ["length", ...Object.keys(object)])) : list(object)
    }
    if (Predicate.isIterable(object) && (brand === "Map" || brand === "Set" || ArrayBuffer.isView(object))) {
      return typed(brand, list(object))
    }
    if (ArrayBuffer.isView(object))
      return typed(brand, list(new Uint8Array(object.buffer, object.byteOffset, object.byteLength)))
    if (isBuffer(object)) return typed(brand, list(new Uint8Array(object)))
    if (isError(object)) {
      return typed(
        "Error",
        record(object, new Set(["name", "message", "stack", ...Object.getOwnPropertyNames(object)]))
      )
    }
    if (brand === "RegExp") return typed(brand, RegExp.prototype.toString.call(object))
    if (brand === "Date") return typed(brand, new Date(Number(object)).toISOString())
    if (boxes.includes(brand)) return write(object.valueOf(), true)
    const own = record(object, Object.keys(object))
    if ("$type" in own) return typed("Object", own)
    const name = nameOf(object)
    return Object.keys(own).length > 0 || name === "Object" ? own : typed(name)
  }

  return write(row)
}
