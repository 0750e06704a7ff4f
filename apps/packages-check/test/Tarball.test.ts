/** Checks the contents of the tarballs without installing them. */
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { dirname, join, normalize } from "node:path"
import { assert, describe, inject, it } from "vitest"
import * as Project from "../src/Project.js"
import { run, succeed } from "../src/Run.js"
import { libraries, type Package, packages, root } from "../src/Workspace.js"

const here = join(import.meta.dirname, "..")

const command = (name: string) => join(here, "node_modules/.bin", name)

const files = (folder: string): ReadonlyArray<string> =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))

describe("the manifest of packages-check", () => {
  it("lists every published package in its devDependencies", () => {
    const dependencies: Record<string, string> = JSON.parse(
      readFileSync(join(here, "package.json"), "utf8")
    ).devDependencies
    assert.includeMembers(
      Object.keys(dependencies),
      packages.map(({ name }) => name),
      "add each package to the devDependencies of apps/packages-check, so that it is built before it is packed"
    )
  })
})

describe("the repository", () => {
  it("uses the addresses of the root manifest in every manifest", async () => {
    assert.strictEqual(await succeed(process.execPath, ["scripts/manifests.mjs", "--check"], { cwd: root }), "")
  })

  it("has no unused dependency, export or file, according to knip", async () => {
    const { code, stdout, stderr } = await run(command("knip"), ["--no-progress", "--no-config-hints"], {
      cwd: root
    })
    assert.strictEqual(code, 0, `${stdout}${stderr}`)
  })
})

/** Finds the tarball of a package, and lists its files. */
const open = ({ name }: Package) => {
  const tarball = inject("tarballs").find((tarball) => tarball.name === name)
  assert(
    tarball !== undefined,
    `${name} is not packed. Check that it is in packages/ and that its manifest is not private`
  )
  return { tarball, packed: files(tarball.unpacked) }
}

describe.each(packages)("the package $name", (each) => {
  const { manifest } = each
  const { packed, tarball } = open(each)

  it("passes publint without suggestions", async () => {
    const { code, stdout, stderr } = await run(command("publint"), ["run", tarball.file, "--strict"], { cwd: here })
    assert.strictEqual(code, 0, `${stdout}${stderr}`)
  })

  it("has a README, the licence, a description and keywords", () => {
    assert.includeMembers([...packed], ["README.md", "LICENSE", "package.json"])
    assert.isNotEmpty(manifest.description)
    assert.include(manifest.keywords ?? [], "mammoth")
    assert.include(manifest.keywords ?? [], "effect")
    assert.strictEqual(manifest.license, "MIT")
  })

  it("is ESM only, for Node 20.19 and later", () => {
    assert.strictEqual(manifest.type, "module")
    assert.strictEqual(manifest.engines?.["node"], ">=20.19.0")
    assert.isEmpty(packed.filter((file) => /\.(cjs|cts)$/.test(file)))
  })

  it("contains no tests and no files of this repository's tools", () => {
    const shipped = ["package.json", "README.md", "LICENSE", "CHANGELOG.md", ...(manifest.files ?? [])]
    assert.isEmpty(packed.filter((file) => !shipped.some((name) => file === name || file.startsWith(`${name}/`))))
    assert.isEmpty(packed.filter((file) => /\.test\.|tsbuildinfo/.test(file)))
  })
})

