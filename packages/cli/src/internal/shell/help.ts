/** Help texts, made from the descriptions of `@effect/cli`, without its colors and stock sentences. */
import * as CliConfig from "@effect/cli/CliConfig"
import * as CommandDescriptor from "@effect/cli/CommandDescriptor"
import type * as HelpDoc from "@effect/cli/HelpDoc"
import type * as Span from "@effect/cli/HelpDoc/Span"
import * as Option from "effect/Option"
import { exitCodes } from "./exitCodes.js"
import * as Grammar from "./grammar.js"
import { pad, width, wrap } from "./text.js"

const spanText = (span: Span.Span): string => {
  switch (span._tag) {
    case "Text":
    case "URI":
      return span.value
    case "Highlight":
    case "Strong":
    case "Weak":
      return spanText(span.value)
    case "Sequence":
      return spanText(span.left) + spanText(span.right)
  }
}

/** Returns the paragraphs of a help document, or of an error. */
const paragraphs = (doc: HelpDoc.HelpDoc): ReadonlyArray<string> => {
  switch (doc._tag) {
    case "Empty":
      return []
    case "Header":
    case "Paragraph":
      return [spanText(doc.value)]
    case "DescriptionList":
      return doc.definitions.flatMap(([span, described]) => [spanText(span), ...paragraphs(described)])
    case "Enumeration":
      return doc.elements.flatMap(paragraphs)
    case "Sequence":
      return [...paragraphs(doc.left), ...paragraphs(doc.right)]
  }
}

/** Returns the text of a help document in one line. */
export const textOf = (doc: HelpDoc.HelpDoc): string => paragraphs(doc).join(" ").trim()

/** Sentences that `@effect/cli` adds to each description. The usage already says as much. */
const stock =
  /^(A true or false value\.|A user-defined piece of text\.|An integer\.|A floating point number\.|One of the following: .*|This (setting|option) is optional\..*|This (option|argument) may be repeated zero or more times\.)$/

/** Finds the descriptions of flags and arguments, by name. */
const descriptions = (doc: HelpDoc.HelpDoc): ReadonlyMap<string, string> => {
  const found = new Map<string, string>()
  const visit = (part: HelpDoc.HelpDoc): void => {
    if (part._tag === "Sequence") {
      visit(part.left)
      visit(part.right)
    } else if (part._tag === "DescriptionList") {
      for (const [span, described] of part.definitions) {
        const text = paragraphs(described)
          .filter((paragraph) => !stock.test(paragraph))
          .join(" ")
        for (const name of spanText(span).match(/--?[\w-]+|(?<=<)[\w-]+(?=>)/g) ?? []) found.set(name, text)
      }
    }
  }
  visit(doc)
  return found
}

const config = CliConfig.make({ showBuiltIns: false })

const valueWord = (flag: Grammar.Flag): string => {
  const choices = Grammar.choices(flag)
  return Option.match(flag.value, {
    onNone: () => "",
    onSome: (word) => (choices.length > 0 ? ` ${choices.join("|")}` : ` ${word.toUpperCase()}`)
  })
}

const flagWords = (flag: Grammar.Flag): string => flag.names.toReversed().join(", ") + valueWord(flag)

const argumentWord = ({ isRepeated, isRequired, name }: Grammar.Positional): string => {
  const word = `${name.toUpperCase()}${isRepeated ? "..." : ""}`
  return isRequired ? word : `[${word}]`
}

/** The widest column of names: a longer name has its description on the next line. */
const widest = 28

const list = (entries: ReadonlyArray<readonly [name: string, text: string]>, columns: number): string => {
  const first = Math.min(widest, Math.max(...entries.map(([name]) => width(name))))
  return entries
    .map(([name, text]) => {
      const [start = "", ...rest] = wrap(text, columns - first - 4)
      const indent = `\n${" ".repeat(first + 4)}`
      const head = width(name) > first ? `  ${name}${indent}${start}` : `  ${pad(name, first)}  ${start}`
      return [head.trimEnd(), ...rest].join(indent)
    })
    .join("\n")
}

/** Makes the help of one command. */
export const ofCommand = (program: string, path: ReadonlyArray<Grammar.Tree>, columns = 100): string => {
  const command = path.at(-1)
  const called = [program, ...path.map(({ name }) => name)].join(" ")
  if (command === undefined) return ""
  if (command.children.length > 0) return ofGroup(called, command.summary, command.children, columns)
  const { flags, positionals } = Grammar.of(command)
  const texts = descriptions(CommandDescriptor.getHelp(command.descriptor, config))
  const described = (names: ReadonlyArray<string>) =>
    names.map((name) => texts.get(name) ?? "").find((t) => t !== "") ?? ""
  const usage = [called, ...positionals.map(argumentWord), "[flags]"].join(" ")
  const required = flags.filter(({ isRequired }) => isRequired)
  const parts = [
    `${wrap(command.summary, columns).join("\n")}`,
    `Usage: ${[usage, ...required.map(flagWords)].join(" ")}`,
    ...(positionals.length === 0
      ? []
      : [
          `Arguments:\n${list(
            positionals.map((each) => [each.name.toUpperCase(), described([each.name])]),
            columns
          )}`
        ]),
    `Flags:\n${list(
      flags.map((flag) => [
        flagWords(flag),
        flag.names[0] === "--help"
          ? "Shows this help."
          : `${described(flag.names)}${flag.isRepeated ? " May be repeated." : ""}`
      ]),
      columns
    )}`
  ]
  return `${parts.join("\n\n")}\n`
}

const ofGroup = (called: string, summary: string, commands: ReadonlyArray<Grammar.Tree>, columns: number): string =>
  [
    wrap(summary, columns).join("\n"),
    `Usage: ${called} COMMAND`,
    `Commands:\n${list(
      commands.map(({ name, summary }) => [name, summary]),
      columns
    )}`,
    `See ${called} COMMAND --help.\n`
  ].join("\n\n")

/** The variables that the command reads, with their meanings. */
export const variables: ReadonlyArray<readonly [name: string, meaning: string]> = [
  ["MAMMOTHANALYTICS_API_KEY", "the API key of the account"],
  ["MAMMOTHANALYTICS_API_SECRET", "the API secret of the account"],
  ["MAMMOTH_WORKSPACE_ID", "the workspace, in place of --workspace"],
  ["MAMMOTH_PROJECT_ID", "the project, in place of --project"],
  ["MAMMOTH_BASE_URL", "the address of the API, in place of --base-url"],
  ["MAMMOTH_TIMEOUT", "the longest time for one attempt, in place of --timeout"],
  ["MAMMOTH_DEADLINE", "the longest time for one call with all its attempts, in place of --deadline"],
  ["NO_COLOR", "no color, if it is not empty"]
]

/** Makes the help of the program. */
export const ofProgram = (
  program: string,
  summary: string,
  commands: ReadonlyArray<Grammar.Tree>,
  columns = 100
): string =>
  [
    ofGroup(program, summary, commands, columns).trimEnd(),
    `Variables:\n${list(variables, columns)}`,
    "A flag wins over a variable, and a variable wins over the profile, which is\n"
      + "$XDG_CONFIG_HOME/mammoth-webhooks/config.json (mode 0600, with the keys apiKey, apiSecret,\n"
      + "workspaceId, projectId, baseUrl, timeout, deadline and allowInsecure). No flag takes a secret.",
    `Exit codes:\n${list(
      Object.values(exitCodes).map(({ code, meaning }) => [String(code), meaning]),
      columns
    )}\n`
  ].join("\n\n")
