/** Tests that the client exports the modules of core. */
import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import * as Core from "@mammoth-effect/core"
import * as Client from "../src/index.js"

describe("The client", () => {
  const exported = new Map<string, object>(Object.entries(Client))

  it.each(Object.entries(Core))("exports core's module %s, also from the module's own path", async (name, module) => {
    assert.deepStrictEqual(Object.entries(exported.get(name) ?? {}), Object.entries(module))
    const own: unknown = await import(`../src/${name}.ts`)
    assert.deepStrictEqual(Object.entries(Object(own)), Object.entries(module))
  })

  // Check the manifest: without these side effects, esbuild drops the modules. If a dynamic import delays the
  // initialization of core's modules, esbuild also drops that initialization.
  it("declares side effects for each module that only exports core's, so that bundlers keep the module", () => {
    const manifest: unknown = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"))
    const expected = Object.keys(Core).flatMap((name) => [`./src/${name}.ts`, `./dist/${name}.js`])
    assert.sameMembers(Object(manifest).sideEffects, expected)
  })
})
