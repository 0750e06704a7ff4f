import { readFileSync } from "node:fs"
import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { commands } from "../src/internal/commands/index.js"
import type { Entry } from "../src/internal/shell/entry.js"
import * as Overview from "../src/internal/shell/overview.js"
import { run } from "./support/cli.js"

/** The help of each command and group, with its name. */
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

it.effect("docs/cli.md is the help of the commands: if not, run scripts/docs.mjs", () =>
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

it.live("the built command shows these texts", () =>
  Effect.gen(function* () {
    const docs = readFileSync(new URL("../../../docs/cli.md", import.meta.url), "utf8")
    for (const path of [[], ["ingest"], ["outbox", "purge"]]) {
      expect(docs).toContain((yield* run([...path, "--help"])).stdout.trimEnd())
    }
  })
)
