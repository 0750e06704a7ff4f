// Bundles the modules of `src/bundled` with the parts of Effect that they use, after tsc has written their
// declarations. Each bundle imports only other bundles and `csv-parse`. A process that imports a bundle loads two files
// instead of about four hundred, so the process starts faster.
//
// The build minifies the bundles, but keeps the names of functions, so that users see these names in stack traces.
import { readdir, readFile, rm, writeFile } from "node:fs/promises"
import { join, sep } from "node:path"
import { fileURLToPath } from "node:url"
import { build } from "esbuild"

const root = fileURLToPath(new URL("..", import.meta.url))
const chunks = "internal/bundled"

// Delete the chunks of earlier builds. This build does not overwrite them, because their names differ.
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
  // Bundle the compiled core, as in the published package. Without this alias, esbuild would bundle core's sources.
  alias: { "@mammoth-effect/core": join(root, "../core/dist") },
  external: ["csv-parse"],
  metafile: true,
  logLevel: "warning"
})

/** Returns the folder of the package that contains a file. Returns `undefined` for the SDK's own files. */
const packageOf = (file) => {
  const [, folder] = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file.split(sep).join("/")) ?? []
  return folder
}

// Find the packages whose code is in the bundles. Every copy of this code must contain the licences of these packages.
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

// Delete the source maps that tsc wrote, because they describe the files that the bundles have replaced.
await Promise.all(entries.map((entry) => rm(join(root, `dist/bundled/${entry}.js.map`), { force: true })))

const strangers = Object.values(metafile.outputs)
  .flatMap(({ imports }) => imports)
  .filter(({ external, path }) => external && !path.startsWith("csv-parse"))
if (strangers.length > 0)
  throw new Error(
    `A bundle imports ${strangers.map(({ path }) => path).join(", ")}. Remove this import: only csv-parse is allowed`
  )
