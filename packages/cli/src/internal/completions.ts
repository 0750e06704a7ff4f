/** Makes completions for shells from the flags and arguments of the commands. */
import * as Option from "effect/Option"
import * as Grammar from "./shell/grammar.js"

export const shells = ["bash", "zsh", "fish"] as const

export type Shell = (typeof shells)[number]

/** A command with its flags and arguments, or a group of commands. */
export interface Completed {
  readonly name: string
  readonly summary: string
  readonly children: ReadonlyArray<Completed>
  readonly grammar: Grammar.Grammar | undefined
}

/** A place in a command line: after the name of the program, a group or a command. */
interface Place {
  /** The words between the name of the program and this place, such as `outbox status`. */
  readonly path: string
  readonly commands: ReadonlyArray<Completed>
  readonly grammar: Grammar.Grammar
}

const places = (commands: ReadonlyArray<Completed>, path: ReadonlyArray<string> = []): ReadonlyArray<Place> => [
  { path: path.join(" "), commands, grammar: Grammar.ofGroup },
  ...commands.flatMap((command): ReadonlyArray<Place> => {
    const further = [...path, command.name]
    return command.grammar === undefined
      ? places(command.children, further)
      : [{ path: further.join(" "), commands: [], grammar: command.grammar }]
  })
]

const wordsOf = ({ commands, grammar }: Place): ReadonlyArray<string> => [
  ...commands.map(({ name }) => name),
  ...grammar.flags.flatMap(({ names }) => names)
]

const takesFile = (flag: Grammar.Flag): boolean => Option.contains(flag.value, "file")

const hasFileArgument = ({ grammar }: Place): boolean => grammar.positionals.some(({ name }) => name === "file")

/**
 * Returns the lines of a shell's `case` statement that complete the values of flags. The completions of a value are the
 * flag's choices, or file names, or nothing.
 */
const values = (place: Place, file: string, choices: (words: ReadonlyArray<string>) => string, none: string) =>
  place.grammar.flags
    .filter(({ value }) => Option.isSome(value))
    .flatMap((flag) =>
      flag.names.map((name) => {
        const known = Grammar.choices(flag)
        const action = takesFile(flag) ? file : known.length > 0 ? choices(known) : none
        return `    "${place.path}:${name}") ${action} ;;`
      })
    )

/**
 * Returns the lines of a shell's `case` statement that recognize a command and store its words, such as `outbox status`.
 * These lines are valid in bash and in zsh.
 */
const placeCases = (all: ReadonlyArray<Place>): string =>
  all
    .filter(({ path }) => path !== "")
    .map(({ path }) => `      "${path}") place="${path}" ;;`)
    .join("\n")

const bash = (program: string, all: ReadonlyArray<Place>): string => {
  const id = program.replaceAll("-", "_")
  const compgen = (words: ReadonlyArray<string>) => `COMPREPLY=($(compgen -W "${words.join(" ")}" -- "$cur"))`
  return `# Completions of ${program} for bash. Evaluate them, or save them in a file in bash-completion's folder.
_${id}() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" place="" at
  # Find the flag before an equals sign, because bash splits --flag=value there.
  if [[ $cur == "=" ]]; then cur=""; elif [[ $prev == "=" ]]; then prev="\${COMP_WORDS[COMP_CWORD-2]}"; fi
  for ((at = 1; at < COMP_CWORD; at++)); do
    case "\${place:+$place }\${COMP_WORDS[at]}" in
${placeCases(all)}
      *) break ;;
    esac
  done
  COMPREPLY=()
  case "$place:$prev" in
${all.flatMap((place) => values(place, 'COMPREPLY=($(compgen -f -- "$cur")); return', (words) => `${compgen(words)}; return`, "return")).join("\n")}
  esac
  case "$place" in
${all
  .map((place) => {
    const files = hasFileArgument(place) ? ` [[ $cur == -* ]] || COMPREPLY+=($(compgen -f -- "$cur"))` : ""
    return `    "${place.path}") ${compgen(wordsOf(place))};${files} ;;`
  })
  .join("\n")}
  esac
}
complete -F _${id} ${program}
`
}

const zsh = (program: string, all: ReadonlyArray<Place>): string => {
  const id = program.replaceAll("-", "_")
  const add = (words: ReadonlyArray<string>) => `compadd -- ${words.join(" ")}`
  return `#compdef ${program}
# Completions of ${program} for zsh. Save them as _${program} in a folder of $fpath, or evaluate them.
_${id}() {
  local place="" prev="\${words[CURRENT-1]}" at
  for ((at = 2; at < CURRENT; at++)); do
    case "\${place:+$place }\${words[at]}" in
${placeCases(all)}
      *) break ;;
    esac
  done
  if [[ "\${words[CURRENT]}" == --*=* ]]; then
    prev="\${words[CURRENT]%%=*}"
    compset -P "*="
  fi
  case "$place:$prev" in
${all.flatMap((place) => values(place, "_files; return", (words) => `${add(words)}; return`, "return")).join("\n")}
  esac
  case "$place" in
${all.map((place) => `    "${place.path}") ${add(wordsOf(place))}${hasFileArgument(place) ? "; _files" : ""} ;;`).join("\n")}
  esac
}
if [[ "\${funcstack[1]}" == "_${program}" ]]; then _${id} "$@"; else compdef _${id} ${program}; fi
`
}

/** Quotes a string for fish. */
const fishText = (text: string): string => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`

const fish = (program: string, all: ReadonlyArray<Place>): string => {
  const id = program.replaceAll("-", "_")
  const lines = all.flatMap((place) => {
    const when = `-n ${fishText(`__${id}_at ${place.path}`.trim())}`
    const commands = place.commands.map(
      ({ name, summary }) => `complete -c ${program} ${when} -f -a ${name} -d ${fishText(summary)}`
    )
    const flags = place.grammar.flags.map((flag) => {
      const names = flag.names.map((name) => (name.startsWith("--") ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`))
      const known = Grammar.choices(flag)
      const value = takesFile(flag)
        ? " -r -F"
        : known.length > 0
          ? ` -x -a ${fishText(known.join(" "))}`
          : Option.isSome(flag.value)
            ? " -x"
            : ""
      return `complete -c ${program} ${when} ${names.join(" ")}${value}`
    })
    const files = hasFileArgument(place) ? [`complete -c ${program} ${when} -F`] : []
    return [...commands, ...flags, ...files]
  })
  const paths = all.map(({ path }) => path).filter((path) => path !== "")
  return `# Completions of ${program} for fish. Save them as ~/.config/fish/completions/${program}.fish.
function __${id}_at
  set -l place
  for word in (commandline -opc)[2..-1]
    if contains -- "$place $word" ${paths.map((path) => fishText(` ${path}`)).join(" ")}
      set place "$place $word"
    else
      break
    end
  end
  test "$place" = "$(string join '' ' '$argv)"
end
complete -c ${program} -f
${lines.join("\n")}
`
}

/** Returns the completion script for a shell. */
export const make = (shell: Shell, program: string, commands: ReadonlyArray<Completed>): string => {
  const all = places(commands)
  switch (shell) {
    case "bash":
      return bash(program, all)
    case "zsh":
      return zsh(program, all)
    case "fish":
      return fish(program, all)
  }
}
