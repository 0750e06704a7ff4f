import { mergeConfig } from "vitest/config"
import shared from "../../vitest.shared.js"

// these tests mostly wait, for leases and back-offs to end
export default mergeConfig(shared, { test: { maxConcurrency: 4 } })
