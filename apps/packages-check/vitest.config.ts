/** The test settings of `pnpm test`, which runs the quick checks. */
import { defineConfig, mergeConfig, type ViteUserConfig } from "vitest/config"
import shared from "../../vitest.shared.js"

const config: ViteUserConfig = mergeConfig(
  shared,
  defineConfig({ test: { globalSetup: "src/Tarballs.ts", testTimeout: 120_000, hookTimeout: 240_000 } })
)

export default config
