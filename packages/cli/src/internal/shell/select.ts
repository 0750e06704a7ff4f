/** Finds the command that a command line names. Imports no other module, so that the program's help appears quickly. */

/** The result for a command line that asks for the help of the program or a group, or for the version. */
export type Text<T> = { readonly _tag: "Help"; readonly path: ReadonlyArray<T> } | { readonly _tag: "Version" }

/** The result for a command line that names a command, or that is wrong. */
export type Named<T> =
  | {
      readonly _tag: "Command"
      readonly path: ReadonlyArray<T>
      readonly command: T
      readonly rest: ReadonlyArray<string>
    }
  | { readonly _tag: "Wrong"; readonly message: string; readonly hint: string }

interface Tree<T> {
  readonly name: string
  readonly children: ReadonlyArray<T>
}

/** Counts the characters to add, remove or replace to turn one word into another. */
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

/**
 * Returns the known word that the user probably meant. This module does not use `Issue.nearest`, because
 * `Issue.nearest` would load Effect.
 */
export const nearest = (word: string, known: ReadonlyArray<string>): string | undefined =>
  known
    .map((candidate) => ({ candidate, changes: distance(word.slice(0, 40), candidate) }))
    .filter(({ candidate, changes }) => changes <= Math.max(1, Math.floor(candidate.length / 3)))
    .toSorted((a, b) => a.changes - b.changes)[0]?.candidate

/** Quotes an unknown name, and shortens it to 40 characters. Callers pass only names, because a value may be a secret. */
export const shown = (word: string): string => JSON.stringify(word.slice(0, 40))

/** Makes the sentence that points to the help of a command. */
export const helpFor = (called: string): string => `See ${called} --help.`

/** Makes the hint for an unknown word. If a known word is similar, the hint names it. */
export const hintFor = (word: string, known: ReadonlyArray<string>, help: string): string => {
  const similar = nearest(word, known)
  return similar === undefined ? help : `Did you mean ${similar}? ${help}`
}

/** Finds the command that the first words name. */
export const select = <T extends Tree<T>>(
  program: string,
  commands: ReadonlyArray<T>,
  argv: ReadonlyArray<string>
): Text<T> | Named<T> => {
  const find = (
    among: ReadonlyArray<T>,
    path: ReadonlyArray<T>,
    [word, ...rest]: ReadonlyArray<string>
  ): Text<T> | Named<T> => {
    const help = helpFor([program, ...path.map(({ name }) => name)].join(" "))
    if (word === undefined) return { _tag: "Wrong", message: "a command is missing", hint: help }
    if (word === "--help" || word === "-h") return { _tag: "Help", path }
    if (word === "--version" && path.length === 0) return { _tag: "Version" }
    const command = among.find(({ name }) => name === word)
    if (command !== undefined) {
      const further = [...path, command]
      return command.children.length > 0
        ? find(command.children, further, rest)
        : { _tag: "Command", path: further, command, rest }
    }
    const names = among.map(({ name }) => name)
    const kind = word.startsWith("-") ? "flag" : "command"
    return {
      _tag: "Wrong",
      message: `unknown ${kind} ${shown(word.split("=")[0] ?? "")}`,
      hint: hintFor(word, names, help)
    }
  }
  return find(commands, [], argv)
}
