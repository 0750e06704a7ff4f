// Writes docs/cli.md from the help of the built command. With --check, only compares the file with the help.
import { execFileSync } from "node:child_process"
import { readFile, writeFile } from "node:fs/promises"
import { fileURLToPath } from "node:url"

const here = (path) => fileURLToPath(new URL(path, import.meta.url))
const file = here("../../../docs/cli.md")

const help = (...path) =>
  execFileSync(process.execPath, [here("../dist/bin.js"), ...path, "--help"], { encoding: "utf8" })

/** Returns the names of the commands in a help text. */
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

\`mammoth-webhooks\` lists webhooks, changes them and pushes rows to them, from a terminal or a script. The package is
\`@mammoth-effect/cli\`: its [README](../packages/cli/README.md) shows how to begin. The texts below are the output of
\`--help\`. \`packages/cli/scripts/docs.mjs\` writes them, and a test compares them with the command.
`

const code = (...words) => words.map((word) => `\`${word}\``).join(", ")

const webhook = code("id", "name", "mode", "datasetId", "origins")

const table = [
  ["commands", "columns"],
  [code("list", "get"), `${webhook}; ${code("list --fields")} selects other columns`],
  [code("create", "update"), webhook],
  [code("ensure"), `${code("action")}, ${webhook}`],
  [code("ensure --check"), code("action", "id", "name", "changes")],
  [code("delete"), code("id", "deleted")],
  [code("send"), code("id", "name", "accepted", "bytes")],
  [
    code("ingest", "replay"),
    code("offered", "accepted", "refused", "dead", "unknown", "undelivered", "badLines", "resumeAt")
  ],
  [code("emulator"), code("name", "value")],
  [code("outbox status"), code("outbox", "pending", "leased", "delivered", "dead", "failing", "failingSince", "error")],
  [code("outbox retry"), code("outbox", "retried")],
  [code("outbox purge"), code("outbox", "purged")],
  [code("doctor"), code("check", "result", "detail", "advice")]
]
const widths = [0, 1].map((column) => Math.max(...table.map((row) => row[column].length)))
const rows = table.map((row) => `| ${row.map((cell, column) => cell.padEnd(widths[column])).join(" | ")} |`)
rows.splice(1, 0, `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`)

const columns = `## Columns

If stdout is not a terminal, data is written as tab-separated values without a header. A cell without a value is empty. Tabs,
line breaks and backslashes are written as \`\\t\`, \`\\n\`, \`\\r\` and \`\\\\\`. Other control characters are written as escapes such
as \`\\u001b\`.

${rows.join("\n")}

The commands \`ingest\` and \`replay\` count rows and lines:

- \`refused\` rows were not sent, because they are not objects or have integers beyond 2^53.
- \`dead\` rows were refused by the server.
- \`unknown\` rows may have arrived.
- \`undelivered\` rows did not arrive, and may be sent again unchanged.
- \`badLines\` counts lines that are not rows at all.
- \`resumeAt\` is the number of the row to resume at, counted from 0. The cell is empty if the run is complete.
`

const text = [intro, ...sections([]), columns].join("\n").replaceAll("\n```\n## ", "\n```\n\n## ")
if (!process.argv.includes("--check")) {
  await writeFile(file, text)
} else if ((await readFile(file, "utf8")) !== text) {
  console.error("docs/cli.md differs from the help of the command: run node scripts/docs.mjs in packages/cli")
  process.exitCode = 1
}
