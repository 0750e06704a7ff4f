/** Checks the declarations of a library that uses the packages. Users must be able to import each type in these declarations. */
import { assert, describe, it } from "vitest"
import * as Declarations from "../src/Declarations.js"
import * as Project from "../src/Project.js"
import { libraries } from "../src/Workspace.js"

/** The packages that programs can import. */
const all = libraries.map(({ name }) => name)

describe("a library whose exports have inferred types of the SDK", () => {
  it.each([
    { manager: "npm", only: all },
    // Use pnpm, because it hides packages that the manifest does not list.
    { manager: "pnpm", only: ["@mammoth-effect/client"] },
    { manager: "pnpm", only: all.filter((name) => name !== "@mammoth-effect/core") }
  ] as const)("compiles with declarations if $manager installs $only", async ({ manager, only }) => {
    const directory = await Project.make({ manager, only })
    const { errors, exports, imports } = await Declarations.check(directory, only)
    assert.strictEqual(errors.join("\n"), "")
    assert.isAbove(exports, 1000)
    assert.isEmpty(imports.filter((name) => /\/internal\/|node_modules/.test(name)))
    const own = imports.filter((name) => name.startsWith("@mammoth-effect/"))
    assert.isEmpty(own.filter((name) => !only.some((listed) => name === listed || name.startsWith(`${listed}/`))))
  })
})
