// Writes the repository's address into every package's manifest, where npm looks for it: the root's package.json is the
// one place in which it is changed. Keywords and licence are each package's own.
//
//   node scripts/manifests.mjs [--check]
//
// `--check` writes nothing, and fails where a manifest would change.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"

const root = join(import.meta.dirname, "..")
const check = process.argv.includes("--check")
const { bugs, homepage, repository } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"))

for (const name of readdirSync(join(root, "packages"))) {
  const directory = `packages/${name}`
  const file = join(root, directory, "package.json")
  if (!existsSync(file)) continue
  const text = readFileSync(file, "utf8")
  const manifest = JSON.parse(text)
  if (manifest.private === true) continue

  const address = {
    homepage: `${repository.url.replace(/^git\+|\.git$/g, "")}/tree/main/${directory}#readme`,
    repository: { ...repository, directory },
    bugs
  }
  const { homepage: _homepage, repository: _repository, bugs: _bugs, ...rest } = manifest
  const entries = Object.entries(rest)
  const at = entries.findIndex(([key]) => key === "license")
  const wanted = `${JSON.stringify(
    Object.fromEntries([...entries.slice(0, at + 1), ...Object.entries(address), ...entries.slice(at + 1)]),
    null,
    2
  )}\n`
  if (wanted === text) continue
  if (check) {
    console.error(
      `${directory}/package.json: repository, homepage or bugs are not the root's; run this without --check`
    )
    process.exitCode = 1
  } else {
    writeFileSync(file, wanted)
  }
}

if (homepage === undefined) {
  console.error("package.json: no homepage")
  process.exitCode = 1
}
