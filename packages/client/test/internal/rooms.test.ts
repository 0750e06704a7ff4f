import { readdirSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"

const internal = fileURLToPath(new URL("../../src/internal/", import.meta.url))

/** The folders that each folder of `internal` may import. No other imports are allowed. */
const arrows: Readonly<Record<string, ReadonlyArray<string>>> = {
  codec: [],
  http: [],
  options: [],
  sources: ["codec", "options"],
  operations: ["codec", "http"],
  ingest: ["codec", "http", "options"],
  promise: ["codec", "http", "operations", "options", "sources"]
}

describe("The folders of the client's internal code", () => {
  it("are all listed in this test", () => {
    assert.sameMembers(readdirSync(internal), Object.keys(arrows))
  })

  for (const [room, allowed] of Object.entries(arrows)) {
    it(`${room} imports ${allowed.length === 0 ? "no other folder" : `only ${allowed.join(" and ")}`}`, () => {
      const sources = readdirSync(`${internal}${room}`).map((file) =>
        readFileSync(`${internal}${room}/${file}`, "utf8")
      )
      const imported = sources.flatMap((source) =>
        Array.from(source.matchAll(/from "\.\.\/(\w+)\//g), ([, name]) => name)
      )
      assert.sameMembers([...new Set(imported)], [...allowed])
    })
  }
})
