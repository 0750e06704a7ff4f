/**
 * The test settings that all packages and apps share.
 */
import { fileURLToPath } from "node:url"
import { defineConfig, type ViteUserConfig } from "vitest/config"

const config: ViteUserConfig = defineConfig({
  test: {
    setupFiles: [fileURLToPath(new URL("./properties.shared.ts", import.meta.url))],
    include: ["test/**/*.test.ts"],
    maxWorkers: 2,
    reporters: ["default", "json"],
    outputFile: { json: "reports/vitest.json" },
    testTimeout: 20_000
  }
})

export default config
