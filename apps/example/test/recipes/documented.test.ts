/** Holds the recipes of docs/emulator.md against the files that are run. */
import { readFileSync } from "node:fs"
import { assert, describe, it } from "vitest"

const root = new URL("../../../../", import.meta.url)

const read = (path: string): string => readFileSync(new URL(path, root), "utf8")

/** A recipe, without the comment that says what it is. */
const recipe = (path: string): string => read(path).replace(/^\/\*\*.*\*\/\n/, "")

describe("docs/emulator.md", () => {
  it.each([
    ["vitest", "apps/example/test/recipes/vitest.test.ts", "ts"],
    ["node:test", "apps/packages-check/consumer/node-test/orders.test.js", "js"],
    ["Jest", "apps/packages-check/consumer/jest/emulator.test.js", "js"]
  ])("shows the recipe for %s as it is run", (_, path, language) => {
    assert.include(read("docs/emulator.md"), `\`\`\`${language}\n${recipe(path)}\`\`\`\n`)
  })
})
