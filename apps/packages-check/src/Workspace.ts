/** Finds the packages of this repository that are published, by reading their manifests. */
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

/** The fields of a manifest that the checks read. */
export interface Manifest {
  readonly name: string
  readonly version: string
  readonly private?: boolean
  readonly type?: string
  readonly description?: string
  readonly license?: string
  readonly keywords?: ReadonlyArray<string>
  readonly sideEffects?: boolean | ReadonlyArray<string>
  readonly files?: ReadonlyArray<string>
  readonly engines?: Readonly<Record<string, string>>
  readonly bin?: Readonly<Record<string, string>>
  readonly exports?: Readonly<Record<string, unknown>>
  readonly publishConfig?: Readonly<Record<string, unknown>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>
}

export interface Package {
  readonly name: string
  readonly directory: string
  readonly manifest: Manifest
}

/** The root of the repository. */
export const root = fileURLToPath(new URL("../../..", import.meta.url))

const parse = (text: string): Manifest => JSON.parse(text)

const read = (directory: string): ReadonlyArray<Package> => {
  const file = join(directory, "package.json")
  if (!existsSync(file)) return []
  const manifest = parse(readFileSync(file, "utf8"))
  return manifest.private === true ? [] : [{ name: manifest.name, directory, manifest }]
}

export const packages: ReadonlyArray<Package> = readdirSync(join(root, "packages")).flatMap((name) =>
  read(join(root, "packages", name))
)

/** The packages that programs can import. Each other package is only a command. */
export const libraries: ReadonlyArray<Package> = packages.filter(
  ({ manifest }) => manifest.exports?.["."] !== undefined
)

/** The version range of each peer that is not one of our packages. */
export const peers: ReadonlyMap<string, string> = new Map(
  packages
    .flatMap(({ manifest }) => Object.entries(manifest.peerDependencies ?? {}))
    .filter(([name]) => !packages.some((own) => own.name === name))
)

/** Returns the lowest version of a range such as `^1.2.3` or `~1.2.3`. */
export const lowest = (range: string): string => range.replace(/^[\^~]/, "")
