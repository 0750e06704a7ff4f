// Bundles the modules of `src/bundled` with the parts of Effect that they use, after tsc has written their declarations. The
// bundles import each other and `csv-parse`, and nothing else. A process that imports one loads two files instead of
// about four hundred, so it starts faster.
//
// The bundles are minified, but their names are not: stack traces of users show the functions of the SDK.
import { readdir, readFile, rm, writeFile } from "node:fs/promises"
import { join, sep } from "node:path"
import { fileURLToPath } from "node:url"
import { build } from "esbuild"

const root = fileURLToPath(new URL("..", import.meta.url))
const chunks = "internal/bundled"

// chunks of earlier builds have other names
await rm(join(root, "dist", chunks), { recursive: true, force: true })
const entries = (await readdir(join(root, "src/bundled"))).map((file) => file.replace(/\.ts$/, ""))
const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: Object.fromEntries(entries.map((entry) => [`bundled/${entry}`, `dist/${entry}.js`])),
  outdir: "dist",
  chunkNames: `${chunks}/[name]-[hash]`,
  bundle: true,
  splitting: true,
  minifySyntax: true,
  minifyWhitespace: true,
  platform: "neutral",
  mainFields: ["module", "main"],
  format: "esm",
  target: "es2022",
  // as published: in development, the packages lead to their sources
  alias: { "@mammoth-effect/core": join(root, "../core/dist") },
  external: ["csv-parse"],
  metafile: true,
  logLevel: "warning"
})

/** The folder of the package that a file is of. */
const packageOf = (file) => {
  const [, folder] = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file.split(sep).join("/")) ?? []
  return folder
}

// their licences want to be in every copy
const contained = new Set(
  Object.values(metafile.outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([file, { bytesInOutput }]) => (bytesInOutput > 0 ? (packageOf(file) ?? []) : []))
  )
)
const licences = await Promise.all(
  [...contained].toSorted().map(async (folder) => {
    const { name, version } = JSON.parse(await readFile(join(root, folder, "package.json"), "utf8"))
    return `${name} ${version}\n\n${(await readFile(join(root, folder, "LICENSE"), "utf8")).trim()}\n`
  })
)
await writeFile(join(root, "dist/bundled/LICENSES.txt"), licences.join("\n---\n\n"))

// these lead to the sources of what the bundles replace
await Promise.all(entries.map((entry) => rm(join(root, `dist/bundled/${entry}.js.map`), { force: true })))

const strangers = Object.values(metafile.outputs)
  .flatMap(({ imports }) => imports)
  .filter(({ external, path }) => external && !path.startsWith("csv-parse"))
if (strangers.length > 0) throw new Error(`a bundle imports ${strangers.map(({ path }) => path).join(", ")}`)
