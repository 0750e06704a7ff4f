import { spawn } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import * as emulatorCommand from "../src/internal/commands/emulator.js"
import * as ensure from "../src/internal/commands/ensure.js"
import { commands } from "../src/internal/commands/index.js"
import * as status from "../src/internal/commands/outbox/status.js"
import * as send from "../src/internal/commands/send.js"
import * as Doctor from "../src/internal/doctor.js"
import * as Report from "../src/internal/rows/report.js"
import type { Entry } from "../src/internal/shell/entry.js"
import * as Overview from "../src/internal/shell/overview.js"
import * as Show from "../src/internal/show.js"
import * as Wanted from "../src/internal/wanted.js"
import { bin, emulator, ended, folder, run, start } from "./support/cli.js"

/** Returns the name and the help of each command and group. */
const helps = (
  entries: ReadonlyArray<Entry>,
  path: ReadonlyArray<Entry> = []
): Effect.Effect<ReadonlyArray<readonly [string, string]>> =>
  Effect.map(
    Effect.forEach(entries, (entry) => {
      const further = [...path, entry]
      const name = further.map(({ name }) => name).join(" ")
      return entry.children.length > 0
        ? Effect.map(helps(entry.children, further), (below) => [
            [name, Overview.textOf({ _tag: "Help", path: further }, commands, "")] as const,
            ...below
          ])
        : Effect.map(Effect.promise(entry.load), ({ help }) => [
            [name, help(`${Overview.program} ${name}`, entry.summary)] as const
          ])
    }),
    (all) => all.flat()
  )

it.effect("docs/cli.md contains the current help of every command", () =>
  Effect.gen(function* () {
    const docs = readFileSync(new URL("../../../docs/cli.md", import.meta.url), "utf8")
    const blocks = [...docs.matchAll(/(?:## ([\w ]+)\n\n)?```text\n([^]*?)\n```/g)].map(([, name = "", text]) => [
      name,
      text
    ])
    const all = yield* helps(commands)
    const expected = [["", Overview.textOf({ _tag: "Help", path: [] }, commands, "")] as const, ...all]
    expect(blocks).toEqual(expected.map(([name, text]) => [name, text.trimEnd()]))
  })
)

it.live("the built command prints the help that docs/cli.md contains", () =>
  Effect.gen(function* () {
    const docs = readFileSync(new URL("../../../docs/cli.md", import.meta.url), "utf8")
    for (const path of [[], ["ingest"], ["outbox", "purge"]]) {
      expect(docs).toContain((yield* run([...path, "--help"])).stdout.trimEnd())
    }
  })
)

/** Reads a file of the repository. */
const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8")

/** Returns the code blocks of a language in a Markdown document. */
const fences = (markdown: string, language: string): ReadonlyArray<string> =>
  [...markdown.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)\\n\`\`\``, "gm"))].map(([, text = ""]) => text)

it("docs/cli.md lists the columns of each command that prints records", () => {
  const docs = read("docs/cli.md")
  for (const columns of [
    Show.columns,
    Wanted.columns,
    Report.columns,
    Doctor.columns,
    status.columns,
    ensure.columns,
    send.columns,
    emulatorCommand.columns
  ]) {
    expect(docs).toContain(columns.map((column) => `\`${column}\``).join(", "))
  }
})

it.scopedLive(
  "the commands in the README run without errors and push the rows of the README",
  () =>
    Effect.gen(function* () {
      const markdown = read("packages/cli/README.md")
      const [install = "", serve = "", ...blocks] = fences(markdown, "sh")
      expect(install).toContain('mammoth-webhooks() { node "$PWD/packages/cli/dist/bin.js" "$@"; }')
      const server = yield* emulator({ apiKey: "emulator-key", apiSecret: "emulator-secret" })
      const cwd = yield* folder
      writeFileSync(join(cwd, "orders.csv.gz"), gzipSync("order,total\n2,3.5\n"))
      writeFileSync(join(cwd, "webhooks.yaml"), fences(markdown, "yaml").join("\n"))
      const command = `mammoth-webhooks() { "${process.execPath}" "${bin}" "$@"; }`
      const script = [command, "set -e", ...blocks]
        .join("\n")
        .replaceAll("http://127.0.0.1:4010/api/v2", server.baseUrl)
      const child = spawn("bash", ["-c", script], {
        cwd,
        env: { PATH: process.env["PATH"] ?? "", HOME: "/nonexistent" }
      })
      child.stdin.end()
      const { code, stderr } = yield* ended(child)
      expect([code, stderr]).toEqual([0, expect.not.stringContaining("mammoth-webhooks: unknown")])
      expect(yield* server.rows(1)).toEqual([
        { order: 1, total: 9.5 },
        { order: "2", total: "3.5" }
      ])
      // Stop the emulator, because it runs until it gets a signal.
      const serving = start([...serve.split(" ").slice(1), "--port", "0"])
      const end = yield* Effect.fork(ended(serving))
      yield* Effect.async<void>((resume) => {
        serving.stdout.once("data", () => resume(Effect.void))
      })
      serving.kill("SIGTERM")
      expect((yield* end).stdout).toContain("MAMMOTH_BASE_URL\thttp://127.0.0.1:")
    }),
  60_000
)

it.effect("every command and flag that the README and docs/mcp.md mention exists", () =>
  Effect.gen(function* () {
    const spans = ["packages/cli/README.md", "docs/mcp.md"].flatMap((path) =>
      [...read(path).matchAll(/`mammoth-webhooks ([^`]+)`/g)].map(([, words = ""]) => words.split(" "))
    )
    expect(spans.length).toBeGreaterThan(3)
    for (const words of spans) {
      const [name = "", ...flags] = words
      if (name.startsWith("-")) continue
      const entry = commands.find((each) => each.name === name)
      expect([words, entry?.name]).toEqual([words, name])
      const { grammar } = yield* entry === undefined ? Effect.dieMessage(name) : Effect.promise(entry.load)
      const known = grammar.flags.flatMap(({ names }) => names)
      for (const flag of flags.filter((word) => word.startsWith("-"))) expect(known).toContain(flag)
    }
  })
)

it.scopedLive("each configuration in docs/mcp.md starts the server", () =>
  Effect.gen(function* () {
    const server = yield* emulator()
    const configurations = fences(read("docs/mcp.md"), "json").filter((text) => text.includes("@mammoth-effect/cli"))
    expect(configurations).toHaveLength(3)
    const initialize = {
      jsonrpc: "2.0",
      id: 1,
      method: "initialize",
      params: { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "test", version: "0" } }
    }
    for (const text of configurations) {
      const { mcpServers, servers } = JSON.parse(text) as Record<
        string,
        { readonly mammoth: { readonly args: ReadonlyArray<string>; readonly env: Record<string, string> } } | undefined
      >
      const { args, env } = (mcpServers ?? servers)?.mammoth ?? { args: [], env: {} }
      const given = Object.fromEntries(
        Object.entries(env).map(([name, value]) => [
          name,
          /^\d+$/.test(value) ? value : (server.env as Record<string, string>)[name]
        ])
      ) as Record<string, string>
      const { code, stdout } = yield* run(args.slice(args.indexOf("@mammoth-effect/cli") + 1), {
        env: { ...given, MAMMOTH_BASE_URL: server.baseUrl },
        stdin: `${JSON.stringify(initialize)}\n`
      })
      expect([args, code]).toEqual([args, 0])
      expect(stdout).toContain('"serverInfo"')
    }
  })
)
