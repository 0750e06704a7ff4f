/** What CI runs besides: every check, in every runtime, package manager and bundler that can be had. */
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

// Merging adds to lists, and these replace them. Each check is a sentence in the output; on GitHub failures are annotated.
config.test = {
  ...config.test,
  include: ["test/**/*.test.ts", "matrix/**/*.test.ts"],
  reporters: process.env["GITHUB_ACTIONS"] === undefined ? ["verbose"] : ["verbose", "github-actions"]
}

export default config
