// Bundles the command. Code that only some commands need is in chunks of its own, and loads with them.
import { cp, readFile, rm } from "node:fs/promises"
import { fileURLToPath } from "node:url"
import { build } from "esbuild"

const here = (path) => fileURLToPath(new URL(path, import.meta.url))
const { version } = JSON.parse(await readFile(here("../package.json"), "utf8"))

/** The page of the emulator lies beside its sources, and has to lie beside the bundle. */
const emulatorPage = {
  name: "emulator-page",
  setup(build) {
    build.onLoad({ filter: /emulator\/src\/internal\/socket\/pageFile\.ts$/ }, async ({ path }) => {
      const source = await readFile(path, "utf8")
      const contents = source.replace('"../../../page/index.html"', '"./page/index.html"')
      if (contents === source) throw new Error(`${path} does not name its page`)
      return { contents, loader: "ts" }
    })
  }
}

await rm(here("../dist"), { recursive: true, force: true })
await build({
  entryPoints: [here("../src/bin.ts")],
  outdir: here("../dist"),
  bundle: true,
  splitting: true,
  minify: true,
  platform: "node",
  format: "esm",
  target: "node20",
  define: { MAMMOTH_WEBHOOKS_VERSION: JSON.stringify(version) },
  // these have native parts; pg looks for the second by itself, and does without
  external: ["@libsql/client", "pg-native"],
  // packages in CommonJS ask for Node's modules with `require`
  banner: {
    js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);'
  },
  plugins: [emulatorPage],
  logLevel: "warning"
})
await cp(here("../../emulator/page"), here("../dist/page"), { recursive: true })
