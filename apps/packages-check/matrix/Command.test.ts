/** The command `mammoth-webhooks`, installed from its tarball. */
import { existsSync, readdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, beforeAll, describe, it } from "vitest"
import * as Project from "../src/Project.js"
import { run, succeed } from "../src/Run.js"
import { peers } from "../src/Workspace.js"

describe("the installed command", () => {
  let directory: string

  beforeAll(async () => {
    directory = await Project.make({ only: ["@mammoth-effect/cli"], without: [...peers.keys()] })
  })

  const command = (...args: ReadonlyArray<string>) => [
    join(directory, "node_modules/@mammoth-effect/cli/dist/bin.js"),
    ...args
  ]

  it("installs neither effect nor the other packages", () => {
    assert.isFalse(existsSync(join(directory, "node_modules/effect")))
    assert.deepStrictEqual(readdirSync(join(directory, "node_modules/@mammoth-effect")), ["cli"])
  })

  it("prints its help, its version, and the missing settings", async () => {
    assert.include(
      await succeed(process.execPath, command("--help"), { cwd: directory }),
      "Usage: mammoth-webhooks COMMAND"
    )
    assert.match(await succeed(process.execPath, command("--version"), { cwd: directory }), /^\d+\.\d+\.\d+/)
    const { code, stderr } = await run(process.execPath, command("list", "--workspace", "4", "--project", "5"), {
      cwd: directory
    })
    assert.strictEqual(code, 3)
    assert.include(stderr, "MAMMOTHANALYTICS_API_KEY")
  })

  it("prints the status of an outbox in SQLite", async () => {
    // Create an empty file, which SQLite reads as a database without tables.
    writeFileSync(join(directory, "outbox.db"), "")
    const { code, stdout, stderr } = await run(
      process.execPath,
      command("outbox", "status", "orders", "--file", "outbox.db"),
      { cwd: directory }
    )
    assert.strictEqual(code, 0, stderr)
    assert.include(stdout, "0")
  })
})
