// Finds sentences that are hard to read in guides, docstrings, comments, messages and test names. CONTRIBUTING.md lists the rules.
//
//   node scripts/prose.mjs               checks the paths under `clean` in scripts/prose.json
//   node scripts/prose.mjs <paths…>      checks these files and folders
//   node scripts/prose.mjs --summary     counts the findings in each folder of the repository, or of the given paths
//
// textlint reads the Markdown and runs the rules. TypeScript finds the comments in source files. Code, tables, headings and
// `@example` blocks are not checked. `allowed` in scripts/prose.json lists words for each file. The linter accepts every
// sentence that contains these words. The script fails if it has findings, except with `--summary`.
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs"
import { dirname, join, relative, resolve } from "node:path"
import { TextlintKernel } from "@textlint/kernel"
import markdown from "@textlint/textlint-plugin-markdown"
import { check, rules } from "./prose/rules.mjs"
import { sentencesOf } from "./prose/sentences.mjs"

const root = join(import.meta.dirname, "..")
const { allowed, clean } = JSON.parse(readFileSync(join(import.meta.dirname, "prose.json"), "utf8"))

const isTest = (file) => /\.test\.\w+$/.test(file)

const isProse = (file) =>
  /(^|\/)(README|CONTRIBUTING|SECURITY)\.md$|^docs\/[^/]+\.md$|^\.changeset\/[^/]+\.md$/.test(file)
  || /^(packages|apps)\/[^/]+\/(src|scripts)\/.*\.(m|c)?[jt]sx?$/.test(file)
  || /^scripts\/.*\.mjs$/.test(file)
  || /^[^/]+\.shared\.ts$/.test(file)
  || /^(packages|apps)\/.*\.test\.ts$/.test(file)
  || /^templates\/.*\.(md|ts)$/.test(file)

const skipped = new Set(["node_modules", "dist", "reports"])

/** Lists all files in a folder and its subfolders. */
const filesOf = (folder) =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    skipped.has(entry.name) || (entry.name.startsWith(".") && entry.name !== ".changeset")
      ? []
      : entry.isDirectory()
        ? filesOf(join(folder, entry.name))
        : entry.isFile()
          ? [join(folder, entry.name)]
          : []
  )

// Load the compiler only when the linter checks a source file: guides do not need the compiler.
const extract = () => import("./prose/extract.mjs")

const isAllowed = (file, sentence) => (allowed[file] ?? []).some((words) => sentence.includes(words))

/** Converts a rule of this linter to a rule of textlint. */
const adapt =
  (name) =>
  (context, { file, kindOf }) => ({
    [context.Syntax.Paragraph](paragraph) {
      for (const { places, text } of sentencesOf(paragraph)) {
        if (isAllowed(file, text)) continue
        const inList = paragraph.parent?.type === context.Syntax.ListItem
        const kind = kindOf(paragraph.loc.start.line)
        for (const { at, message } of check(name, { text, kind, inList })) {
          const start = places[at]
          context.report(
            paragraph,
            new context.RuleError(message, { padding: context.locator.range([start, start + 1]) })
          )
        }
      }
    }
  })

const kernel = new TextlintKernel()
const plugins = [{ pluginId: "markdown", plugin: markdown.default ?? markdown }]

/** Checks texts without markup: test names or messages. */
const lintPlain = (file, kind, texts) =>
  texts
    .filter(({ text }) => !isAllowed(file, text))
    .flatMap(({ column, line, text }) =>
      Object.keys(rules).flatMap((rule) =>
        check(rule, { text, kind, inList: false }).map(({ message }) => ({ file, line, column, rule, message }))
      )
    )

/** Checks a guide, or the comments of a source file. */
const lintText = async (file, text) => {
  const prose = file.endsWith(".md") ? undefined : (await extract()).comments(file, text)
  const kindOf = (line) => (prose === undefined ? "doc" : prose.places[line - 1].kind)
  const { messages } = await kernel.lintText(prose?.markdown ?? text, {
    ext: ".md",
    plugins,
    rules: Object.keys(rules).map((name) => ({
      ruleId: name,
      rule: adapt(name),
      options: { file, kindOf }
    }))
  })
  return messages.map(({ loc: { start }, message, ruleId: rule }) => {
    const place = prose?.places[start.line - 1]
    return place === undefined
      ? { file, line: start.line, column: start.column, rule, message }
      : { file, line: place.line + 1, column: place.column + start.column, rule, message }
  })
}

/** Lists the findings in a file. The first line and the first column have the number 1. */
const lint = async (file) => {
  const text = readFileSync(join(root, file), "utf8")
  const found = await lintText(file, text)
  if (file.endsWith(".md")) return found
  const { messages, testNames } = await extract()
  const plain = isTest(file)
    ? lintPlain(file, "test", testNames(file, text))
    : lintPlain(file, "message", messages(file, text))
  return [...found, ...plain]
}

const given = process.argv.slice(2).filter((argument) => !argument.startsWith("--"))
const summary = process.argv.includes("--summary")
const paths =
  given.length > 0 ? given.map((path) => resolve(path)) : (summary ? ["."] : clean).map((path) => join(root, path))
const missing = paths.filter((path) => !existsSync(path))
const inRoot = (file) => relative(root, file).replaceAll("\\", "/")
// Check every file that the command line names. In a folder, check only the files that contain prose.
const files = [
  ...new Set(
    paths
      .filter((path) => existsSync(path))
      .flatMap((path) => (statSync(path).isFile() ? [inRoot(path)] : filesOf(path).map(inRoot).filter(isProse)))
  )
].toSorted((one, other) => (one < other ? -1 : 1))

const found = []
for (const file of files) found.push(...(await lint(file)))

if (summary) {
  const folderOf = ({ file }) => (file.startsWith("docs/") ? file : dirname(file))
  const folders = new Set(found.map(folderOf))
  const row = (cells) =>
    cells.map((cell, index) => (index === 0 ? cell.padEnd(44) : String(cell).padStart(11))).join("")
  const counts = (some) => Object.keys(rules).map((name) => some.filter(({ rule }) => rule === name).length)
  console.log(row(["", "all", ...Object.keys(rules)]))
  for (const folder of folders) {
    const some = found.filter((finding) => folderOf(finding) === folder)
    console.log(row([folder, some.length, ...counts(some)]))
  }
  console.log(row(["all", found.length, ...counts(found)]))
} else {
  for (const { column, file, line, message, rule } of found) {
    console.log(`${relative(process.cwd(), join(root, file))}:${line}:${column}: ${message} (${rule})`)
  }
  console.log(`${files.length} files, ${found.length} ${found.length === 1 ? "finding" : "findings"}`)
}
for (const path of missing) console.error(`${path} does not exist`)
if ((found.length > 0 && !summary) || missing.length > 0) process.exitCode = 1
