/**
 * What is wrong with a value, told without the value: where, what was expected, and the shape of what was there.
 *
 * @since 0.1.0
 */
import * as Array from "effect/Array"
import * as Option from "effect/Option"
import type * as ParseResult from "effect/ParseResult"
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as AST from "effect/SchemaAST"

/**
 * One thing that is wrong with a value. It never holds the value itself, which may be a secret.
 *
 * @example
 * import { Issue } from "@mammoth-effect/core"
 *
 * const issue = Issue.Issue.make({ path: ["limit"], expected: "an integer from 0 to 100", received: "a string" })
 * console.log(Issue.format(issue)) // limit: expected an integer from 0 to 100, received a string
 *
 * @since 0.1.0
 * @category schemas
 */
export const Issue: Schema.Struct<{
  path: Schema.Array$<Schema.Union<[typeof Schema.String, typeof Schema.Number]>>
  expected: typeof Schema.String
  received: typeof Schema.String
}> = Schema.Struct({
  path: Schema.Array(Schema.Union(Schema.String, Schema.Number)),
  expected: Schema.String,
  received: Schema.String
})

/**
 * Where something is wrong, what was expected there, and the shape of what was there instead.
 *
 * @since 0.1.0
 * @category models
 */
export interface Issue extends Schema.Schema.Type<typeof Issue> {}

/**
 * The shape of a value, in words, without the value.
 *
 * @example
 * import { Issue } from "@mammoth-effect/core"
 *
 * console.log(Issue.shape("hunter2")) // a string of 7 characters
 * console.log(Issue.shape([])) // an empty list
 *
 * @since 0.1.0
 * @category constructors
 */
export const shape = (value: unknown): string => {
  if (value === undefined) return "nothing"
  if (value === null) return "null"
  if (Redacted.isRedacted(value)) return "a redacted value"
  if (Predicate.isString(value)) {
    return value.length === 0
      ? "an empty string"
      : `a string of ${value.length} character${value.length === 1 ? "" : "s"}`
  }
  if (Predicate.isNumber(value)) {
    if (Number.isNaN(value)) return "NaN"
    if (!Number.isFinite(value)) return "an infinite number"
    if (!Number.isInteger(value)) return "a number with a fraction"
    if (!Number.isSafeInteger(value)) return "an integer beyond 2^53"
    return value < 0 ? "a negative integer" : value === 0 ? "zero" : "a positive integer"
  }
  if (globalThis.Array.isArray(value)) {
    return value.length === 0 ? "an empty list" : `a list of ${value.length}`
  }
  if (Predicate.isFunction(value)) return "a function"
  if (Predicate.isObject(value)) return Object.keys(value).length === 0 ? "an object without keys" : "an object"
  return `a ${typeof value}`
}

/**
 * One issue in one line.
 *
 * @example
 * import { Issue } from "@mammoth-effect/core"
 *
 * console.log(Issue.format({ path: ["id", 0], expected: "an integer", received: "null" }))
 * // id[0]: expected an integer, received null
 *
 * @since 0.1.0
 * @category formatting
 */
export const format = (issue: Issue): string => {
  const path = issue.path.reduce<string>(
    (text, key) => (Predicate.isNumber(key) ? `${text}[${key}]` : text === "" ? key : `${text}.${key}`),
    ""
  )
  return `${path === "" ? "" : `${path}: `}expected ${issue.expected}, received ${issue.received}`
}

type Path = Issue["path"]

const describe = (ast: AST.AST): string => {
  const described = AST.getDescriptionAnnotation(ast)
  if (Option.isSome(described)) return described.value
  switch (ast._tag) {
    case "TupleType":
      return ast.elements.length === 0 ? "a list" : `a list of ${ast.elements.length}`
    case "TypeLiteral":
      return "an object"
    case "Refinement":
      return describe(ast.from)
    case "Transformation":
      return describe(ast.to)
    case "Literal":
      return JSON.stringify(ast.literal)
    case "Union":
      return Array.dedupe(ast.types.filter((type) => !AST.isUndefinedKeyword(type)).map(describe)).join(" or ")
    default:
      return String(ast)
  }
}

const segments = (path: ParseResult.Path): Path =>
  Array.ensure(path).map((key) => (Predicate.isNumber(key) ? key : String(key)))

