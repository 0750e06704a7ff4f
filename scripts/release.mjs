// Runs one step of a release. `.github/workflows/release.yml` uses this script, and
// `apps/packages-check/matrix/Release.test.ts` tests it.
//
//   node scripts/release.mjs install             installs the dependencies in the lockfile
//   node scripts/release.mjs test                runs every test
//   node scripts/release.mjs version             turns changesets into versions and changelogs
//   node scripts/release.mjs snapshot <tag>      sets versions such as 0.0.0-<tag>-<time>
//   node scripts/release.mjs pack <folder>       builds the packages, and packs them into the folder
//   node scripts/release.mjs publish <folder>    publishes the packed packages that are not on npm yet, as latest or as --tag
//   node scripts/release.mjs announce <folder>   creates tags and GitHub releases for the packed packages
//
// `publish` and `announce` need only Node, npm and gh, so that no installed package can publish. With `--dry-run`, they only
// print what they would do.
import { spawnSync } from "node:child_process"
import { mkdirSync, readdirSync, readFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { parseArgs } from "node:util"

/** The version of pnpm for all steps. It is exact, so that a release is repeatable. */
const pnpmVersion = "12.21.0"

const root = join(import.meta.dirname, "..")
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { "dry-run": { type: "boolean", default: false }, tag: { type: "string" } }
})
const [step, argument = ""] = positionals

const stop = (reason) => {
  console.error(reason)
  process.exit(1)
}

const run = (...command) => {
  const { error, status } = spawnSync(command[0], command.slice(1), { cwd: root, stdio: "inherit" })
  if (error !== undefined) throw error
  if (status !== 0) process.exit(status ?? 1)
}

/** Returns the stdout of a command, or `undefined` if the command fails. */
const ask = (...command) => {
  const { error, status, stdout } = spawnSync(command[0], command.slice(1), {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"]
  })
  if (error !== undefined) throw error
  return status === 0 ? stdout : undefined
}

const pnpm = (...args) => run("npx", "-y", `pnpm@${pnpmVersion}`, ...args)

const checkTag = (tag) => {
  if (/^[a-z][a-z0-9-]*$/.test(tag) && tag !== "latest") return
  stop(
    `the dist-tag ${JSON.stringify(tag)} is not allowed. Use lower-case letters, digits and dashes, such as next. The tag latest is for releases`
  )
}

/** Lists the packed packages in a folder. Each package follows the packages that it depends on. */
const packed = (folder) => {
  let left = readdirSync(folder)
    .filter((name) => name.endsWith(".tgz"))
    .map((name) => {
      const file = resolve(folder, name)
      const {
        dependencies = {},
        name: of,
        version
      } = JSON.parse(ask("tar", "-xzOf", file, "package/package.json") ?? "")
      return { file, name: of, version, dependencies: Object.keys(dependencies) }
    })
  if (left.length === 0) stop(`${folder} contains no packed package. Run the step pack first`)
  const sorted = []
  while (left.length > 0) {
    const next = left.filter(({ dependencies }) => !left.some(({ name }) => dependencies.includes(name)))
    if (next.length === 0)
      stop(
        `these packages have circular dependencies: ${left.map(({ name }) => name).join(", ")}. Remove one dependency`
      )
    sorted.push(...next)
    left = left.filter((each) => !next.includes(each))
  }
  return sorted
}

/** Returns the section about a version in the changelog of a package. */
const notesOf = ({ name, version }) => {
  const directory = readdirSync(join(root, "packages")).find(
    (each) => JSON.parse(readFileSync(join(root, "packages", each, "package.json"), "utf8")).name === name
  )
  const text = readFileSync(join(root, "packages", directory ?? "", "CHANGELOG.md"), "utf8")
  const [, section = ""] = text.split(`## ${version}\n`)
  return section.split("\n## ")[0].trim()
}

switch (step) {
  case "install":
    pnpm("install", "--frozen-lockfile")
    break
  case "test":
    pnpm("test")
    break
  case "version":
    pnpm("exec", "changeset", "version")
    pnpm("install", "--no-frozen-lockfile")
    break
  case "snapshot":
    checkTag(argument)
    pnpm("exec", "changeset", "version", "--snapshot", argument)
    break
  case "pack": {
    const folder = resolve(argument)
    mkdirSync(folder, { recursive: true })
    pnpm("build")
    pnpm("--recursive", "--filter", "./packages/*", "pack", "--pack-destination", folder)
    break
  }
  case "publish":
    if (values.tag !== undefined) checkTag(values.tag)
    for (const { file, name, version } of packed(argument)) {
      const isSnapshot = version.startsWith("0.0.0-")
      if (isSnapshot && values.tag === undefined) stop(`${name}@${version} is a snapshot. Give a dist-tag with --tag`)
      if (!values["dry-run"] && ask("npm", "view", `${name}@${version}`, "version")?.trim() === version) {
        console.log(`${name}@${version} is already on npm`)
        continue
      }
      console.log(`${name}@${version}${values.tag === undefined ? "" : ` as ${values.tag}`}`)
      // Turn provenance off in a dry run, because provenance works only on a CI server.
      const flags = values["dry-run"] ? ["--dry-run", "--provenance=false"] : []
      run("npm", "publish", file, "--ignore-scripts", "--access", "public", "--tag", values.tag ?? "latest", ...flags)
    }
    break
  case "announce":
    for (const { name, version } of packed(argument)) {
      const tag = `${name}@${version}`
      const notes = notesOf({ name, version })
      if (values["dry-run"]) console.log(`${tag}\n${notes}`)
      else if (ask("gh", "release", "view", tag) === undefined) {
        run(
          "gh",
          "release",
          "create",
          tag,
          "--target",
          process.env["GITHUB_SHA"] ?? "",
          "--title",
          tag,
          "--notes",
          notes
        )
      }
    }
    break
  default:
    stop(
      "missing or unknown step. Use install, test, version, snapshot <tag>, pack <folder>, publish <folder> or announce <folder>"
    )
}