describe.each(libraries)("the library $name", (each) => {
  const { manifest, name } = each
  const { packed, tarball } = open(each)

  it("has types for ESM and bundlers at every import path", async () => {
    const { code, stdout, stderr } = await run(
      command("attw"),
      [
        tarball.file,
        "--profile",
        "esm-only",
        "--include-entrypoints",
        ...Project.entries(name)
          .filter((entry) => entry !== name)
          .map((entry) => `.${entry.slice(name.length)}`)
      ],
      { cwd: here }
    )
    assert.strictEqual(code, 0, `${stdout}${stderr}`)
  })

  it("does not export its internals", () => {
    assert.isNull(Reflect.get(manifest.publishConfig?.["exports"] ?? {}, "./internal/*"))
    assert.isNull(manifest.exports?.["./internal/*"])
  })

  it("lists the modules that bundlers must not drop", () => {
    const commands = Object.values(manifest.bin ?? {})
    // Find the modules that only export a module of another package. `sideEffects` must list them: esbuild runs the other
    // package's module only if `sideEffects` lists the module that exports it.
    const shells = packed
      .filter((file) => /^src\/\w+\.ts$/.test(file))
      .filter((file) => /^export \* from "@mammoth-effect\//m.test(readFileSync(join(tarball.unpacked, file), "utf8")))
      .map((file) => `./${file}`)
    const kept = [...commands, ...shells].flatMap((file) => [
      file,
      file.replace("/src/", "/dist/").replace(/\.ts$/, ".js")
    ])
    if (kept.length === 0) assert.isFalse(manifest.sideEffects)
    else assert.sameMembers([...(Array.isArray(manifest.sideEffects) ? manifest.sideEffects : [])], kept)
  })

  it("declares Effect's packages as peers with bounded ranges", () => {
    const isEffect = (dependency: string) => dependency === "effect" || dependency.startsWith("@effect/")
    assert.isEmpty(
      Object.keys(manifest.dependencies ?? {}).filter(isEffect),
      "make Effect's packages peers: two copies of effect do not work together"
    )
    assert.include(Object.keys(manifest.peerDependencies ?? {}), "effect")
    for (const [peer, range] of Object.entries(manifest.peerDependencies ?? {})) {
      assert.match(
        range,
        /^[\^~]\d+\.\d+\.\d+$/,
        `${peer}: expected a range such as ^1.2.3, which begins with a tested version`
      )
      assert.property(
        manifest.devDependencies,
        peer,
        `${peer}: add this peer to the devDependencies, so that the tests use it`
      )
    }
  })

  it("contains the sources that its source maps name", () => {
    const maps = packed.filter((file) => file.endsWith(".map"))
    assert.isNotEmpty(maps.filter((file) => file.endsWith(".js.map")))
    assert.isNotEmpty(maps.filter((file) => file.endsWith(".d.ts.map")))
    for (const map of maps) {
      const { sourceRoot, sources } = JSON.parse(readFileSync(join(tarball.unpacked, map), "utf8"))
      for (const source of sources) {
        const file = normalize(join(dirname(map), sourceRoot ?? "", source))
        assert.include(packed, file, `${map} names ${file}, which is not in the tarball`)
      }
    }
  })

  it("contains the licences of the packages in its bundles", () => {
    const bundled = packed.filter((file) => /^dist\/bundled\/.*\.js$/.test(file))
    if (bundled.length === 0) return
    const licences = readFileSync(join(tarball.unpacked, "dist/bundled/LICENSES.txt"), "utf8")
    for (const contained of ["effect", "@effect/platform"]) {
      assert.match(licences, new RegExp(`^${contained} \\d+\\.\\d+\\.\\d+\n\nMIT License`, "m"))
    }
    for (const file of bundled) {
      assert.notMatch(readFileSync(join(tarball.unpacked, file), "utf8"), /\bfrom ?["'](?!\.|csv-parse)/, file)
    }
  })

  it("has no circular imports", () => {
    const imports = (file: string): ReadonlyArray<string> =>
      [...readFileSync(join(tarball.unpacked, file), "utf8").matchAll(/^(?:import|export)\b[^"']*["'](\.[^"']+)["']/gm)]
        .map(([, path]) => normalize(join(dirname(file), path ?? "")))
        .filter((path) => existsSync(join(tarball.unpacked, path)))
    const done = new Set<string>()
    const walk = (file: string, trail: ReadonlyArray<string>): void => {
      assert.notInclude(trail, file, [...trail, file].join(" → "))
      if (done.has(file)) return
      for (const next of imports(file)) walk(next, [...trail, file])
      done.add(file)
    }
    const modules = packed.filter((file) => /^dist\/.*\.(js|d\.ts)$/.test(file))
    for (const file of modules) walk(file, [])
    assert.isAbove(modules.flatMap(imports).length, 0)
  })
})
