/**
 * Checks the words of a command line against the grammar, before anything runs.
 *
 * `@effect/cli` takes an unknown flag for an argument, or drops it. It takes an argument such as `1` or `yes` for the
 * value of a flag without a value, and a value that looks like a flag for that flag. So all of this is found here, and
 * the parser receives only words that it cannot mistake: each flag with its value, and then the arguments.
 */
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import { UsageError } from "./errors.js"
import * as Grammar from "./grammar.js"

/** The command that is named, or the text to show. */
export type Selected<T> =
  | { readonly _tag: "Help"; readonly path: ReadonlyArray<T> }
  | { readonly _tag: "Version" }
  | {
      readonly _tag: "Command"
      readonly path: ReadonlyArray<T>
      readonly command: T
      readonly rest: ReadonlyArray<string>
    }

interface Tree<T> {
  readonly name: string
  readonly children: ReadonlyArray<T>
}

/** The flags that the shell itself reads, whichever command runs, also if the command line is wrong. */
export interface ShellFlags {
  readonly json: boolean
  readonly ndjson: boolean
  readonly quiet: boolean
  readonly verbose: boolean
}

/** Reads the flags of the shell. */
export const shellFlags = (argv: ReadonlyArray<string>): ShellFlags => {
  const end = argv.indexOf("--")
  const words = end < 0 ? argv : argv.slice(0, end)
  return {
    json: words.includes("--json"),
    ndjson: words.includes("--ndjson"),
    quiet: words.includes("--quiet") || words.includes("-q"),
    verbose: words.includes("--verbose") || words.includes("-v")
  }
}

/** The number of single changes between two words. */
const distance = (from: string, to: string): number => {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let i = 1; i <= from.length; i++) {
    const next = [i]
    for (let j = 1; j <= to.length; j++) {
      const change = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1)
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[to.length] ?? 0
}

/** Returns the known word that is nearly the given word. */
export const nearest = (word: string, known: ReadonlyArray<string>): string | undefined =>
  known
    .map((candidate) => ({ candidate, changes: distance(word.slice(0, 40), candidate) }))
    .filter(({ candidate, changes }) => changes <= Math.max(1, Math.floor(candidate.length / 3)))
    .toSorted((a, b) => a.changes - b.changes)[0]?.candidate

const wrong = (message: string, hint: string) => Either.left(new UsageError({ message, hint }))

/** Shows a word that nobody knows. Never shows a value, which may be a secret. */
const shown = (word: string): string => JSON.stringify(word.slice(0, 40))

/** The parser could take such a value for a flag. */
const isDashed = (value: string): boolean => value !== "-" && value.startsWith("-")

interface Words {
  readonly flags: ReadonlyArray<string>
  readonly positionals: ReadonlyArray<string>
  readonly isHelp: boolean
}

