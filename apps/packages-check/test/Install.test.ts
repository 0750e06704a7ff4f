/** Installs the tarballs with npm in an empty project, and uses them in the current version of Node. */
import { join } from "node:path"
import { assert, beforeAll, describe, it } from "vitest"
import * as Project from "../src/Project.js"
import { run, succeed } from "../src/Run.js"
import { libraries } from "../src/Workspace.js"

describe("a project that installs the tarballs with npm", () => {
  let directory: string

  beforeAll(async () => {
    directory = await Project.make()
  })

  // Skip the declarations of other libraries, because this check takes long. `matrix/Peers.test.ts` checks them.
  it("type-checks under NodeNext", async () => {
    assert.strictEqual(await Project.check(directory, "nodenext", ["--skipLibCheck"]), "")
  })

  it("runs a program against the emulator, on a socket and in process", async () => {
    const stdout = await succeed(process.execPath, ["out/main.js"], { cwd: directory })
    const outcome = `{"rows":10,"names":["orders"],"missing":"Rejected"}`
    assert.lengthOf(
      stdout.split("\n").filter((line) => line === outcome),
      2
    )
  })

  it("loads every module with import", async () => {
    assert.isAbove(Number(await succeed(process.execPath, ["out/modules.js"], { cwd: directory })), 0)
  })

  it("loads every module with require", async () => {
    const script = Project.allEntries()
      .map((entry) => `require(${JSON.stringify(entry)})`)
      .join("\n")
    assert.strictEqual(await succeed(process.execPath, ["-e", script], { cwd: directory }), "")
  })

  it("runs a CommonJS program that requires the packages", async () => {
    const { code, stderr, stdout } = await run(process.execPath, ["out/required.cjs"], { cwd: directory })
    assert.strictEqual(code, 0, stderr)
    assert.strictEqual(stdout, `{"rows":1,"missing":"Rejected"}\n`)
  })

  it("passes the tests of the node:test recipe", async () => {
    const { code, stdout } = await run(
      process.execPath,
      ["--test", "--test-reporter=tap", "node-test/orders.test.js"],
      {
        cwd: directory
      }
    )
    assert.strictEqual(code, 0, stdout)
    assert.match(stdout, /^# pass 2$/m)
  })

  it("runs the emulator's command", async () => {
    const stdout = await succeed(join(directory, "node_modules/.bin/mammoth-emulator"), ["--help"], { cwd: directory })
    assert.include(stdout, "--port")
  })

  const closed = [...libraries.map(({ name }) => `${name}/internal/none.js`), "@mammoth-effect/emulator/bin"]
  it.each(closed)("cannot import the unexported path %s", async (path) => {
    const { code, stderr } = await run(process.execPath, ["-e", `import("${path}")`], { cwd: directory })
    assert.strictEqual(code, 1)
    assert.include(stderr, "ERR_PACKAGE_PATH_NOT_EXPORTED")
  })
})
