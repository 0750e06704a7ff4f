/** Runs a release on a copy of this repository, but does not publish. */
import { cpSync, existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, beforeEach, describe, it } from "vitest"
import * as Project from "../src/Project.js"
import { pnpm, run, succeed } from "../src/Run.js"
import { type Manifest, packages, root } from "../src/Workspace.js"

describe("a release in a copy of the repository", () => {
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

  it("turns changesets into versions and changelogs, and prepares every package for npm", async () => {
    const waiting = await succeed("git", ["ls-files", ".changeset/*.md", ":!.changeset/README.md"], { cwd: root })
    await release("version")
    await release("pack", "dist/release")
    const published = await release("publish", "dist/release", "--dry-run")
    const announced = waiting === "" ? "" : await release("announce", "dist/release", "--dry-run")
    for (const [index, { name, version }] of manifests().entries()) {
      if (waiting !== "") assert.notStrictEqual(version, packages[index]?.manifest.version)
      assert.include(published, `${name}@${version}`)
      if (waiting !== "") assert.include(announced, `${name}@${version}\n### `)
      const changelog = join(copy, (packages[index]?.directory ?? "").slice(root.length), "CHANGELOG.md")
      assert.include(readFileSync(changelog, "utf8"), `## ${version}`)
    }
    // Check that each package is published after its dependencies.
    const order = packages.map(({ name }) => published.indexOf(`${name}@`))
    for (const [index, { manifest }] of packages.entries()) {
      for (const [other, { name }] of packages.entries()) {
        if (manifest.dependencies?.[name] !== undefined) assert.isBelow(order[other] ?? 0, order[index] ?? 0)
      }
    }
  })

  it("gives a snapshot its own versions, and refuses the tag latest", async () => {
    await release("snapshot", "next")
    await release("pack", "dist/release")
    const published = await release("publish", "dist/release", "--tag", "next", "--dry-run")
    for (const { name, version } of manifests()) {
      assert.match(version, /^0\.0\.0-next-\d{14}$/)
      assert.include(published, `${name}@${version} as next`)
    }
    for (const args of [
      ["snapshot", "latest"],
      ["publish", "dist/release"],
      ["publish", "dist/release", "--tag", "latest"]
    ]) {
      const refused = await run(process.execPath, ["scripts/release.mjs", ...args, "--dry-run"], { cwd: copy })
      assert.strictEqual(refused.code, 1)
    }
  })
})

describe("the workflow of a release", () => {
  const workflow = readFileSync(join(root, ".github/workflows/release.yml"), "utf8")
  /** The YAML of each job, by the name of the job. */
  const jobs = new Map(
    workflow
      .slice(workflow.indexOf("\njobs:\n"))
      .split(/\n {2}(?=\w+:\n)/)
      .slice(1)
      .map((text) => [text.split(":")[0] ?? "", text])
  )

  it("publishes in a single job that installs nothing", () => {
    const publishing = [...jobs].filter(([, text]) => /id-token: write|NPM_TOKEN|environment: npm/.test(text))
    assert.deepStrictEqual(
      publishing.map(([name]) => name),
      ["publish"]
    )
    assert.notMatch(publishing[0]?.[1] ?? "", /pnpm|npx|npm (ci|install|exec)|release\.mjs (?!publish)/)
    assert.include(workflow, "\npermissions: {}\n")
  })

  it("pins each action to a commit, and pnpm to one version", () => {
    for (const [, action] of workflow.matchAll(/uses: (.+)/g))
      assert.match(action ?? "", /^[\w/-]+@[0-9a-f]{40} # v[\d.]+$/)
    assert.notInclude(workflow, "pnpm@")
    const script = readFileSync(join(root, "scripts/release.mjs"), "utf8")
    assert.deepStrictEqual(
      [...script.matchAll(/pnpm@(\S+?)[`"]/g)].map(([, version]) => version),
      ["${pnpmVersion}"]
    )
    assert.match(script, /pnpmVersion = "\d+\.\d+\.\d+"/)
  })
})
