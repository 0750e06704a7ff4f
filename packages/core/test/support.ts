/** What several of the tests need. */
import { inspect } from "node:util"
import { Either, ParseResult, Redacted, type Schema } from "effect"
import { Issue } from "../src/index.js"

const lines = (result: Either.Either<unknown, ParseResult.ParseIssue>): ReadonlyArray<string> =>
  Either.isLeft(result) ? Issue.fromParseIssue(result.left).map(Issue.format) : []

/** What is wrong with a request, strictly read; nothing where it is right. */
export const refusals = (schema: Schema.Schema.AnyNoContext, value: unknown): ReadonlyArray<string> =>
  lines(ParseResult.encodeUnknownEither(schema, { onExcessProperty: "error", errors: "all" })(value))

/** What is wrong with what came over the wire, openly read; nothing where it is right. */
export const faults = (schema: Schema.Schema.AnyNoContext, wire: unknown): ReadonlyArray<string> =>
  lines(ParseResult.decodeUnknownEither(schema, { errors: "all" })(wire))

/** A value with its secrets in the open and without properties that are undefined, to compare. */
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

/** All that a careless program might print of a value. */
export const printed = (value: unknown): string =>
  [String(value), JSON.stringify({ value }), inspect(value), inspect({ value }, { showHidden: true })].join("\n")
