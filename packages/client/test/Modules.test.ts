/** The modules of core, which the client exports again. */
import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import * as Core from "@mammoth-effect/core"
import * as Client from "../src/index.js"

describe("the client", () => {
  const exported = new Map<string, object>(Object.entries(Client))

  it.each(Object.entries(Core))("exports core's module %s, also under a path of its own", async (name, module) => {
    assert.deepStrictEqual(Object.entries(exported.get(name) ?? {}), Object.entries(module))
    const own: unknown = await import(`../src/${name}.ts`)
    assert.deepStrictEqual(Object.entries(Object(own)), Object.entries(module))
  })

  // esbuild would drop such a module with the start of core's module, which a dynamic import elsewhere had postponed
  it("lets no bundler drop the modules that only export core's", () => {
    const manifest: unknown = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"))
    const expected = Object.keys(Core).flatMap((name) => [`./src/${name}.ts`, `./dist/${name}.js`])
    assert.sameMembers(Object(manifest).sideEffects, expected)
  })
})
