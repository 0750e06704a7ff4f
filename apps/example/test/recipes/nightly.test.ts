/** Runs the nightly job of docs/promises.md on a file with broken lines. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { startEmulator } from "@mammoth-effect/emulator/promise"
import { afterAll, assert, describe, it, onTestFinished } from "vitest"
import { start } from "../Run.js"

const folder = mkdtempSync(join(tmpdir(), "nightly-"))
afterAll(() => rmSync(folder, { recursive: true }))

/** The lines of the file. Every twentieth line is broken: alternately, the last field is missing or the total is empty. */
const lines = Array.from({ length: 400 }, (_, index) => {
  const id = index + 1
  if (id % 40 === 0) return `${id},Ada`
  return id % 20 === 0 ? `${id},Ada,` : `${id},"Ada, Countess",${id / 2}`
})

describe("the nightly job", () => {
  it("reports the line number and the outcome of each of 20 broken lines", async () => {
    const emulator = await startEmulator()
    onTestFinished(() => emulator.close())
    const file = join(folder, "orders.csv")
    writeFileSync(file, ["id,customer,total", ...lines].join("\n"))

    const { code, stderr, stdout } = await (
      await start("test/recipes/nightly.js", { env: emulator.env, args: [file] })
    ).ended
    assert.strictEqual(stderr, "")
    assert.strictEqual(code, 1)

    const told = stdout.trimEnd().split("\n")
    // The broken lines begin at line 21, because the header is line 1.
    const expected = Array.from(
      { length: 20 },
      (_, index) => `line ${index * 20 + 21}: ${index % 2 === 0 ? "refused" : "skipped"}`
    )
    assert.sameMembers(
      told.slice(0, -1).map((line) => /^line \d+: \w+/.exec(line)?.[0] ?? line),
      expected
    )
    assert.match(told.at(-1) ?? "", /^380 of 400 lines were accepted/)
    assert.sameDeepMembers(
      [...emulator.rows({ id: 1 })],
      lines.flatMap((_, index) => {
        const id = index + 1
        return id % 20 === 0 ? [] : [{ id, customer: "Ada, Countess", total: id / 2 }]
      })
    )
  }, 60_000)

  it("reports the lines in flight when SIGTERM stops it", async () => {
    const emulator = await startEmulator()
    onTestFinished(() => emulator.close())
    const file = join(folder, "orders-stopped.csv")
    writeFileSync(file, "id,customer,total\n1,Ada,2\n2,Eve,3\n")
    emulator.fail({ operation: "addData", fault: "stall", times: "every" })

    const job = await start("test/recipes/nightly.js", { env: emulator.env, args: [file] })
    onTestFinished(() => void job.kill("SIGKILL"))
    while (emulator.requests.filter(({ operation }) => operation === "addData").length < 2) {
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    job.kill("SIGTERM")
    const { code, stderr, stdout } = await job.ended
    assert.strictEqual(code, 1)
    assert.include(stderr, "the job was told to stop")
    assert.sameMembers(stdout.trimEnd().split("\n"), [
      "line 2: unknown: the job ended before the response",
      "line 3: unknown: the job ended before the response"
    ])
  }, 60_000)
})
