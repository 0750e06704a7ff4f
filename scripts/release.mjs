// The steps of a release, for .github/workflows/release.yml; `apps/packages-check/matrix/Release.test.ts` tries them.
//
//   node scripts/release.mjs version           changesets to versions and changelogs
//   node scripts/release.mjs publish           what npm does not have yet, with tags
//   node scripts/release.mjs snapshot <tag>    versions as 0.0.0-<tag>-<time>, published under that dist-tag only
//
// `--dry-run` publishes nothing, and says what would be published.
import { spawnSync } from "node:child_process"
import { join } from "node:path"

const root = join(import.meta.dirname, "..")
const dryRun = process.argv.includes("--dry-run")
const [step, tag] = process.argv.slice(2).filter((argument) => argument !== "--dry-run")

const run = (...command) => {
  const { error, status } = spawnSync(command[0], command.slice(1), { cwd: root, stdio: "inherit" })
  if (error !== undefined) throw error
  if (status !== 0) process.exit(status ?? 1)
}

const pnpm = (...args) => run("npx", "-y", "pnpm@12", ...args)

const publish = (...flags) => {
  pnpm("build")
  // A dry run leaves git, tags and provenance alone: it has to work in a copy, on any machine.
  if (dryRun) pnpm("publish", "--recursive", "--dry-run", "--no-git-checks", ...flags)
  else pnpm("exec", "changeset", "publish", ...(tag === undefined ? [] : ["--no-git-tag"]), ...flags)
}

switch (step) {
  case "version":
    pnpm("exec", "changeset", "version")
    pnpm("install", "--no-frozen-lockfile")
    break
  case "publish":
    publish()
    break
  case "snapshot":
    if (!/^[a-z][a-z0-9-]*$/.test(tag ?? "") || tag === "latest") {
      console.error("a snapshot needs a dist-tag of its own: lower-case letters, digits and dashes, such as next")
      process.exit(1)
    }
    pnpm("exec", "changeset", "version", "--snapshot", tag)
    publish("--tag", tag)
    break
  default:
    console.error("one of: version, publish, snapshot <tag>")
    process.exit(1)
}
