/** The test settings of `pnpm packages`, which runs every check in each runtime, package manager and bundler. */
import { defineConfig, mergeConfig, type ViteUserConfig } from "vitest/config"
import fast from "./vitest.config.js"

const config: ViteUserConfig = mergeConfig(
  fast,
  defineConfig({
    test: {
      testTimeout: 300_000,
      hookTimeout: 300_000,
      teardownTimeout: 30_000
    }
  })
)

// Set these lists after the merge: a merge would append to them instead of replacing them.
config.test = {
  ...config.test,
  include: ["test/**/*.test.ts", "matrix/**/*.test.ts"],
  reporters: process.env["GITHUB_ACTIONS"] === undefined ? ["verbose"] : ["verbose", "github-actions"]
}

export default config
