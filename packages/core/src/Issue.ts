/**
 * Describes an error in a value without showing the value. An issue has the place of the error, the expected value, and
 * the shape of the actual value.
 *
 * @since 0.1.0
 */
import * as Array from "effect/Array"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as AST from "effect/SchemaAST"

/**
 * One error in a value. It never holds the value itself, which may be a secret.
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
 * The place of an error, the value that was expected there, and the shape of the actual value.
 *
 * @since 0.1.0
 * @category models
 */
export interface Issue extends Schema.Schema.Type<typeof Issue> {}

/**
 * The errors in a value: a list of the first issues, and the number of errors that this list leaves out.
 *
 * @since 0.1.0
 * @category models
 */
export interface Issues {
  /** At most 20 issues, in the order of the fields. */
  readonly issues: ReadonlyArray<Issue>
  /**
   * The number of issues that `issues` leaves out, plus the number of unread list items. Reading stops after 20 issues.
   */
  readonly omitted: number
}

/**
 * Shortens a string to at most `most` characters. A string that was shortened ends with `…`.
 *
 * @example
 * import { Issue } from "@mammoth-effect/core"
 *
 * console.log(Issue.shorten("a long reason", 7)) // a long…
 *
 * @since 0.1.0
 * @category formatting
 */
export const shorten = (text: string, most: number): string => {
  if (text.length <= most) return text
  const cut = text.slice(0, most - 1)
  // If the cut splits a surrogate pair, drop its first half, because some databases refuse a single half.
  return `${/[\uD800-\uDBFF]/.test(cut.slice(-1)) ? cut.slice(0, -1) : cut}…`
}

/**
 * Describes the shape of a value in words, without showing the value.
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
export const shape = (value: unknown): string =>
  Either.getOrElse(
    Either.try(() => shapeOf(value)),
    // Catch every error, because a proxy can throw on any access.
    () => "an object that cannot be read"
  )

const shapeOf = (value: unknown): string => {
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
  if (Predicate.isPromise(value)) return "a promise (await it)"
  if (Predicate.isObject(value)) return Object.keys(value).length === 0 ? "an object without keys" : "an object"
  return `a ${typeof value}`
}

/**
 * Formats one issue in one line.
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
  return `${path === "" ? "" : `${shorten(path, 1000)}: `}expected ${issue.expected}, received ${issue.received}`
}

/**
 * Returns an issue with a remedy if a value is not an array or another iterable of rows. Refuses a string, because each
 * character of the string would become a row.
 *
 * - `orAsync`: If `true`, also accepts an async iterable. Default: `false`.
 *
 * @example
 * import { Issue } from "@mammoth-effect/core"
 *
 * console.log(Issue.ofRows([{ id: 1 }])) // undefined
 * console.log(Issue.ofRows({ id: 1 })?.expected) // an array or another iterable of rows
 *
 * @since 0.1.0
 * @category constructors
 */
export const ofRows = (
  rows: unknown,
  { orAsync = false }: { readonly orAsync?: boolean | undefined } = {}
): Issue | undefined =>
  hasMethod(rows, Symbol.iterator) || (orAsync && isAsyncIterable(rows))
    ? undefined
    : { path: ["rows"], expected: rowsFor(rows), received: shape(rows) }

/** Returns true if a value is an object with a method of the given name. Returns false if reading the method throws. */
const hasMethod = (value: unknown, name: symbol): boolean =>
  Predicate.isObject(value)
  && Either.getOrElse(
    Either.try(() => Predicate.isFunction(Reflect.get(value, name))),
    () => false
  )

const isAsyncIterable = (rows: unknown): boolean => hasMethod(rows, Symbol.asyncIterator)

const rowsFor = (rows: unknown): string => {
  const iterable = "an array or another iterable of rows"
  if (Predicate.isString(rows)) return `${iterable} (parse the JSON string first)`
  if (isAsyncIterable(rows)) return `${iterable} (collect the rows of an async iterable first)`
  return Predicate.isFunction(rows) ? `${iterable} (call a generator function)` : iterable
}

/**
 * The maximum number of characters of a word that {@link nearest} compares. The function ignores all further characters,
 * because the comparison of long words would take too much time.
 */
const longestWord = 40

