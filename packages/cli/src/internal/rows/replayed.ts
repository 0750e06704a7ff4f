/** Reads the rows in a file of dead letters. */
import { FileRow } from "@mammoth-effect/client/FileRow"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Stream from "effect/Stream"
import * as Input from "../input.js"
import { InputError } from "../shell/errors.js"
import type { Source } from "./source.js"

/**
 * Restores objects that have a property `$type`. A dead letter stores each of these objects in the property `value` of `{
 * "$type": "Object" }`.
 */
const unwrap = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(unwrap)
  if (!Predicate.isRecord(value)) return value
  const inner = value["$type"] === "Object" && Predicate.isRecord(value["value"]) ? value["value"] : value
  return Object.fromEntries(Object.entries(inner).map(([key, each]) => [key, unwrap(each)]))
}

/**
 * Returns true if a row holds a value that JSON cannot represent. A dead letter marks this value with a `$type` other than
 * `Object`.
 */
const hasOtherType = (value: unknown): boolean => {
  if (Array.isArray(value)) return value.some(hasOtherType)
  if (!Predicate.isRecord(value)) return false
  const isWrapped = value["$type"] === "Object" && Predicate.isRecord(value["value"])
  if (value["$type"] !== undefined && !isWrapped) return true
  return Object.values(isWrapped && Predicate.isRecord(value["value"]) ? value["value"] : value).some(hasOtherType)
}

/** Converts a source of dead letters to a source of their rows. Each row keeps the line number of its dead letter. */
export const of = (path: string, source: Source): Source => ({
  ...source,
  rows: (onBadLine) =>
    Stream.mapEffect(source.rows(onBadLine), ({ line, row: letter }) => {
      const wrong = (reason: string) => new InputError({ path: Input.nameOf(path), reason: `line ${line}: ${reason}` })
      if (!Predicate.isRecord(letter) || !("row" in letter) || !("error" in letter)) {
        return wrong("this is not a dead letter, because a dead letter has the properties row and error")
      }
      return hasOtherType(letter.row)
        ? wrong("the row has a value that JSON cannot represent; first replace the object that has the property $type")
        : Effect.succeed(new FileRow<unknown>({ line, row: unwrap(letter.row) }))
    })
})
