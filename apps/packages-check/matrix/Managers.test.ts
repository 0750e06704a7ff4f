/** Installs the tarballs with each package manager. */
import { assert, describe, it } from "vitest"
import * as Project from "../src/Project.js"
import { succeed } from "../src/Run.js"

const summary = `{"rows":10,"names":["orders"],"missing":"Rejected"}`

describe("a project that installs the tarballs", () => {
  it.each(["pnpm", "yarn"] as const)("type-checks and runs with %s", async (manager) => {
    const directory = await Project.make({ manager })
    await Project.check(directory, "nodenext")
    assert.include(await succeed(process.execPath, ["out/main.js"], { cwd: directory }), summary)
    await succeed(process.execPath, ["out/modules.js"], { cwd: directory })
  })

  it("runs with yarn and Plug'n'Play, which hides undeclared packages", async () => {
    const emitted = await Project.make()
    await Project.check(emitted, "nodenext")
    const directory = await Project.make({ manager: "yarn with Plug'n'Play" })
    Project.copyOut(emitted, directory)
    assert.include(await Project.yarn(["node", "out/main.js"], directory), summary)
    await Project.yarn(["node", "out/modules.js"], directory)
  })
})
