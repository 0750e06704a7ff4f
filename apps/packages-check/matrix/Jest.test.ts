/**
 * Runs Jest in its default mode, CommonJS, with the configuration of docs/cookbook.md. It also runs the recipe of
 * docs/emulator.md.
 */
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "vitest"
import * as Project from "../src/Project.js"
import { run } from "../src/Run.js"
import { root } from "../src/Workspace.js"

const documented = (): string => {
  const section = readFileSync(join(root, "docs/cookbook.md"), "utf8")
    .split(/^### /m)
    .find((text) => text.startsWith("With Jest"))
  const [, configuration] = /```js\n([\s\S]*?)```/.exec(section ?? "") ?? []
  if (configuration === undefined) throw new Error("docs/cookbook.md has no configuration of Jest")
  return configuration
}

const jest = (directory: string) => run(process.execPath, ["node_modules/jest/bin/jest.js", "jest"], { cwd: directory })

describe("Jest", () => {
  it.each(["npm", "pnpm"] as const)(
    "passes the tests with the documented configuration if %s installs the packages",
    async (manager) => {
      const directory = await Project.make({
        manager,
        dependencies: {
          jest: "^30",
          "@jest/globals": "^30",
          "@babel/preset-env": "^7",
          "@babel/preset-typescript": "^7"
        }
      })
      const configuration = documented()
      writeFileSync(join(directory, "jest.config.cjs"), configuration)
      const { code, stderr } = await jest(directory)
      assert.strictEqual(code, 0, stderr)
      assert.match(stderr, /^Tests: +5 passed, 5 total$/m)
      // Remove the setting `transformIgnorePatterns` of the recipe: Jest must fail without it.
      writeFileSync(join(directory, "jest.config.cjs"), configuration.replace(/^ *transformIgnorePatterns.*\n/m, ""))
      assert.include((await jest(directory)).stderr, "Must use import to load ES Module")
    }
  )
})
