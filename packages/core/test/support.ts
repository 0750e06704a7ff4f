/** Lists the issues of values, and prepares values for comparison. Several test files use this. */
import { inspect } from "node:util"
import { Either, ParseResult, Redacted, type Schema } from "effect"
import { Issue } from "../src/index.js"

const lines = (result: Either.Either<unknown, ParseResult.ParseIssue>): ReadonlyArray<string> =>
  Either.isLeft(result) ? Issue.fromParseIssue(result.left).map(Issue.format) : []

/** Lists the issues of a request, including unknown keys. Returns an empty list for a valid request. */
export const refusals = (schema: Schema.Schema.AnyNoContext, value: unknown): ReadonlyArray<string> =>
  lines(ParseResult.encodeUnknownEither(schema, { onExcessProperty: "error", errors: "all" })(value))

/** Lists the issues of a value from the wire. Unknown keys are allowed. Returns an empty list for a valid value. */
export const faults = (schema: Schema.Schema.AnyNoContext, wire: unknown): ReadonlyArray<string> =>
  lines(ParseResult.decodeUnknownEither(schema, { errors: "all" })(wire))

/** Copies a value for comparison. Reveals secrets, and drops properties that are undefined. */
export const plain = (value: unknown): unknown => {
  if (Redacted.isRedacted(value)) return { secret: Redacted.value(value) }
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, each]) => each !== undefined)
      .map(([key, each]) => [key, plain(each)])
  )
}

/** Prints a value in every way that a careless program might. */
export const printed = (value: unknown): string =>
  [String(value), JSON.stringify({ value }), inspect(value), inspect({ value }, { showHidden: true })].join("\n")