/** Removes hyphens, underscores and spaces from a word, and converts the word to lower case. */
const lettersOf = (word: string): string => word.slice(0, longestWord).replace(/[-_ ]/g, "").toLowerCase()

/** Returns the edit distance of two words: the number of characters to replace, add or remove. */
const changesBetween = (from: string, to: string): number => {
  let row: ReadonlyArray<number> = Array.range(0, to.length)
  for (let i = 1; i <= from.length; i++) {
    const next = [i]
    for (let j = 1; j <= to.length; j++) {
      const changed = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1)
      next.push(Math.min(changed, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[to.length] ?? 0
}

/**
 * Returns the known word that is most similar to a misspelled word, or `undefined` if none is similar. Ignores case,
 * hyphens, underscores and spaces. A known word is similar if at most a third of its letters differ. In a short known
 * word, one letter may differ.
 *
 * @example
 * import { Issue } from "@mammoth-effect/core"
 *
 * console.log(Issue.nearest("workspace_ID", ["projectId", "workspaceId"])) // workspaceId
 * console.log(Issue.nearest("colour", ["projectId", "workspaceId"])) // undefined
 *
 * @since 0.1.0
 * @category formatting
 */
export const nearest = (word: string, known: ReadonlyArray<string>): string | undefined =>
  known
    .map((candidate) => ({ candidate, changes: changesBetween(lettersOf(word), lettersOf(candidate)) }))
    .filter(({ candidate, changes }) => changes <= Math.max(1, Math.floor(candidate.length / 3)))
    .toSorted((a, b) => a.changes - b.changes)[0]?.candidate

/** The maximum number of issues in a list. */
const mostIssues = 20

/**
 * Formats issues in one line of at most about 4,000 characters. Lists at most 20 issues, and counts the remaining issues.
 *
 * @example
 * import { Issue } from "@mammoth-effect/core"
 *
 * const issues = [{ path: ["rows", 0, "id"], expected: "an integer", received: "null" }]
 * console.log(Issue.formatAll({ issues, omitted: 4999 }))
 * // rows[0].id: expected an integer, received null; and 4,999 more
 *
 * @since 0.1.0
 * @category formatting
 */
export const formatAll = ({ issues, omitted }: Issues): string => {
  const more = omitted + Math.max(0, issues.length - mostIssues)
  const text = shorten(issues.slice(0, mostIssues).map(format).join("; "), 4000)
  return more === 0 ? text : `${text}; and ${more.toLocaleString("en-US")} more`
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

/**
 * The minimum length of a string that {@link quotes} finds even without quotation marks. A shorter string can be in a
 * message by chance, so {@link quotes} finds it only in quotation marks.
 */
const leastQuoted = 8

/**
 * Returns true if a message contains the string `actual`. A string of fewer than {@link leastQuoted} characters has to be
 * in quotation marks.
 */
const quotes = (message: string, actual: unknown): boolean =>
  Predicate.isString(actual)
  && (message.includes(JSON.stringify(actual)) || (actual.length >= leastQuoted && message.includes(actual)))

/** Returns the schema's own message. Returns `undefined` if the message quotes the value, which may be a secret. */
const wordsOf = ({ actual, message }: ParseResult.Type | ParseResult.Forbidden): string | undefined =>
  message === undefined || quotes(message, actual) ? undefined : message

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

/**
 * Describes a value that failed a filter. For a positive number outside a range, returns `a larger number` or
 * `a smaller number`. The number's shape, such as `a positive integer`, would not show on which side of the range the
 * number is. For any other value, returns the value's shape.
 */
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
      // Skip issues that expect `undefined`. The type of an optional property includes `undefined`, so every wrong value
      // of the property also causes an issue that expects `undefined`.
      const members = Array.ensure(issue.issues).filter(
        (each) => each._tag !== "Type" || !AST.isUndefinedKeyword(each.ast)
      )
      const nested = members.map((each) => leaves(each, path))
      if (!AST.isUnion(issue.ast) || (isOptional(issue.ast) && members.length > 0)) return nested.flat()
      // Report the member with the deepest issue, because the caller most likely meant that member. If no issue is
      // deeper than the union, report a member whose schema has a message. If no member has a message, report the
      // whole union.
      const deepest = nested.flat().reduce((most, each) => Math.max(most, each.path.length), 0)
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
              expected:
                issue.kind === "Encoded"
                  ? describe(issue.ast.from)
                  : // Add "written as text" if the value is a string. The schema expects a string such as "4", so
                    // "expected a number" alone would mislead.
                    `${describe(issue.ast.to)}${Predicate.isString(issue.issue.actual) ? " written as text" : ""}`,
              received: shape(issue.issue.actual)
            }
          ]
    case "Missing":
      return [{ path, expected: describe(issue.ast.type), received: "nothing" }]
    case "Unexpected":
      return [{ path, expected: "no property with this name", received: shape(issue.actual) }]
    case "Type":
    case "Forbidden":
      return [{ path, expected: wordsOf(issue) ?? describe(issue.ast), received: shape(issue.actual) }]
  }
}

