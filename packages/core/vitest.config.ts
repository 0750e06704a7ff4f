import { mergeConfig } from "vitest/config"
import shared from "../../vitest.shared.js"

// Turn off isolation, because these tests share no state. A worker then loads the modules only once for all files, so the
// tests take a third of the time that they take with isolation.
export default mergeConfig(shared, { test: { isolate: false } })
