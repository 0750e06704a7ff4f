import { mergeConfig } from "vitest/config"
import shared from "../../vitest.shared.js"

// These tests share no state. Without isolation, a worker loads the modules once for all files, in a third of the time.
export default mergeConfig(shared, { test: { isolate: false } })
