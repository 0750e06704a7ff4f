/** The declarations of a library that uses the packages: what TypeScript infers has to have a name that users can import. */
import { assert, describe, it } from "vitest"
import * as Declarations from "../src/Declarations.js"
import * as Project from "../src/Project.js"
import { libraries } from "../src/Workspace.js"

/** The packages that offer modules: a command has none. */
const all = libraries.map(({ name }) => name)

describe("a library that exports an inferred value of each export", () => {
  it.each([
    { manager: "npm", only: all },
    // pnpm hides what the manifest does not list.
    { manager: "pnpm", only: ["@mammoth-effect/client"] },
    { manager: "pnpm", only: all.filter((name) => name !== "@mammoth-effect/core") }
  ] as const)("compiles with declarations, installed by $manager: $only", async ({ manager, only }) => {
    const directory = await Project.make({ manager, only })
    const { errors, exports, imports } = await Declarations.check(directory, only)
    assert.strictEqual(errors.join("\n"), "")
    assert.isAbove(exports, 1000)
    assert.isEmpty(imports.filter((name) => /\/internal\/|node_modules/.test(name)))
    const own = imports.filter((name) => name.startsWith("@mammoth-effect/"))
    assert.isEmpty(own.filter((name) => !only.some((listed) => name === listed || name.startsWith(`${listed}/`))))
  })
})
