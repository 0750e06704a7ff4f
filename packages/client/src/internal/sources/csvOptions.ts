/** Reads the options of CSV. */
import * as Issue from "@mammoth-effect/core/Issue"
import type * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Predicate from "effect/Predicate"
import type { BadLine } from "../../SourceError.js"
import { checkBytes } from "../options/limits.js"

/** The options, as `CsvSource.Options` documents them. */
export interface Options<E, R> {
  readonly delimiter?: string | undefined
  readonly quote?: string | false | undefined
  readonly escape?: string | undefined
  readonly columns?: ReadonlyArray<string> | undefined
  readonly onBadLine?: ((bad: BadLine) => Effect.Effect<void, E, R>) | undefined
  readonly maxRowBytes?: number | undefined
}

/** The options, with the default for each missing option. */
export interface Settings {
  readonly delimiter: string
  readonly quote: string | false
  readonly escape: string | false
  readonly columns: ReadonlyArray<string> | undefined
  readonly maxRowBytes: number
  /** Is `true` if reading continues after a bad row. */
  readonly goesOn: boolean
}

const isCharacter = (given: unknown): given is string => Predicate.isString(given) && /^[^\r\n\p{Cs}]$/u.test(given)

const named = (path: Issue.Issue["path"], given: unknown, expected: string): Issue.Issue => ({
  path,
  expected,
  received: Issue.shape(given)
})

/** Finds a column name that is empty or not unique, and describes the error. */
export const findWrongName = (names: ReadonlyArray<string>): string | undefined => {
  const seen = new Set<string>()
  for (const [at, name] of names.entries()) {
    if (name === "") return `column ${at + 1} has no name; name it, or remove the delimiter that ends the header row`
    if (seen.has(name)) return `two columns have the name ${JSON.stringify(Issue.shorten(name, 100))}; rename one`
    seen.add(name)
  }
  return undefined
}

const checkColumns = (columns: unknown): ReadonlyArray<Issue.Issue> => {
  if (columns === undefined) return []
  if (!Array.isArray(columns) || columns.length === 0) {
    return [named(["columns"], columns, "a list of at least one name")]
  }
  const at = columns.findIndex((name) => !Predicate.isString(name))
  return at === -1 ? [] : [named(["columns", at], columns[at], "a name")]
}

/** Returns the issues of the options. The path of each issue begins with the option's name. */
const check = ({ columns, delimiter, maxRowBytes, quote }: Settings, escape: unknown): ReadonlyArray<Issue.Issue> => {
  const issues: Array<Issue.Issue> = []
  const isText = Predicate.isString(delimiter) && delimiter !== "" && !/[\r\n]/.test(delimiter)
  if (!isText) issues.push(named(["delimiter"], delimiter, 'a string without line ends, such as ";" or "\\t"'))
  if (quote !== false && !isCharacter(quote)) {
    issues.push(named(["quote"], quote, "one character, or false for a file without quoted fields"))
  }
  if (escape !== undefined && !isCharacter(escape)) {
    issues.push(named(["escape"], escape, 'one character, such as "\\\\"'))
  }
  for (const [name, given] of Object.entries({ quote, escape })) {
    if (isText && isCharacter(given) && delimiter.includes(given)) {
      issues.push(named([name], given, "a character that is not in the delimiter"))
    }
  }
  return [...issues, ...checkColumns(columns), ...checkBytes(["maxRowBytes"], maxRowBytes)]
}

/** Returns the options with their defaults, or a description of the wrong options. */
export const readOptions = (options: Options<unknown, unknown>): Either.Either<Settings, string> => {
  const { columns, delimiter = ",", escape, maxRowBytes, onBadLine, quote = '"' } = options
  const settings = {
    delimiter,
    quote,
    escape: escape ?? quote,
    columns,
    maxRowBytes: maxRowBytes ?? 10_000_000,
    goesOn: onBadLine !== undefined
  }
  const issues = check(settings, escape)
  if (issues.length > 0) return Either.left(Issue.formatAll({ issues, omitted: 0 }))
  const wrong = findWrongName(columns ?? [])
  return wrong === undefined ? Either.right(settings) : Either.left(`columns: ${wrong}`)
}
