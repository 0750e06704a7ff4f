/** Uses the templates as a new user does, but with packed packages instead of published packages. */
import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { assert, describe, inject, it } from "vitest"
import { startEmulator } from "../src/Origin.js"
import * as Project from "../src/Project.js"
import { run, succeed } from "../src/Run.js"
import { type Manifest, packages, peers, root } from "../src/Workspace.js"

const templates = readdirSync(join(root, "templates"))

const manifest = (template: string): Manifest & { readonly scripts: Readonly<Record<string, string>> } =>
  JSON.parse(readFileSync(join(root, "templates", template, "package.json"), "utf8"))

const install = async (template: string) => {
  const directory = Project.folder(template)
  cpSync(join(root, "templates", template), directory, {
    recursive: true,
    filter: (source) => !/[/\\](node_modules|dist)$/.test(source)
  })
  const tarballs = new Map(inject("tarballs").map(({ file, name }) => [name, pathToFileURL(file).href]))
  const packed = (dependencies: Readonly<Record<string, string>> = {}) =>
    Object.fromEntries(Object.entries(dependencies).map(([name, range]) => [name, tarballs.get(name) ?? range]))
  const original = manifest(template)
  const adapted = {
    ...original,
    dependencies: packed(original.dependencies),
    devDependencies: packed(original.devDependencies),
    // Override core with its tarball: the client depends on core, and no registry has core.
    overrides: packed({ "@mammoth-effect/core": "" })
  }
  writeFileSync(join(directory, "package.json"), JSON.stringify(adapted))
  await succeed("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline", "--strict-peer-deps"], {
    cwd: directory
  })
  return directory
}

describe.each(templates)("the template %s", (template) => {
  it("requires the same version ranges as the packages", () => {
    const { dependencies = {}, devDependencies = {} } = manifest(template)
    const asked = { ...dependencies, ...devDependencies }
    // Expect ^0.1.0 while our packages have the version 0.0.0, because the first release will be 0.1.0.
    const own = packages.map(({ manifest: { version }, name }) => [
      name,
      version === "0.0.0" ? "^0.1.0" : `^${version}`
    ])
    const offered = new Map([...peers, ...own.map(([name = "", range = ""]) => [name, range] as const)])
    assert.deepInclude(asked, Object.fromEntries([...offered].filter(([name]) => name in asked)))
  })

  it("installs, builds, passes its tests, and runs against the emulator", async () => {
    const directory = await install(template)
    await succeed("npm", ["run", "build"], { cwd: directory })
    if (manifest(template).scripts["test"] !== undefined) {
      assert.match(await succeed("npm", ["test"], { cwd: directory }), /Tests +\d+ passed/)
    }
    const emulator = await startEmulator(directory)
    try {
      const env = {
        MAMMOTH_BASE_URL: emulator.baseUrl.href,
        MAMMOTHANALYTICS_API_KEY: emulator.key,
        MAMMOTHANALYTICS_API_SECRET: emulator.secret,
        MAMMOTH_WORKSPACE_ID: "4",
        MAMMOTH_PROJECT_ID: "4",
        PORT: "0"
      }
      const main = /node (\S+)/.exec(manifest(template).scripts["start"] ?? "")?.[1] ?? ""
      if (template === "minimal") {
        assert.include(await succeed(process.execPath, [main], { cwd: directory, env }), "webhooks: orders")
        return
      }
      // Send a signal to the service, because it runs until a signal ends it.
      const { code, stdout } = await run(process.execPath, [main], { cwd: directory, env, endAt: "Listening on" })
      assert.include(stdout, "Listening on")
      assert.include([0, 130, 143], code)
      const answer = await fetch(`${emulator.baseUrl.href}/workspaces/4/projects/4/webhooks`, {
        headers: { "x-api-key": emulator.key, "x-api-secret": emulator.secret }
      })
      assert.include(await answer.text(), `"name":"orders"`)
    } finally {
      emulator.stop()
    }
  })
})
