/** Makes projects as users do: creates a folder and a manifest, and installs the packages with a package manager. */
import { cpSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { inject } from "vitest"
import { pnpm, succeed } from "./Run.js"
import { libraries, packages, peers, root } from "./Workspace.js"

export type Manager = "npm" | "pnpm" | "yarn" | "yarn with Plug'n'Play"

export interface Options {
  readonly manager?: Manager
  /** The packages that the manifest lists. Default: all libraries. */
  readonly only?: ReadonlyArray<string>
  /** Packages and their versions, to write into the manifest. For a peer, the version replaces the peer's range. */
  readonly dependencies?: Readonly<Record<string, string>>
  /** The peers that are left out of the manifest. */
  readonly without?: ReadonlyArray<string>
  /** `"in agreement"`: npm fails if peers conflict. `"as given"`: npm ignores conflicts. Default: `"in agreement"`. */
  readonly peers?: "in agreement" | "as given"
}

const catalog = (name: string): string => {
  const version = new RegExp(`^ {2}"?${name}"?: (.+)$`, "m").exec(
    readFileSync(join(root, "pnpm-workspace.yaml"), "utf8")
  )
  if (version?.[1] === undefined) throw new Error(`${name} is not in the catalog of pnpm-workspace.yaml. Add it there`)
  return version[1]
}

/** The packages that every project has, in addition to our packages and their peers. */
const tools = { typescript: catalog("typescript"), "@types/node": catalog("@types/node") }

const consumer = fileURLToPath(new URL("../consumer", import.meta.url))

export const folder = (prefix: string): string => mkdtempSync(join(inject("scratch"), `${prefix}-`))

/** Lists the import paths of a packed package, such as `@mammoth-effect/core/Webhook`. */
export const entries = (name: string): ReadonlyArray<string> => {
  const tarball = inject("tarballs").find((tarball) => tarball.name === name)
  const manifest = packages.find((candidate) => candidate.name === name)?.manifest
  if (tarball === undefined || manifest === undefined)
    throw new Error(`${name} is not packed. Check that it is in packages/ and that its manifest is not private`)
  if (manifest.exports?.["."] === undefined) return []
  const commands = Object.values(manifest.bin ?? {}).map((file) => file.replace(/^.*\/|\.[jt]s$/g, ""))
  return readdirSync(join(tarball.unpacked, "dist"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".js") && !file.startsWith("internal/"))
    .map((file) => file.slice(0, -".js".length))
    .filter((module) => !commands.includes(module))
    .map((module) => (module === "index" ? name : `${name}/${module}`))
}

export const allEntries = (): ReadonlyArray<string> => libraries.flatMap(({ name }) => entries(name))

/** Makes a project with packages from their tarballs, and installs all peers. */
export const make = async ({
  dependencies = {},
  manager = "npm",
  only = libraries.map(({ name }) => name),
  peers: agreement = "in agreement",
  without = []
}: Options = {}): Promise<string> => {
  const directory = folder("project")
  const tarballs = Object.fromEntries(inject("tarballs").map(({ file, name }) => [name, pathToFileURL(file).href]))
  // Replace the versions of our packages with tarballs: the packages depend on each other, and no registry has them.
  const replaced = manager.startsWith("yarn") ? { resolutions: tarballs } : {}
  writeFileSync(
    join(directory, "package.json"),
    JSON.stringify({
      name: "consumer",
      version: "1.0.0",
      private: true,
      type: "module",
      dependencies: {
        ...Object.fromEntries([...peers].filter(([name]) => !without.includes(name))),
        ...tools,
        ...Object.fromEntries(Object.entries(tarballs).filter(([name]) => only.includes(name))),
        ...dependencies
      },
      ...replaced
    })
  )
  cpSync(consumer, directory, { recursive: true })
  writeFileSync(
    join(directory, "modules.ts"),
    `${allEntries()
      .map((entry, index) => `import * as m${index} from ${JSON.stringify(entry)}`)
      .join("\n")}\nconsole.log(${allEntries()
      .map((_, index) => `Object.keys(m${index}).length`)
      .join(" + ")})\n`
  )
  if (manager === "npm") {
    const flag = agreement === "in agreement" ? "--strict-peer-deps" : "--legacy-peer-deps"
    await succeed("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline", flag], { cwd: directory })
  } else await install(directory, manager, tarballs)
  return directory
}

const install = async (
  directory: string,
  manager: Exclude<Manager, "npm">,
  tarballs: Readonly<Record<string, string>>
) => {
  if (manager === "pnpm") {
    writeFileSync(
      join(directory, "pnpm-workspace.yaml"),
      JSON.stringify({ overrides: tarballs, strictPeerDependencies: false, strictDepBuilds: false })
    )
    return pnpm(["install", "--prefer-offline"], { cwd: directory })
  }
  const registry = (await succeed("npm", ["config", "get", "registry"], { cwd: directory })).trim()
  writeFileSync(
    join(directory, ".yarnrc.yml"),
    [
      `nodeLinker: ${manager === "yarn" ? "node-modules" : "pnp"}`,
      `npmRegistryServer: ${JSON.stringify(registry)}`,
      `unsafeHttpWhitelist: ["*"]`,
      "enableTelemetry: false",
      "enableImmutableInstalls: false",
      "npmMinimalAgeGate: 0",
      `globalFolder: ${JSON.stringify(join(inject("scratch"), "yarn"))}`
    ].join("\n")
  )
  writeFileSync(join(directory, "yarn.lock"), "")
  return yarn(["install"], directory)
}

export const yarn = (args: ReadonlyArray<string>, cwd: string): Promise<string> =>
  succeed("npx", ["-y", "--package", "@yarnpkg/cli-dist@4", "yarn", ...args], { cwd })

/** Copies the compiled files of one project to another. */
export const copyOut = (from: string, to: string): void =>
  cpSync(join(from, "out"), join(to, "out"), { recursive: true })

/**
 * Type-checks a project with one of its configurations. The configurations `nodenext` and `next` also emit files to
 * `out`.
 */
export const check = (
  directory: string,
  configuration: "nodenext" | "bundler" | "next",
  flags: ReadonlyArray<string> = []
): Promise<string> =>
  succeed(process.execPath, ["node_modules/typescript/bin/tsc", "-p", `tsconfig.${configuration}.json`, ...flags], {
    cwd: directory
  })
