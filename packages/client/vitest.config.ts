import { existsSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { defineConfig, type Plugin, type ViteUserConfig } from "vitest/config"
import shared from "../../vitest.shared.js"

/** Leads imports of `promise`, `promiseCsv` and `promiseNdjson` in tests to the bundles that `pnpm build` makes of them. */
const bundles: Plugin = {
  name: "bundles",
  enforce: "pre",
  resolveId: (id, importer) => {
    const [, name] = /\/src\/(promise\w*)\.js$/.exec(id) ?? []
    if (name === undefined || importer?.startsWith(import.meta.dirname) !== true) return undefined
    const bundle = fileURLToPath(new URL(`dist/bundled/${name}.js`, import.meta.url))
    if (!existsSync(bundle)) throw new Error(`${bundle} is missing: run pnpm build`)
    return bundle
  }
}

const config: ViteUserConfig = defineConfig({
  test: {
    ...shared.test,
    projects: [
      { test: { ...shared.test, name: "src" } },
      {
        plugins: [bundles],
        test: { ...shared.test, name: "bundled", include: ["test/{promise,promiseRows}.test.ts"] }
      }
    ]
  }
})

export default config
