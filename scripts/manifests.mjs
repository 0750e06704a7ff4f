// Copies the repository's address from the root's package.json into the manifest of every package, because npm reads it there.
// Change the address only in the root. The script does not change the keywords and the licence of a package.
//
//   node scripts/manifests.mjs [--check]
//
// `--check` writes nothing. It makes the script fail if a manifest would change.
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
      `${directory}/package.json: repository, homepage or bugs differ from the root's. Run node scripts/manifests.mjs`
    )
    process.exitCode = 1
  } else {
    writeFileSync(file, wanted)
  }
}

if (homepage === undefined) {
  console.error("package.json: the homepage is missing. Add `homepage`")
  process.exitCode = 1
}
