import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { matrix, page } from "./support/FaultMatrix.js"
import * as Server from "./support/Server.js"

describe("docs/fault-matrix.md", () => {
  it.live(
    "matches the result of a new run of every operation against every fault",
    () =>
      Effect.gen(function* () {
        const written = readFileSync(new URL("../../../docs/fault-matrix.md", import.meta.url), "utf8")
        assert.strictEqual(written, yield* page, "refresh it with: npx -y pnpm@12 faults")
      }),
    60_000
  )

  it.live(
    "matches the result of a run without sockets, except for a 421, which fetch itself retries",
    () =>
      Effect.gen(function* () {
        const written = readFileSync(new URL("../../../docs/fault-matrix.md", import.meta.url), "utf8")
        const lines = (yield* matrix(Server.layerInProcess)).split("\n")
        assert.includeMembers(
          written.split("\n").map((line) => line.replaceAll(/ +/g, " ")),
          lines.filter((line) => !line.startsWith("| 421 ") && !line.startsWith("| ---"))
        )
      }),
    60_000
  )
})
