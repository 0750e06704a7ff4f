// Bundles the command. Puts code that only some commands need into separate files, which only these commands load.
import { cp, readFile, rm } from "node:fs/promises"
import { dirname } from "node:path"
import { fileURLToPath } from "node:url"
import { build } from "esbuild"

const here = (path) => fileURLToPath(new URL(path, import.meta.url))
const { version } = JSON.parse(await readFile(here("../package.json"), "utf8"))

/**
 * Replaces the path of the emulator's page with `./page/index.html`, because the build copies the page into the folder of
 * the bundle.
 */
const emulatorPage = {
  name: "emulator-page",
  setup(build) {
    build.onLoad({ filter: /emulator\/src\/internal\/socket\/pageFile\.ts$/ }, async ({ path }) => {
      const source = await readFile(path, "utf8")
      const contents = source.replace('"../../../page/index.html"', '"./page/index.html"')
      if (contents === source)
        throw new Error(`the path of the emulator's page was not found in ${path}: correct scripts/build.mjs`)
      return { contents, loader: "ts" }
    })
  }
}

/**
 * Leaves Ajv, a validator for JSON Schema, out of the bundle, because Ajv adds 155 kB. The command does not need Ajv: the
 * tools validate their inputs and outputs with Effect schemas. `src/internal/mcp/server.ts` gives the MCP SDK
 * another validator.
 */
const noAjv = {
  name: "no-ajv",
  setup(build) {
    let isLeftOut = false
    build.onLoad({ filter: /@modelcontextprotocol\/server\/dist\/shimsNode\.mjs$/ }, () => {
      isLeftOut = true
      const contents = `export { default as process } from "node:process"
export class DefaultJsonSchemaValidator {
  constructor() { throw new Error("the command has no validator of JSON Schema") }
}`
      return { contents, loader: "js" }
    })
    build.onEnd(() =>
      isLeftOut ? {} : { errors: [{ text: "@modelcontextprotocol/server has no dist/shimsNode.mjs" }] }
    )
  }
}

/**
 * Puts `src/internal/program.ts`, the modules that most commands need, and the imports of all these modules into one file.
 * Without this plugin, `list` would load more than 40 files, and each file takes time.
 *
 * esbuild puts modules into the same file if the same entry points import them. So this plugin adds an import of
 * `program.ts` to each module that is loaded with `import()`. The added import loads nothing new, because `program.ts` is
 * already loaded.
 */
const oneProgram = {
  name: "one-program",
  setup(build) {
    const program = here("../src/internal/program.ts")
    const shared = ["./settings/webhooks.js", "./shell/command.js"]
    build.onLoad({ filter: /cli\/src\/internal\/program\.ts$/ }, async ({ path }) => ({
      contents: shared.map((module) => `import "${module}"\n`).join("") + (await readFile(path, "utf8")),
      loader: "ts"
    }))
    build.onResolve({ filter: /.*/ }, async ({ importer, kind, path, pluginData, resolveDir }) => {
      if (kind !== "dynamic-import" || pluginData === oneProgram) return undefined
      const found = await build.resolve(path, { importer, kind, resolveDir, pluginData: oneProgram })
      return found.external || found.path === program ? found : { path: found.path, namespace: "later" }
    })
    build.onLoad({ filter: /.*/, namespace: "later" }, ({ path }) => ({
      contents: `import ${JSON.stringify(program)}; export * from ${JSON.stringify(path)}`,
      resolveDir: dirname(path)
    }))
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
  // Leave out @libsql/client and pg-native, because they have native parts. The driver pg works without pg-native.
  external: ["@libsql/client", "pg-native"],
  // Define `require`, because packages in CommonJS load Node's modules with it.
  banner: {
    js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);'
  },
  plugins: [emulatorPage, noAjv, oneProgram],
  logLevel: "warning"
})
await cp(here("../../emulator/page"), here("../dist/page"), { recursive: true })
