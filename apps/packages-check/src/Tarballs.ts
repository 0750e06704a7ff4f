/** Packs each package as a release does. All checks use the same tarballs. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { TestProject } from "vitest/node"
import { pnpm, succeed } from "./Run.js"
import { packages } from "./Workspace.js"

export interface Tarball {
  readonly name: string
  readonly file: string
  /** The folder of the unpacked files. */
  readonly unpacked: string
}

declare module "vitest" {
  export interface ProvidedContext {
    readonly tarballs: ReadonlyArray<Tarball>
    /** A folder for temporary files. It is removed when the checks end. */
    readonly scratch: string
  }
}

const pack = async (scratch: string, index: number): Promise<ReadonlyArray<Tarball>> => {
  const subject = packages[index]
  if (subject === undefined) return []
  if (!existsSync(join(subject.directory, "dist")))
    throw new Error(`${subject.name} is not built. Run npx -y pnpm@12 build in the root first`)
  const folder = join(scratch, "tarballs", String(index))
  const unpacked = join(folder, "package")
  mkdirSync(folder, { recursive: true })
  await pnpm(["pack", "--pack-destination", folder], { cwd: subject.directory })
  const file = join(folder, readdirSync(folder).find((name) => name.endsWith(".tgz")) ?? "")
  await succeed("tar", ["-xzf", file, "-C", folder], { cwd: folder })
  return [{ name: subject.name, file, unpacked }]
}

export default async function setup({ provide }: TestProject): Promise<() => void> {
  const scratch = mkdtempSync(join(tmpdir(), "packages-check-"))
  const tarballs = await Promise.all(packages.map((_, index) => pack(scratch, index)))
  provide("scratch", scratch)
  provide("tarballs", tarballs.flat())
  return () => rmSync(scratch, { recursive: true, force: true, maxRetries: 3 })
}
