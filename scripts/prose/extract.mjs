// Finds the prose in a source file: its docstrings and comments, as Markdown, its test names, and its messages.
import { createRequire } from "node:module"

// Load the compiler with `require`: `import` takes twice as long, because it first searches the file for exported names.
const ts = createRequire(import.meta.url)("typescript")

// Matches comments that are not prose: directives for compilers and linters, and markers that tools read.
const directive = /^\s*(?:[@#/]|oxlint-|eslint-|prettier-|ts-|v8 |c8 |istanbul |region\b|endregion\b)/

const parse = (file, text) =>
  ts.createSourceFile(file, text, {
    languageVersion: ts.ScriptTarget.Latest,
    jsDocParsingMode: ts.JSDocParsingMode.ParseNone
  })

/** Returns the positions of all comments in a file, from first to last. */
const commentsOf = (source) => {
  // Find regular expressions and templates with the parser: the scanner alone would read them as divisions and braces.
  const literals = new Map()
  const visit = (node) => {
    if (
      node.kind === ts.SyntaxKind.RegularExpressionLiteral
      || (node.kind >= ts.SyntaxKind.FirstTemplateToken && node.kind <= ts.SyntaxKind.LastTemplateToken)
    ) {
      literals.set(node.getStart(source), node.end)
    }
    ts.forEachChild(node, visit)
  }
  visit(source)

  const scanner = ts.createScanner(ts.ScriptTarget.Latest, false, source.languageVariant, source.text)
  const found = []
  for (let token = scanner.scan(); token !== ts.SyntaxKind.EndOfFileToken; token = scanner.scan()) {
    const start = scanner.getTokenStart()
    if (literals.has(start)) scanner.resetTokenState(literals.get(start))
    else if (token === ts.SyntaxKind.MultiLineCommentTrivia || token === ts.SyntaxKind.SingleLineCommentTrivia) {
      found.push({ start, end: scanner.getTokenEnd() })
    }
  }
  return found
}

/** Returns the text of a string or a template. Replaces each inserted value with the word `Code` in backticks. */
const textOf = (node) =>
  ts.isStringLiteralLike(node)
    ? node.text
    : node.head.text + node.templateSpans.map(({ literal }) => `\`Code\`${literal.text}`).join("")

const isText = (node) => ts.isStringLiteralLike(node) || ts.isTemplateExpression(node)

/** Returns the text of a node, and the position of its first character. The first line and column have the number 1. */
const found = (source, node) => {
  const { line, character } = source.getLineAndCharacterOfPosition(node.getStart(source))
  return { text: textOf(node), line: line + 1, column: character + 2 }
}

/** Returns all nodes of a tree, from first to last. */
const nodesOf = (root) => {
  const nodes = []
  const visit = (node) => {
    nodes.push(node)
    ts.forEachChild(node, visit)
  }
  visit(root)
  return nodes
}

const leftmost = (node) =>
  ts.isCallExpression(node) || ts.isPropertyAccessExpression(node) ? leftmost(node.expression) : node

/** Finds the names of tests and groups: the first argument of `it(…)`, `it.effect(…)`, `it.each(…)(…)` or `describe(…)`. */
export const testNames = (file, text) => {
  const source = parse(file, text)
  return nodesOf(source)
    .filter(ts.isCallExpression)
    .filter(({ expression }) => ["it", "test", "describe"].includes(leftmost(expression).text))
    .flatMap(({ arguments: [name] }) => (name !== undefined && isText(name) ? [found(source, name)] : []))
}

// Treat a string as a message if it has four words in a row. SQL and code have brackets or signs between their words.
const isMessage = (text) => /(?:^|\s)[a-zA-Z]?[a-z]+(?: [a-z]+){3}/.test(text)

/** Finds the strings that people may read, such as error messages and help. */
export const messages = (file, text) => {
  const source = parse(file, text)
  return nodesOf(source)
    .filter((node) => isText(node) && isMessage(textOf(node)))
    .map((node) => found(source, node))
}

/** Splits a comment into lines. Each line has the position of its first character in the source. */
const linesOf = (source, { start, end }) => {
  const text = source.text.slice(start, end)
  const at = source.getLineAndCharacterOfPosition(start)
  if (text.startsWith("//")) {
    const mark = /^\/\/ ?/.exec(text)[0].length
    return [{ text: text.slice(mark), line: at.line, column: at.character + mark }]
  }
  return text.split(/\r?\n/).map((raw, index) => {
    const mark = /^\s*(?:\/\*+|\*(?!\/))? ?/.exec(raw)[0].length
    return {
      text: raw.slice(mark).replace(/\s*\*\/$/, ""),
      line: at.line + index,
      column: (index === 0 ? at.character : 0) + mark
    }
  })
}

/** Marks indented lines after an empty line as code, as in the usage of a script. */
const withCode = (lines) => {
  let isCode = false
  return lines.map((line, index) => {
    isCode = line.text.startsWith("  ") && (isCode || lines[index - 1]?.text.trim() === "")
    return isCode ? { ...line, text: `    ${line.text}` } : line
  })
}

/** Removes the tags of a docstring that are not prose. Keeps the text of all other tags, without the tag's name. */
const withoutTags = (lines) => {
  let skipping = false
  const kept = []
  for (const line of lines) {
    const [tag, name] = /^@(\w+)\s*/.exec(line.text) ?? []
    if (tag === undefined) {
      if (!skipping) kept.push(line)
      continue
    }
    skipping = /^(example|since|category|see|internal|module|packageDocumentation|type|typeParam|template)$/.test(name)
    if (skipping) continue
    const said = name === "param" ? /^@param\s+\S+\s*(?:-\s*)?/.exec(line.text)[0] : tag
    // Put an empty line before the tag's text, so that the text is a separate paragraph.
    kept.push({ text: "", line: line.line, column: line.column })
    kept.push({ text: line.text.slice(said.length), line: line.line, column: line.column + said.length })
  }
  return kept
}

// Replace the braces of a link with backticks, so that the linter skips the link as code. The columns stay the same.
const plain = (line) => ({ ...line, text: line.text.replace(/\{(@link[^{}`]*)\}/g, "`$1`") })

/**
 * Converts the docstrings and comments of a source file to Markdown. `places` has an entry for each line of the Markdown: its
 * kind, and its line and column in the source. The first line and the first column have the number 0.
 */
export const comments = (file, text) => {
  const source = parse(file, text)
  const blocks = []
  let last
  for (const comment of commentsOf(source)) {
    const kind = text.startsWith("/**", comment.start) ? "docstring" : "comment"
    const lines = linesOf(source, comment)
    if (kind === "comment" && directive.test(lines[0].text)) continue
    const { line } = source.getLineAndCharacterOfPosition(comment.start)
    const alone = text.slice(text.lastIndexOf("\n", comment.start - 1) + 1, comment.start).trim() === ""
    const isLine = text.startsWith("//", comment.start)
    if (isLine && alone && last?.isLine && last.alone && last.line === line - 1) {
      last.lines.push(...lines)
      last.line = line
    } else {
      last = { kind, lines: kind === "docstring" ? withoutTags(lines) : lines, line, alone, isLine }
      blocks.push(last)
    }
  }

  const markdown = []
  const places = []
  for (const { kind, lines } of blocks) {
    for (const line of [...withCode(lines).map(plain), { text: "", line: 0, column: 0 }]) {
      markdown.push(line.text)
      places.push({ kind, line: line.line, column: line.column })
    }
  }
  return { markdown: markdown.join("\n"), places }
}
