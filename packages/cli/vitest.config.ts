import { mergeConfig } from "vitest/config"
import shared from "../../vitest.shared.js"

// Allow each test 60 seconds, because most tests start the built command several times.
export default mergeConfig(shared, { test: { testTimeout: 60_000 } })
