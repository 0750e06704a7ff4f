/** The lowest and the highest peers that the manifests allow, and the compilers that the README names. */
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

/** What npm says of the versions in a range, in ascending order. */
const view = async (spec: string, field: string): Promise<unknown> =>
  JSON.parse((await succeed("npm", ["view", spec, field, "--json"], { cwd: root })) || "null")

const byVersion = new Intl.Collator("en", { numeric: true }).compare

describe("with its peers", () => {
  it("at their lowest, a project type-checks and runs", async () => {
    const dependencies = Object.fromEntries([...peers].map(([name, range]) => [name, lowest(range)]))
    // Not strict: what these depend on comes at its highest, and there asks for later patches of them.
    const directory = await Project.make({ dependencies, peers: "as given" })
    for (const name of peers.keys()) assert.strictEqual(version(directory, name), dependencies[name], name)
    await runs(directory)
  })

  it("at their highest, a project type-checks and runs", async () => {
    const directory = await Project.make()
    for (const [name, range] of peers) {
      const versions = [await view(`${name}@${range}`, "version")].flat().map(String).toSorted(byVersion)
      assert.strictEqual(version(directory, name), versions.at(-1), name)
    }
    await runs(directory)
  })
})

describe("without an optional peer", () => {
  it("an outbox on Postgres needs no driver of SQLite, and one on SQLite says what to install", async () => {
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
    // neither does a bundle
    await build({
      stdin: { contents: `export { Outbox } from "@mammoth-effect/outbox"`, resolveDir: directory },
      bundle: true,
      platform: "node",
      format: "esm",
      write: false,
      logLevel: "silent"
    })
  })

  it("an outbox on SQLite needs no driver of Postgres", async () => {
    const directory = await Project.make({ without: ["@effect/sql-pg"] })
    await runs(directory)
  })
})

describe("with the declarations of all libraries checked, too", () => {
  it.each(["5.8", "5.9", "6", "7"])("TypeScript %s passes a project under NodeNext and Bundler", async (typescript) => {
    const directory = await Project.make({ dependencies: { typescript } })
    assert.isTrue(version(directory, "typescript").startsWith(typescript))
    assert.strictEqual(await Project.check(directory, "nodenext"), "")
    assert.strictEqual(await Project.check(directory, "bundler"), "")
  })
})