/**
 * Lists all issues that a schema found, in the order of the fields. No issue shows a value. If the input can be large,
 * use {@link decodeUnknown}, which stops after 20 issues.
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

/** The maximum length of a key in a path. A longer key is shortened. */
const longestKey = 100

/** The maximum number of keys in a path. A longer path is shortened in the middle. */
const deepestPath = 32

const bounded = ({ expected, path, received }: Issue): Issue => ({
  path: (path.length > deepestPath ? [...path.slice(0, 16), "…", ...path.slice(-15)] : path).map((key) =>
    Predicate.isString(key) ? shorten(key, longestKey) : key
  ),
  expected: shorten(expected, 500),
  received: shorten(received, 500)
})

/**
 * The maximum number of parts of a small value. Parts are items and properties, at any depth. {@link explain} reads a
 * larger value part by part.
 */
const mostParts = 1000

/** Returns the items or properties of a value, or `undefined` if the value has more than `most` of them. */
const partsOf = (value: object, most: number): ReadonlyArray<unknown> | undefined => {
  if (globalThis.Array.isArray(value)) return value.length > most ? undefined : value
  if (value instanceof Map || value instanceof Set) return value.size > most ? undefined : [...value.values()]
  const keys = Object.keys(value)
  return keys.length > most ? undefined : keys.map((key): unknown => Reflect.get(value, key))
}

/** Returns true if a value is small. Looks at {@link mostParts} parts at most, so the check is always fast. */
const isSmall = (value: unknown): boolean => {
  const open = [value]
  for (let seen = 0; seen < open.length; seen++) {
    const part = open[seen]
    if (!Predicate.isObject(part)) continue
    const parts = partsOf(part, mostParts - open.length)
    if (parts === undefined) return false
    open.push(...parts)
  }
  return true
}

/** The direction in which a schema reads a value: it decodes JSON, or encodes a caller's value. */
interface Direction {
  readonly parse: (
    schema: Schema.Schema<unknown, unknown>,
    options: AST.ParseOptions
  ) => (value: unknown) => Either.Either<unknown, ParseResult.ParseIssue>
  /** Returns the side of a transformation that reads the value: `from` for decoding, `to` for encoding. */
  readonly first: (ast: AST.Transformation) => AST.AST
}

const decoding: Direction = { parse: ParseResult.decodeUnknownEither, first: (ast) => ast.from }

const encoding: Direction = { parse: ParseResult.encodeUnknownEither, first: (ast) => ast.to }

/** Returns the list or struct inside a schema if the schema has exactly one. Otherwise returns `undefined`. */
const container = (ast: AST.AST, direction: Direction): AST.TupleType | AST.TypeLiteral | undefined => {
  switch (ast._tag) {
    case "TupleType":
      return ast.elements.length === 0 && ast.rest.length === 1 ? ast : undefined
    case "TypeLiteral":
      return ast.indexSignatures.length === 0 ? ast : undefined
    case "Union": {
      const [only, ...others] = ast.types.flatMap((type) => container(type, direction) ?? [])
      return others.length === 0 ? only : undefined
    }
    case "Refinement":
      return container(ast.from, direction)
    case "Transformation":
      return container(direction.first(ast), direction)
    case "Suspend":
      return container(ast.f(), direction)
    default:
      return undefined
  }
}

/**
 * Explains why a schema refuses a value. Reads a small value as a whole. Reads the lists and structs of a large value
 * part by part, until 20 issues are found. For a large part that is neither a list nor a struct, reports only the first
 * issue.
 */
