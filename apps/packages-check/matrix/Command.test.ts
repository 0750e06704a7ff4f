/** The command `mammoth-webhooks`, installed from its tarball. */
import { existsSync, readdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assumeCombine } from "@mammoth-effect/client/promise"
import { openOutbox } from "@mammoth-effect/outbox/promise"
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

  it("runs without effect and without the other packages of the SDK", () => {
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

  const status = (...flags: ReadonlyArray<string>) =>
    run(process.execPath, command("outbox", "status", "orders", ...flags), { cwd: directory })

  it("counts the rows of an outbox in SQLite", async () => {
    const orders = await openOutbox<{ readonly id: number }>(
      { sqlite: join(directory, "outbox.db") },
      { name: "orders", webhook: assumeCombine("g7rHe3mUqUGPEpnc4XxeDWJa"), id: (order) => `order-${order.id}` }
    )
    await orders.offer({ id: 1 })
    await orders.close()

    const { code, stdout, stderr } = await status("--file", "outbox.db", "--json")
    assert.strictEqual(code, 0, stderr)
    assert.nestedPropertyVal(JSON.parse(stdout), "data.pending", 1)
  })

  it("refuses a SQLite file without an outbox", async () => {
    writeFileSync(join(directory, "empty.db"), "")
    const { code, stderr } = await status("--file", "empty.db")
    assert.strictEqual(code, 3, stderr)
    assert.include(stderr, 'the database has no table "mammoth_outbox"')
  })
})
