/** Compares the recipes in the guides with the tested files. */
import { readFileSync } from "node:fs"
import { extname } from "node:path"
import { assert, describe, it } from "vitest"

const root = new URL("../../../../", import.meta.url)

const read = (path: string): string => readFileSync(new URL(path, root), "utf8")

/** Reads a recipe without the comment in its first line. */
const recipe = (path: string): string => read(path).replace(/^\/\*\*.*\*\/\n/, "")

const recipes = {
  "docs/emulator.md": [
    "apps/example/test/recipes/vitest.test.ts",
    "apps/packages-check/consumer/node-test/orders.test.js",
    "apps/packages-check/consumer/jest/emulator.test.js"
  ],
  "docs/promises.md": [
    "apps/example/test/recipes/nightly.js",
    "apps/example/test/recipes/express.js",
    "apps/example/test/recipes/fastify.ts"
  ]
}

describe.each(Object.entries(recipes))("the guide %s", (guide, paths) => {
  it.each(paths)("contains the exact code of %s", (path) => {
    assert.include(read(guide), `\`\`\`${extname(path).slice(1)}\n${recipe(path)}\`\`\`\n`)
  })
})
