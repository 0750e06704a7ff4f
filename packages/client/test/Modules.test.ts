/** The modules of core, which the client exports again. */
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
})
