/** Tests the prose linter with sentences that it must report, and with sentences that it must accept. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, assert, describe, it } from "vitest"
import { run } from "../src/Run.js"
import { root } from "../src/Workspace.js"

const folder = mkdtempSync(join(tmpdir(), "prose-"))
afterAll(() => rmSync(folder, { recursive: true }))

/** Writes a file and lints it. Returns the findings as `line rule`. */
const lint = async (name: string, lines: ReadonlyArray<string>) => {
  const file = join(folder, name)
  writeFileSync(file, lines.join("\n"))
  const { code, stdout } = await run(process.execPath, ["scripts/prose.mjs", file], { cwd: root })
  const findings = [...stdout.matchAll(/^\S+?:(\d+):\d+: .*\((\w+)\)$/gm)].map(([, line, rule]) => `${line} ${rule}`)
  assert.strictEqual(code, findings.length === 0 ? 0 : 1, stdout)
  return findings
}

const hard: ReadonlyArray<readonly [rule: string, sentence: string]> = [
  ["opening", "What is not sent stays in the file."],
  ["opening", "Who reads no CSV needs no parser."],
  ["opening", "Whether the row arrived."],
  ["opening", "Where the disk is full, the offer fails."],
  ["opening", "How many rows a request carries."],
  ["opening", "Which file to read."],
  ["opening", "Why the run ended."],
  ["opening", "Of a broken row, the first line is kept."],
  ["opening", "That the server takes arrays is unproven."],
  [
    "length",
    "The worker reads the rows that are due, sends them to the webhook in one request, writes the result of each row to the table, and waits for more rows until the scope ends."
  ],
  [
    "clauses",
    "The worker renews its lease after a third of the time that it has; the clock of the database decides when that is."
  ],
  [
    "clauses",
    "The worker ends when its scope ends, while the rows are in the table, although the server has them, so the rows are sent twice."
  ],
  ["vague", "The sink refuses such a row."],
  ["vague", "The report counts those that were sent."],
  ["vague", "The layer is shared, so that who uses one has all."],
  ["vague", "Rows are sent again; what was stored is not."],
  ["vague", "Makes so many calls."],
  ["vague", "Keeps the row and that which it replaced."],
  ["vague", "The delivery is the worst of theirs."],
  ["vague", "Lists are so much longer."],
  ["condition", "A row waits where there is no room."],
  ["condition", "The row stays there; where it does not, the run fails."],
  ["condition", "The key is masked also where a gateway escapes it."],
  ["condition", "Retries the push also if the server may have acted."],
  ["word", "The call is attempted again."],
  ["word", "The call is tried again."],
  ["word", "A request is under way."],
  ["word", "The answer has no body."],
  ["word", "JSON drops the key in silence."],
  ["word", "Every origin but for one is refused."],
  ["word", "A line that is no row ends the run."],
  ["word", "Rows that are to be delivered wait."],
  ["word", "The run dies of a defect."],
  ["word", "Waits in order to save requests."],
  ["word", "The page has some 50 webhooks."],
  ["word", "The engine takes it for an interruption."],
  ["word", "Tells whether a row was sent."],
  ["word", "Sends a row in place of the batch."],
  ["word", "In spite of the fault, the row is stored."],
  ["word", "The limit is an integer from 1."],
  ["word", "The sink never waits, nor does it retry."],
  ["word", "All but the last row are sent."],
  ["word", "The run goes on after a refused row."],
  ["word", "Reads the keys anew."],
  ["word", "An option wins over its variable."],
  ["word", "The call fails at once."],
  ["word", "The row is stored beside its id."],
  ["word", "Each client has a budget of its own."],
  ["word", "The key is masked so far as it is known."]
]

const plain = [
  "Sends the rows. Returns the report.",
  "How to resume a run is in [the guide](such.md).",
  "**What ends a run?** A row that the server refuses.",
  "How it is measured:",
  "That is a defect of the server.",
  "Of course the row is stored.",
  "Identifiers such as `the answer` are code, and so is `under way`.",
  "There is no such webhook, and there is no other.",
  "The server answers with 503, and a proxy that answers is not the server.",
  "The person has one minute for the answer to a question.",
  "Rows arrive in the order of the file, in batches of 500, as JSON, and as UTF-8.",
  "The build of the client marks the values of its modules as pure after the compiler has run. esbuild then drops each value that the app does not use, as other bundlers do.",
  "Waits, e.g. `Effect.sleep`, end with the scope.",
  "The size of a page is an integer from 1 to 100.",
  "The server is overloaded. Try again later.",
  "The message has neither a key nor one of its own parts."
]

describe("the prose linter", () => {
  it("reports the rule and the line of each hard sentence in a guide", async () => {
    const findings = await lint(
      "hard.md",
      hard.flatMap(([, sentence]) => [sentence, ""])
    )
    assert.deepStrictEqual(
      findings,
      hard.map(([rule], index) => `${index * 2 + 1} ${rule}`)
    )
  })

  it("accepts plain sentences", async () => {
    assert.deepStrictEqual(
      await lint(
        "plain.md",
        plain.flatMap((sentence) => [sentence, ""])
      ),
      []
    )
  })

  it("ignores code, tables, headings and addresses in a guide", async () => {
    const findings = await lint("code.md", [
      "# What the answer is",
      "",
      "```ts",
      "// What the answer is",
      "```",
      "",
      "| What the answer is |",
      "| ------------------ |",
      "| Whether it is sent |",
      "",
      "See [the guide](https://example.com/the%20answer 'What the answer is')."
    ])
    assert.deepStrictEqual(findings, [])
  })

  it("reports hard sentences in docstrings and comments, and ignores examples, regular expressions and strings", async () => {
    const findings = await lint("source.ts", [
      "/**",
      " * Sends rows.",
      " *",
      " * What is left",
      " * stays there. The row is tried",
      " * again.",
      " *",
      " * @param rows how many rows to send",
      " *",
      " *   what is left",
      " *",
      " * @example",
      " * // What the answer is",
      " *",
      " * @since 0.1.0",
      " */",
      "export const send = (rows: number) => `// What is left ${rows} // Whose it is`",
      "",
      "export const slashes = /\\/\\/ What the answer is/ // of a request, the first part",
      "  // where the file is missing,",
      "  // a request may be under way",
      "export const none = {} // oxlint-disable-line"
    ])
    assert.deepStrictEqual(findings, ["4 opening", "5 word", "8 opening", "19 opening", "20 opening", "21 word"])
  })

  it("checks the words of a message, but not its opening and its length", async () => {
    const findings = await lint("message.ts", [
      'export const short = "under way"',
      'export const refused = "what the server refused is kept in the file"',
      'export const lost = "the answer to the last request was lost"',
      "export const waits = (rows: number) => `the ${rows} rows are sent in place of the batch`",
      'export const path = "/under way/of such a path"'
    ])
    assert.deepStrictEqual(findings, ["3 word", "4 word"])
  })

  it("checks the names, titles and comments of a test file", async () => {
    const findings = await lint("some.test.ts", [
      'it("whose answer is lost", () => {})',
      'it.effect("retries a GET after the answer is lost", () => {})',
      'it.each([1])("what is left: %d", () => {})',
      "it(`keeps ${count} rows in place of a batch`, () => {})",
      'describe("What a run keeps", () => {})',
      "// What the answer is",
      'assert.include(message, "what the answer is and was")'
    ])
    assert.deepStrictEqual(findings.toSorted(), [
      "1 opening",
      "1 word",
      "2 word",
      "3 opening",
      "4 word",
      "5 opening",
      "6 opening",
      "6 word"
    ])
  })
})
