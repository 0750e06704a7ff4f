/** Measures the built command. */
import { readdirSync, readFileSync, statSync } from "node:fs"
import { dirname, join } from "node:path"
import { expect, it } from "@effect/vitest"
import { bin } from "./support/cli.js"

/** Returns a file and all files that it imports statically, directly or indirectly. */
const closure = (file: string, seen: ReadonlySet<string> = new Set()): ReadonlySet<string> =>
  seen.has(file)
    ? seen
    : [...readFileSync(file, "utf8").matchAll(/(?:from|import)\s*"(\.\/[^"]+\.js)"/g)].reduce<ReadonlySet<string>>(
        (all, [, path = ""]) => closure(join(dirname(file), path), all),
        new Set([...seen, file])
      )

it("the command `list` loads at most 550 kB of code", () => {
  const names = readdirSync(dirname(bin)).filter((name) => /^(bin|program-\w+|list-\w+)\.js$/.test(name))
  expect(names.length).toBe(3)
  const files = names.reduce<ReadonlySet<string>>((all, name) => closure(join(dirname(bin), name), all), new Set())
  const bytes = [...files].reduce((sum, file) => sum + statSync(file).size, 0)
  expect(bytes).toBeLessThanOrEqual(550_000)
  // Check that the pattern found the imports. If the pattern missed them, the sum would be below 300 kB.
  expect(bytes).toBeGreaterThan(300_000)
})
