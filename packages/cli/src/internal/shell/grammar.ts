/** Finds the flags and arguments of a command. Reads them from the command's `Usage`, a public type of `@effect/cli`. */
import type * as Usage from "@effect/cli/Usage"
import * as Option from "effect/Option"

/** A flag of the command line. */
export interface Flag {
  /** The names with their dashes, the longest first. */
  readonly names: readonly [string, ...ReadonlyArray<string>]
  /** The word that the help shows for the value, or the choices, such as `asc | desc`. Is `None` if the flag takes no value. */
  readonly value: Option.Option<string>
  readonly isRepeated: boolean
  readonly isRequired: boolean
}

/** A positional argument. */
export interface Positional {
  readonly name: string
  /** The choices, such as `bash | zsh`. Is `None` if any value is allowed. */
  readonly value: Option.Option<string>
  readonly isRequired: boolean
  readonly isRepeated: boolean
}

/** The flags and the arguments of a command. */
export interface Grammar {
  readonly flags: ReadonlyArray<Flag>
  readonly positionals: ReadonlyArray<Positional>
}

interface Place {
  readonly isRequired: boolean
  readonly isRepeated: boolean
}

const isFlag = (name: string): boolean => name.startsWith("-")

const read = (usage: Usage.Usage, place: Place): Grammar => {
  switch (usage._tag) {
    case "Empty":
    case "Mixed":
      return { flags: [], positionals: [] }
    case "Optional":
      return read(usage.usage, { ...place, isRequired: false })
    case "Repeated":
      // Mark a repeated flag or argument as optional, because it may occur zero times.
      return read(usage.usage, { isRequired: false, isRepeated: true })
    case "Alternation":
    case "Concat": {
      const within = usage._tag === "Concat" ? place : { ...place, isRequired: false }
      const left = read(usage.left, within)
      const right = read(usage.right, within)
      return { flags: [...left.flags, ...right.flags], positionals: [...left.positionals, ...right.positionals] }
    }
    case "Named": {
      const [name, ...others] = usage.names.toSorted((a, b) => b.length - a.length)
      if (name === undefined) return { flags: [], positionals: [] }
      return isFlag(name)
        ? { flags: [{ names: [name, ...others], value: usage.acceptedValues, ...place }], positionals: [] }
        : { flags: [], positionals: [{ name: name.replaceAll(/[<>]/g, ""), value: usage.acceptedValues, ...place }] }
    }
  }
}

/** The flags that every command has. `Argv.check` handles these flags. */
const always: ReadonlyArray<Flag> = [
  { names: ["--help", "-h"], value: Option.none(), isRepeated: false, isRequired: false }
]

/** The grammar of a group of commands. A group has only the flags that every command has. */
export const ofGroup: Grammar = { flags: always, positionals: [] }

/** Reads the grammar of a command from its usage, which begins with the name of the command. */
export const of = (name: string, usage: Usage.Usage): Grammar => {
  const { flags, positionals } = read(usage, { isRequired: true, isRepeated: false })
  return {
    flags: [...flags, ...always],
    positionals: positionals[0]?.name === name ? positionals.slice(1) : positionals
  }
}

/** Returns the choices for a flag or an argument, or an empty list if any value is allowed. */
export const choices = ({ value }: Flag | Positional): ReadonlyArray<string> =>
  Option.match(value, {
    onNone: () => [],
    onSome: (word) => (word.includes("|") ? word.split("|").map((choice) => choice.trim()) : [])
  })
