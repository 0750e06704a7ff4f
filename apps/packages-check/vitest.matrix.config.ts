/** Configures `pnpm packages`, which runs every check, in each runtime, package manager and bundler. */
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

// set these after the merge, because a merge appends to lists
config.test = {
  ...config.test,
  include: ["test/**/*.test.ts", "matrix/**/*.test.ts"],
  reporters: process.env["GITHUB_ACTIONS"] === undefined ? ["verbose"] : ["verbose", "github-actions"]
}

export default config
