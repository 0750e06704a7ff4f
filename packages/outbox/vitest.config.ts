import { mergeConfig } from "vitest/config"
import shared from "../../vitest.shared.js"

// Run at most four tests at the same time. These tests mostly wait for leases and backoffs to end.
export default mergeConfig(shared, { test: { maxConcurrency: 4 } })
