// Writes docs/cli.md from the help of the built command. With --check it only compares.
import { execFileSync } from "node:child_process"
import { readFile, writeFile } from "node:fs/promises"
import { fileURLToPath } from "node:url"

const here = (path) => fileURLToPath(new URL(path, import.meta.url))
const file = here("../../../docs/cli.md")

const help = (...path) =>
  execFileSync(process.execPath, [here("../dist/bin.js"), ...path, "--help"], { encoding: "utf8" })

/** The commands that a help text lists. */
const listed = (text) =>
  (/\nCommands:\n((?: {2}.*\n)+)/.exec(text)?.[1] ?? "")
    .split("\n")
    .filter((line) => /^ {2}\S/.test(line))
    .map((line) => line.trim().split(/\s/)[0])

const block = (text) => `\`\`\`text\n${text.trimEnd()}\n\`\`\``

const sections = (path) => {
  const text = help(...path)
  const title = path.length === 0 ? [] : [`## ${path.join(" ")}\n`]
  return [[...title, block(text)].join("\n"), ...listed(text).flatMap((name) => sections([...path, name]))]
}

const intro = `# The command mammoth-webhooks

\`mammoth-webhooks\` lists, changes and feeds webhooks from a terminal or a script. The package is \`@mammoth-effect/cli\`; its
[README](../packages/cli/README.md) shows how to begin. The texts below are the help of the command itself:
\`packages/cli/scripts/docs.mjs\` writes them, and a test compares them.
`

const text = `${[intro, ...sections([])].join("\n")}\n`.replaceAll("\n```\n## ", "\n```\n\n## ")
if (!process.argv.includes("--check")) {
  await writeFile(file, text)
} else if ((await readFile(file, "utf8")) !== text) {
  console.error("docs/cli.md is not the help of the command: run node scripts/docs.mjs in packages/cli")
  process.exitCode = 1
}