/** What a schema says of itself, unless it quotes the value: that may be a secret. */
const wordsOf = ({ actual, message }: ParseResult.Type | ParseResult.Forbidden): string | undefined =>
  message === undefined || (Predicate.isString(actual) && message.includes(JSON.stringify(actual)))
    ? undefined
    : message

const hasOwnWords = (issue: ParseResult.ParseIssue): boolean => {
  switch (issue._tag) {
    case "Transformation":
    case "Refinement":
      return hasOwnWords(issue.issue)
    case "Type":
    case "Forbidden":
      return wordsOf(issue) !== undefined
    default:
      return false
  }
}

/** What did not pass a filter: on which side of its range it is, where the shape alone could as well lie within. */
const besides = (ast: AST.AST, actual: unknown): string => {
  const limits = Option.getOrElse(AST.getJSONSchemaAnnotation(ast), () => ({}))
  const isPast = (name: string, passes: (limit: number) => boolean): boolean =>
    Predicate.hasProperty(limits, name) && Predicate.isNumber(limits[name]) && passes(limits[name])
  if (!Predicate.isNumber(actual) || !(actual > 0)) return shape(actual)
  if (isPast("maximum", (limit) => actual > limit)) return "a larger number"
  if (isPast("minimum", (limit) => actual < limit)) return "a smaller number"
  return shape(actual)
}

const isOptional = ({ types }: AST.Union): boolean => types.length === 2 && types.some(AST.isUndefinedKeyword)

const leaves = (issue: ParseResult.ParseIssue, path: Path): ReadonlyArray<Issue> => {
  switch (issue._tag) {
    case "Pointer":
      return leaves(issue.issue, [...path, ...segments(issue.path)])
    case "Composite": {
      // an optional property is a union with undefined, which is never what was meant
      const members = Array.ensure(issue.issues).filter(
        (each) => each._tag !== "Type" || !AST.isUndefinedKeyword(each.ast)
      )
      const nested = members.map((each) => leaves(each, path))
      if (!AST.isUnion(issue.ast) || (isOptional(issue.ast) && members.length > 0)) return nested.flat()
      // of a union's members the one that got furthest says best what is wrong, or one with words of its own; where
      // there is none, the union itself does
      const deepest = Math.max(...nested.flat().map((each) => each.path.length))
      const telling =
        deepest > path.length
          ? nested.find((each) => each.some((leaf) => leaf.path.length === deepest))
          : nested[members.findIndex(hasOwnWords)]
      return telling ?? [{ path, expected: describe(issue.ast), received: shape(issue.actual) }]
    }
    case "Refinement":
      return issue.issue._tag !== "Type" || wordsOf(issue.issue) !== undefined
        ? leaves(issue.issue, path)
        : [{ path, expected: describe(issue.ast), received: besides(issue.ast, issue.issue.actual) }]
    case "Transformation":
      return issue.issue._tag !== "Type" || wordsOf(issue.issue) !== undefined
        ? leaves(issue.issue, path)
        : [
            {
              path,
              expected: describe(issue.kind === "Encoded" ? issue.ast.from : issue.ast.to),
              received: shape(issue.issue.actual)
            }
          ]
    case "Missing":
      return [{ path, expected: describe(issue.ast.type), received: "nothing" }]
    case "Unexpected":
      return [{ path, expected: "no such property", received: shape(issue.actual) }]
    case "Type":
    case "Forbidden":
      return [{ path, expected: wordsOf(issue) ?? describe(issue.ast), received: shape(issue.actual) }]
  }
}

/**
 * The issues in what a schema found wrong, in the order of the fields, with no value among them.
 *
 * @example
 * import { Identifier, Issue } from "@mammoth-effect/core"
 * import { Either, ParseResult } from "effect"
 *
 * const result = ParseResult.decodeUnknownEither(Identifier.WorkspaceId)(0)
 * if (Either.isLeft(result)) console.log(Issue.fromParseIssue(result.left).map(Issue.format))
 * // ["expected an integer from 1 to 2^53 - 1, received zero"]
 *
 * @since 0.1.0
 * @category constructors
 */
export const fromParseIssue = (issue: ParseResult.ParseIssue): ReadonlyArray<Issue> => leaves(issue, [])
