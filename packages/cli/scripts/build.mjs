// Bundles the command. Code that only some commands need is in chunks of its own, and loads with them.
import { cp, readFile, rm } from "node:fs/promises"
import { dirname } from "node:path"
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

/**
 * Leaves Ajv out, which has 155 kB: the server of `src/internal/mcp/server.ts` has a validator of its own, and validates
 * what tools receive and return with their schemas.
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
 * Makes one file of `src/internal/program.ts`, of what most commands need, and of all that these import. esbuild puts
 * modules into the same file if the same entries import them. So each part that is loaded later imports all of the program
 * first, which is loaded by then. Without this, `list` would load more than 40 files, and each takes time.
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
  // these have native parts; pg looks for the second by itself, and does without
  external: ["@libsql/client", "pg-native"],
  // packages in CommonJS ask for Node's modules with `require`
  banner: {
    js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);'
  },
  plugins: [emulatorPage, noAjv, oneProgram],
  logLevel: "warning"
})
await cp(here("../../emulator/page"), here("../dist/page"), { recursive: true })
