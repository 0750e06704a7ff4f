/** A release, up to the moment of publishing, on a copy of this repository. */
import { cpSync, existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, beforeEach, describe, it } from "vitest"
import * as Project from "../src/Project.js"
import { pnpm, run, succeed } from "../src/Run.js"
import { type Manifest, packages, root } from "../src/Workspace.js"

describe("in a copy of the repository", () => {
  let copy: string

  beforeEach(async () => {
    copy = Project.folder("release")
    const files = await succeed("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { cwd: root })
    for (const file of files.trim().split("\n")) {
      if (existsSync(join(root, file))) cpSync(join(root, file), join(copy, file))
    }
    await pnpm(["install", "--prefer-offline", "--frozen-lockfile"], { cwd: copy })
  })

  const manifests = () =>
    packages.map(({ directory }): Manifest =>
      JSON.parse(readFileSync(join(copy, directory.slice(root.length), "package.json"), "utf8"))
    )

  const release = (...args: ReadonlyArray<string>) =>
    succeed(process.execPath, ["scripts/release.mjs", ...args], { cwd: copy })

  it("changesets become versions and changelogs, and a dry run would publish every package at them", async () => {
    const waiting = await succeed("git", ["ls-files", ".changeset/*.md", ":!.changeset/README.md"], { cwd: root })
    await release("version")
    const published = await release("publish", "--dry-run")
    for (const [index, { name, version }] of manifests().entries()) {
      if (waiting !== "") assert.notStrictEqual(version, packages[index]?.manifest.version)
      assert.include(published, `${name}@${version}`)
      const changelog = join(copy, (packages[index]?.directory ?? "").slice(root.length), "CHANGELOG.md")
      assert.include(readFileSync(changelog, "utf8"), `## ${version}`)
    }
  })

  it("a snapshot gets versions of its own, and never the tag latest", async () => {
    const published = await release("snapshot", "next", "--dry-run")
    for (const { name, version } of manifests()) {
      assert.match(version, /^0\.0\.0-next-\d{14}$/)
      assert.include(published, `${name}@${version}`)
    }
    const refused = await run(process.execPath, ["scripts/release.mjs", "snapshot", "latest", "--dry-run"], {
      cwd: copy
    })
    assert.strictEqual(refused.code, 1)
  })
})
