// Sets the version of each peer in the catalog to the lowest version that the packages allow. Tests then use these versions.
// The script changes pnpm-workspace.yaml, so run it in a copy of the repository.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"

const root = join(import.meta.dirname, "..")
const file = join(root, "pnpm-workspace.yaml")

const peers = new Map(
  readdirSync(join(root, "packages"))
    .map((name) => join(root, "packages", name, "package.json"))
    .filter((manifest) => existsSync(manifest))
    .flatMap((manifest) => Object.entries(JSON.parse(readFileSync(manifest, "utf8")).peerDependencies ?? {}))
    .filter(([, range]) => /^[\^~]\d/.test(range))
)

let text = readFileSync(file, "utf8")
for (const [name, range] of peers) {
  const lowest = range.slice(1)
  text = text.replace(new RegExp(`^( {2}"?${name}"?: ).*$`, "m"), `$1${lowest}`)
  console.log(`${name} ${lowest}`)
}
writeFileSync(file, text)
