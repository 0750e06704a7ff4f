/** Tests that the client exports the modules of core. */
import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import * as Core from "@mammoth-effect/core"
import * as Client from "../src/index.js"

describe("The client", () => {
  const exported = new Map<string, object>(Object.entries(Client))

  it.each(Object.entries(Core))(
    "exports core's module %s, from the main path and from the module's own path",
    async (name, module) => {
      assert.deepStrictEqual(Object.entries(exported.get(name) ?? {}), Object.entries(module))
      const own: unknown = await import(`../src/${name}.ts`)
      assert.deepStrictEqual(Object.entries(Object(own)), Object.entries(module))
    }
  )

  // Check the manifest, because esbuild drops a module that only re-exports and declares no side effects. In a bundle
  // with a dynamic import of core, this module initializes the module that it re-exports. Without this step, the program
  // would use a schema before the schema is initialized.
  it("declares the side effects of modules that only re-export core, so that bundlers keep these modules", () => {
    const manifest: unknown = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"))
    const expected = Object.keys(Core).flatMap((name) => [`./src/${name}.ts`, `./dist/${name}.js`])
    assert.sameMembers(Object(manifest).sideEffects, expected)
  })
})
