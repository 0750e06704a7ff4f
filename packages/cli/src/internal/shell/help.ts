/**
 * Makes help texts from the descriptions of `@effect/cli`. Leaves out the colors and the standard sentences of
 * `@effect/cli`.
 */
import * as CliConfig from "@effect/cli/CliConfig"
import * as CommandDescriptor from "@effect/cli/CommandDescriptor"
import type * as HelpDoc from "@effect/cli/HelpDoc"
import type * as Span from "@effect/cli/HelpDoc/Span"
import * as Option from "effect/Option"
import * as Grammar from "./grammar.js"
import { listed, wrap } from "./text.js"

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

/**
 * Matches the standard sentences that `@effect/cli` adds to descriptions. The help leaves out these sentences, because the
 * usage line already says the same.
 */
const stock =
  /^(A true or false value\.|A user-defined piece of text\.|An integer\.|A floating point number\.|One of the following: .*|This (setting|option) is optional\..*|This (option|argument) may be repeated zero or more times\.)$/

/** Returns the description of each flag and argument, by name. */
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

/** Makes the help of one command. */
export const ofCommand = (
  called: string,
  summary: string,
  grammar: Grammar.Grammar,
  descriptor: CommandDescriptor.Command<unknown>,
  columns = 100
): string => {
  const { flags, positionals } = grammar
  const texts = descriptions(CommandDescriptor.getHelp(descriptor, config))
  const described = (names: ReadonlyArray<string>) =>
    names.map((name) => texts.get(name) ?? "").find((text) => text !== "") ?? ""
  const required = flags.filter(({ isRequired }) => isRequired)
  const usage = [called, ...positionals.map(argumentWord), ...required.map(flagWords), "[flags]"].join(" ")
  const parts = [
    wrap(summary, columns).join("\n"),
    `Usage: ${usage}`,
    ...(positionals.length === 0
      ? []
      : [
          `Arguments:\n${listed(
            positionals.map((each) => [each.name.toUpperCase(), described([each.name])]),
            columns
          )}`
        ]),
    `Flags:\n${listed(
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