const explain = (
  { ast }: Schema.Schema.AnyNoContext,
  direction: Direction,
  options: AST.ParseOptions | undefined,
  value: unknown,
  first: ParseResult.ParseIssue
): Issues => {
  const issues: Array<Issue> = []
  let omitted = 0

  const add = (found: ReadonlyArray<Issue>): void => {
    const room = mostIssues - issues.length
    issues.push(...found.slice(0, room).map(bounded))
    omitted += Math.max(0, found.length - room)
  }

  const read = (ast: AST.AST, errors: "first" | "all", value: unknown, path: Path): void => {
    const result = direction.parse(Schema.make<unknown, unknown>(ast), { ...options, errors })(value)
    if (Either.isLeft(result)) add(leaves(result.left, path))
  }

  const visitParts = (ast: AST.AST, value: unknown, path: Path): void => {
    const within = container(ast, direction)
    if (within?._tag === "TupleType" && globalThis.Array.isArray(value)) {
      for (const { type } of within.rest) {
        for (let i = 0; i < value.length; i++) {
          if (issues.length === mostIssues) {
            omitted += value.length - i
            return
          }
          visit(type, value[i], [...path, i])
        }
      }
    }
    if (within?._tag === "TypeLiteral" && Predicate.isRecord(value)) {
      for (const { isOptional, name, type } of within.propertySignatures) {
        if (Object.hasOwn(value, name) || !isOptional) visit(type, value[name], [...path, ...segments(name)])
      }
    }
  }

  const visit = (ast: AST.AST, value: unknown, path: Path): void => {
    // If a getter throws, read the value part by part, because the schema may not need the getter's property.
    const small = Either.getOrElse(
      Either.try(() => isSmall(value)),
      () => false
    )
    if (small) return read(ast, "all", value, path)
    const before = issues.length + omitted
    visitParts(ast, value, path)
    // If every part is valid, read the value as a whole, because the issue must then be about the whole.
    if (issues.length + omitted === before) read(ast, "first", value, path)
  }

  visit(ast, value, [])
  // If this second read finds no issue, report the issue of the first read. An impure schema may refuse a value once,
  // and then accept the same value.
  if (issues.length === 0) add(leaves(first, []))
  return { issues, omitted }
}

/**
 * Makes a function that decodes values of any size. The function returns issues if the schema refuses a value.
 *
 * Reading stops after 20 issues. `omitted` counts the further issues and the unread list items.
 *
 * @example
 * import { Issue } from "@mammoth-effect/core"
 * import { Either, Schema } from "effect"
 *
 * const decode = Issue.decodeUnknown(Schema.Array(Schema.Int))
 * console.log(Either.getOrElse(decode(["x"]), Issue.formatAll)) // [0]: expected an integer, received a string of 1 character
 *
 * @since 0.1.0
 * @category constructors
 */
export const decodeUnknown = <A, I>(
  schema: Schema.Schema<A, I>,
  options?: Pick<AST.ParseOptions, "onExcessProperty">
): ((value: unknown) => Either.Either<A, Issues>) => {
  const decode = ParseResult.decodeUnknownEither(schema, options)
  return (value) => Either.mapLeft(decode(value), (first) => explain(schema, decoding, options, value, first))
}

/**
 * Makes a function that encodes values of any size. The function returns issues if the schema refuses a value. It stops
 * after 20 issues, as {@link decodeUnknown} does.
 *
 * @example
 * import { Issue } from "@mammoth-effect/core"
 * import { Either, Schema } from "effect"
 *
 * const encode = Issue.encodeUnknown(Schema.Struct({ id: Schema.Int }), { onExcessProperty: "error" })
 * console.log(Either.isLeft(encode({ id: 1, name: "tea" }))) // true
 *
 * @since 0.1.0
 * @category constructors
 */
export const encodeUnknown = <A, I>(
  schema: Schema.Schema<A, I>,
  options?: Pick<AST.ParseOptions, "onExcessProperty">
): ((value: unknown) => Either.Either<I, Issues>) => {
  const encode = ParseResult.encodeUnknownEither(schema, options)
  return (value) => Either.mapLeft(encode(value), (first) => explain(schema, encoding, options, value, first))
}
