/** Tests the lowest and the highest peers that the manifests allow, and the TypeScript versions of the README. */
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { build } from "esbuild"
import { assert, describe, it } from "vitest"
import * as Project from "../src/Project.js"
import { succeed } from "../src/Run.js"
import { lowest, peers, root } from "../src/Workspace.js"

const version = (directory: string, name: string): string => {
  const manifest: { readonly version: string } = JSON.parse(
    readFileSync(join(directory, "node_modules", name, "package.json"), "utf8")
  )
  return manifest.version
}

const runs = async (directory: string) => {
  await Project.check(directory, "nodenext")
  const stdout = await succeed(process.execPath, ["out/main.js"], { cwd: directory })
  assert.include(stdout, `{"rows":10,"names":["orders"],"missing":"Rejected"}`)
  await succeed(process.execPath, ["out/modules.js"], { cwd: directory })
}

/** Reads a field from npm for every version in a range. */
const view = async (spec: string, field: string): Promise<unknown> =>
  JSON.parse((await succeed("npm", ["view", spec, field, "--json"], { cwd: root })) || "null")

const byVersion = new Intl.Collator("en", { numeric: true }).compare

describe("a project", () => {
  it("type-checks and runs with the lowest peers", async () => {
    const dependencies = Object.fromEntries([...peers].map(([name, range]) => [name, lowest(range)]))
    // Make npm ignore conflicts between peers. This test installs the lowest version of each peer. npm installs the
    // peers' own dependencies in their newest versions, and some of those need newer peers.
    const directory = await Project.make({ dependencies, peers: "as given" })
    for (const name of peers.keys()) assert.strictEqual(version(directory, name), dependencies[name], name)
    await runs(directory)
  })

  it("type-checks and runs with the highest peers", async () => {
    const directory = await Project.make()
    for (const [name, range] of peers) {
      const versions = [await view(`${name}@${range}`, "version")].flat().map(String).toSorted(byVersion)
      assert.strictEqual(version(directory, name), versions.at(-1), name)
    }
    await runs(directory)
  })
})

describe("a project without an optional peer", () => {
  it("runs without the SQLite driver, and names the driver to install when it opens a SQLite outbox", async () => {
    const directory = await Project.make({ without: ["@effect/sql-libsql"] })
    assert.isFalse(existsSync(join(directory, "node_modules/@effect/sql-libsql")))
    await runs(directory)
    const open = `
      import { Effect, Layer } from "effect"
      import { Outbox } from "@mammoth-effect/outbox"
      const store = Layer.build(Outbox.layerSqlite({ filename: "outbox.db" }))
      console.log((await Effect.runPromise(Effect.flip(Effect.scoped(store)))).message)`
    const stdout = await succeed(process.execPath, ["--input-type=module", "-e", open], { cwd: directory })
    assert.include(stdout, "Install @effect/sql-libsql")
    // Bundle the outbox, to check that esbuild can bundle it without the driver.
    await build({
      stdin: { contents: `export { Outbox } from "@mammoth-effect/outbox"`, resolveDir: directory },
      bundle: true,
      platform: "node",
      format: "esm",
      write: false,
      logLevel: "silent"
    })
  })

  it("runs without the Postgres driver", async () => {
    const directory = await Project.make({ without: ["@effect/sql-pg"] })
    assert.isFalse(existsSync(join(directory, "node_modules/@effect/sql-pg")))
    await runs(directory)
  })
})

describe("a project that checks the declarations of all libraries", () => {
  it.each(["5.8", "5.9", "6", "7"])(
    "compiles under TypeScript %s with the module resolutions NodeNext and Bundler",
    async (typescript) => {
      const directory = await Project.make({ dependencies: { typescript } })
      assert.isTrue(version(directory, "typescript").startsWith(typescript))
      assert.strictEqual(await Project.check(directory, "nodenext"), "")
      assert.strictEqual(await Project.check(directory, "bundler"), "")
    }
  )
})
