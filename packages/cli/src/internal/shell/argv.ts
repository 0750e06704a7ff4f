/**
 * Checks the words of a command line against the grammar, before anything runs.
 *
 * The parser of `@effect/cli` makes three mistakes. It treats an unknown flag as an argument, or drops it. It treats an
 * argument such as `1` or `yes` as the value of a flag that has no value. It treats a value that looks like a flag as that
 * flag.
 *
 * This module prevents all three mistakes. It refuses unknown flags, and values that begin with a dash. It passes clear
 * words to the parser: each flag with its value, and then the arguments.
 */
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import { UsageError } from "./errors.js"
import * as Grammar from "./grammar.js"
import { helpFor, hintFor, shown } from "./select.js"

/** The flags that the program reads for every command, even if the command line is wrong. */
export interface ShellFlags {
  readonly json: boolean
  readonly ndjson: boolean
  readonly quiet: boolean
  readonly verbose: boolean
}

/** Finds the flags of {@link ShellFlags} in a command line. */
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

const wrong = (message: string, hint: string) => Either.left(new UsageError({ message, hint }))

/** Returns true if a value begins with a dash and is not `-` itself. The parser could treat this value as a flag. */
const isDashed = (value: string): boolean => value !== "-" && value.startsWith("-")

interface Words {
  readonly flags: ReadonlyArray<string>
  readonly positionals: ReadonlyArray<string>
  readonly isHelp: boolean
}

/** Fails if a value is not one of the choices. Does not show the value, because it may be a secret. */
const checkChoice = (
  name: string,
  choices: ReadonlyArray<string>,
  value: string,
  help: string
): Either.Either<void, UsageError> =>
  choices.length === 0 || choices.includes(value)
    ? Either.right(undefined)
    : wrong(`${name} must be one of ${choices.join(", ")}`, hintFor(value, choices, help))

/** Reads the words after the name of the command. */
const readWords = (
  words: ReadonlyArray<string>,
  { flags }: Grammar.Grammar,
  help: string
): Either.Either<Words, UsageError> => {
  /** The words of each flag that was given. The keys are the flags' first names. */
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
      const names = flags.flatMap((each) => each.names)
      return wrong(`unknown flag ${shown(name)}`, hintFor(name, names, help))
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
    const checked = checkChoice(name, Grammar.choices(flag), value, help)
    if (Either.isLeft(checked)) return Either.left(checked.left)
    // Encode the values of flags that may be repeated, because the parser would trim them. `Flags.texts` decodes the
    // values.
    const carried = flag.isRepeated ? encodeURIComponent(value) : value
    given.set(flag.names[0], [...(given.get(flag.names[0]) ?? []), flag.names[0], carried])
  }
  if (positionals.some(isDashed)) {
    return wrong(
      "an argument cannot begin with a dash",
      `For a webhook, use its id. For a file, put ./ before its name. ${help}`
    )
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
    const most =
      accepted.length === 0 ? "no argument" : `at most ${accepted.length} argument${accepted.length === 1 ? "" : "s"}`
    return wrong(`too many arguments: the command takes ${most}, and received ${positionals.length}`, help)
  }
  return Either.right(undefined)
}

/** Checks every word after the name of a command. Returns the words for the parser, or `undefined` if a word asks for help. */
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
    for (const [index, accepted] of grammar.positionals.entries()) {
      const value = positionals[index]
      if (value === undefined) continue
      const name = `the argument ${accepted.name.toUpperCase()}`
      yield* checkChoice(name, Grammar.choices(accepted), value, help)
    }
    return [...flags, ...positionals]
  })
