import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { page } from "./support/FaultMatrix.js"

describe("docs/fault-matrix.md", () => {
  it.live(
    "is what a new run finds",
    () =>
      Effect.gen(function* () {
        const written = readFileSync(new URL("../../../docs/fault-matrix.md", import.meta.url), "utf8")
        assert.strictEqual(written, yield* page, "refresh it with: npx -y pnpm@12 faults")
      }),
    60_000
  )
})
