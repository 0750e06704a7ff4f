import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { expect, it } from "@effect/vitest"

it("docs/cli.md is the help of the built command", () => {
  const script = fileURLToPath(new URL("../scripts/docs.mjs", import.meta.url))
  expect(spawnSync(process.execPath, [script, "--check"], { encoding: "utf8" })).toMatchObject({
    status: 0,
    stderr: ""
  })
})
