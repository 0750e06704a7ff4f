/** Installs other runtimes from npm. Each runtime has its own folder, so that it does not replace programs of the same name. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { assert } from "vitest"
import * as Project from "./Project.js"
import { succeed } from "./Run.js"

/** A program on npm: the package's name, a version range, and the program's path in the package. */
export type Source = readonly [name: string, range: string, path: string]

export const isLinux = process.platform === "linux" && process.arch === "x64"

/** Installs a program, checks its version, and returns its path. */
export const install = async ([name, range, path]: Source): Promise<string> => {
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
  const version = await succeed(program, ["--version"], { cwd: home })
  // Compare only the date for workerd, because workerd prints only the date in its version.
  assert.include(version.replaceAll("-", ""), /^1\.(20\d{6})\./.exec(manifest.version)?.[1] ?? manifest.version)
  return program
}
