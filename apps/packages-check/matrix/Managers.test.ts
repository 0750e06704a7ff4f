/** The tarballs as each package manager installs them. */
import { assert, describe, it } from "vitest"
import * as Project from "../src/Project.js"
import { succeed } from "../src/Run.js"

const summary = `{"rows":10,"names":["orders"],"missing":"Rejected"}`

describe("installed from the tarballs", () => {
  it.each(["pnpm", "yarn"] as const)("by %s, a project type-checks and runs", async (manager) => {
    const directory = await Project.make({ manager })
    await Project.check(directory, "nodenext")
    assert.include(await succeed(process.execPath, ["out/main.js"], { cwd: directory }), summary)
    await succeed(process.execPath, ["out/modules.js"], { cwd: directory })
  })

  it("by yarn with Plug'n'Play, which hides what a package does not declare, a project runs", async () => {
    const emitted = await Project.make()
    await Project.check(emitted, "nodenext")
    const directory = await Project.make({ manager: "yarn with Plug'n'Play" })
    Project.copyOut(emitted, directory)
    assert.include(await Project.yarn(["node", "out/main.js"], directory), summary)
    await Project.yarn(["node", "out/modules.js"], directory)
  })
})