/** Reads the words after the name of the command. */
const readWords = (
  words: ReadonlyArray<string>,
  { flags }: Grammar.Grammar,
  help: string
): Either.Either<Words, UsageError> => {
  /** The words of each flag. */
  const given = new Map<string, ReadonlyArray<string>>()
  const positionals: Array<string> = []
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? ""
    if (word === "--") {
      positionals.push(...words.slice(i + 1))
      break
    }
    if (word === "-" || !word.startsWith("-")) {
      positionals.push(word)
      continue
    }
    const equals = word.indexOf("=")
    const name = equals < 0 ? word : word.slice(0, equals)
    if (name === "--help" || name === "-h") return Either.right({ flags: [], positionals: [], isHelp: true })
    const flag = flags.find(({ names }) => names.includes(name))
    if (flag === undefined) {
      const similar = nearest(
        name,
        flags.flatMap(({ names }) => names)
      )
      return wrong(`unknown flag ${shown(name)}`, similar === undefined ? help : `Did you mean ${similar}? ${help}`)
    }
    if (given.has(flag.names[0]) && !flag.isRepeated) return wrong(`${flag.names[0]} was given twice`, help)
    if (Option.isNone(flag.value)) {
      if (equals >= 0) return wrong(`${name} takes no value`, help)
      given.set(flag.names[0], [flag.names[0], "true"])
      continue
    }
    const value = equals < 0 ? words[i + 1] : word.slice(equals + 1)
    if (value === undefined) return wrong(`${name} needs a value`, help)
    if (isDashed(value)) return wrong(`${name} needs a value, and a value cannot begin with a dash`, help)
    if (equals < 0) i += 1
    const allowed = Grammar.choices(flag)
    if (allowed.length > 0 && !allowed.includes(value)) {
      return wrong(`${name} takes one of ${allowed.join(", ")}`, help)
    }
    // the parser trims the values of flags that may be repeated; `Flags.repeated` decodes them
    const carried = flag.isRepeated ? encodeURIComponent(value) : value
    given.set(flag.names[0], [...(given.get(flag.names[0]) ?? []), flag.names[0], carried])
  }
  if (positionals.some(isDashed)) {
    return wrong("an argument cannot begin with a dash", `Name a webhook by its id, and a file as in ./-file. ${help}`)
  }
  return Either.right({ flags: [...given.values()].flat(), positionals, isHelp: false })
}

const checkCount = (
  positionals: ReadonlyArray<string>,
  accepted: ReadonlyArray<Grammar.Positional>,
  help: string
): Either.Either<void, UsageError> => {
  const missing = accepted.filter(({ isRequired }) => isRequired)[positionals.length]
  if (missing !== undefined && positionals.length < accepted.length) {
    return wrong(`the argument ${missing.name.toUpperCase()} is missing`, help)
  }
  const isOpen = accepted.some(({ isRepeated }) => isRepeated)
  if (!isOpen && positionals.length > accepted.length) {
    const most = accepted.length === 0 ? "no argument" : `at most ${accepted.length} arguments`
    return wrong(`too many arguments: it takes ${most}, and got ${positionals.length}`, help)
  }
  return Either.right(undefined)
}

const helpFor = (called: string): string => `See ${called} --help.`

/** Finds the command that the first words name. */
export const select = <T extends Tree<T>>(
  program: string,
  commands: ReadonlyArray<T>,
  argv: ReadonlyArray<string>
): Either.Either<Selected<T>, UsageError> => {
  const find = (
    among: ReadonlyArray<T>,
    path: ReadonlyArray<T>,
    [word, ...rest]: ReadonlyArray<string>
  ): Either.Either<Selected<T>, UsageError> => {
    const help = helpFor([program, ...path.map(({ name }) => name)].join(" "))
    if (word === undefined) return wrong("a command is missing", help)
    if (word === "--help" || word === "-h") return Either.right({ _tag: "Help", path })
    if (word === "--version" && path.length === 0) return Either.right({ _tag: "Version" })
    const command = among.find(({ name }) => name === word)
    if (command !== undefined) {
      const further = [...path, command]
      return command.children.length > 0
        ? find(command.children, further, rest)
        : Either.right({ _tag: "Command", path: further, command, rest })
    }
    const similar = nearest(
      word,
      among.map(({ name }) => name)
    )
    const kind = word.startsWith("-") ? "flag" : "command"
    return wrong(
      `unknown ${kind} ${shown(word.split("=")[0] ?? "")}`,
      similar === undefined ? help : `Did you mean ${similar}? ${help}`
    )
  }
  return find(commands, [], argv)
}

/** Checks every word after the name of a command. Returns the words for its parser, or `undefined` for its help. */
export const check = (
  called: string,
  grammar: Grammar.Grammar,
  rest: ReadonlyArray<string>
): Either.Either<ReadonlyArray<string> | undefined, UsageError> =>
  Either.gen(function* () {
    const help = helpFor(called)
    const { flags, isHelp, positionals } = yield* readWords(rest, grammar, help)
    if (isHelp) return undefined
    yield* checkCount(positionals, grammar.positionals, help)
    return [...flags, ...positionals]
  })
