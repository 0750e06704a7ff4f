import { mergeConfig } from "vitest/config"
import shared from "../../vitest.shared.js"

// These tests share no state, so that all files of a worker load the modules once: in a third of the time.
export default mergeConfig(shared, { test: { isolate: false } })
